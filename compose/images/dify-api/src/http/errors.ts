import { STATUS_CODES } from 'node:http';
import type { HttpAnswer } from '../../../shared/src/http-message.ts';
import { json, jsonified, notKnown } from './answers.ts';

/** An error that Dify's api answers with a status and a JSON body. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: number, body: Readonly<Record<string, unknown>>) {
    super(typeof body['message'] === 'string' ? body['message'] : `status ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** The real api answers this, and this stand-in does not know how: refused by name, never guessed. */
export class NotKnown extends Error {
  readonly what: string;

  constructor(what: string) {
    super(`this stand-in does not know ${what}`);
    this.what = what;
  }
}

/** An error of the form `{"code", "message", "status"}`, which most of Dify's have. */
export function apiError(status: number, code: string, message: string): ApiError {
  return new ApiError(status, { code, message, status });
}

export function unauthorized(message: string): ApiError {
  return apiError(401, 'unauthorized', message);
}

/** A parameter that is missing or wrong; unlike the others this form has no status in its body. */
export function invalidParam(name: string, message: string): ApiError {
  return new ApiError(400, { code: 'invalid_param', message, params: name });
}

export const methodNotAllowedError = apiError(
  405,
  'method_not_allowed',
  'The method is not allowed for the requested URL.',
);

/** Flask's `abort(403)`. */
export const forbidden = apiError(
  403,
  'forbidden',
  "You don't have the permission to access the requested resource. It is either read-protected or not readable by the server.",
);

export const notInitValidated = apiError(
  401,
  'not_init_validated',
  'Init validation has not been completed yet. Please proceed with the init validation process first.',
);

export const initValidateFailed = apiError(
  401,
  'init_validate_failed',
  'Init validation failed. Please check the password and try again.',
);

export const notSetup = apiError(
  401,
  'not_setup',
  'Dify has not been initialized and installed yet. Please proceed with the initialization and installation process first.',
);

export const alreadySetup = apiError(
  403,
  'already_setup',
  'Dify has been successfully installed. Please refresh the page or return to the dashboard homepage.',
);

/** What any other error becomes, a store out of reach among them. */
export const internalServerError = new ApiError(500, { message: 'Internal Server Error', code: 'unknown' });

/** What FastOpenAPI 0.7 calls an error of a status. */
const TYPES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  401: 'authentication_error',
  403: 'authorization_error',
  404: 'resource_not_found',
};

/** Who writes the errors of a route: Flask-RESTful up to 1.7, Flask-RESTX since, with pydantic from 1.11 on, FastOpenAPI for some. */
export type ErrorStyle = 'restful' | 'restx' | 'pydantic' | 'fastopenapi';

/** An error as the framework in front of its route writes it. */
export function refused(error: ApiError, style: ErrorStyle): HttpAnswer {
  const { status, body } = error;
  // What is said of a parameter is in the words of another library there, and none of them was recorded.
  if (style !== 'restful' && body['code'] === 'invalid_param' && body['status'] === undefined) {
    const { params, message } = body;
    // The parser of Flask-RESTX; from 1.11 on it is pydantic.
    return style === 'restx' && typeof params === 'string' && String(message).startsWith('Missing required parameter')
      ? json({ errors: { [params]: message }, message: 'Input payload validation failed' }, status)
      : notKnown('how this release refuses a parameter');
  }
  if (style === 'fastopenapi') {
    const type = TYPES[status];
    if (type === undefined) return notKnown(`how this release tells ${status} here`);
    return jsonified({ error: { message: STATUS_CODES[status], status, type } }, status);
  }
  if (style === 'restful') return json(body, status);
  const answer = json({ ...body, status }, status);
  return status === 401
    ? { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': 'Bearer realm="api"' } }
    : answer;
}
