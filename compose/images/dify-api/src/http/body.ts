import { header, type HttpRequest } from '../../../shared/src/http-message.ts';
import { apiError, invalidParam } from './errors.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The request's body as a JSON object. Throws the api's error when it is none. */
export function jsonBody(request: HttpRequest): JsonObject {
  if (!/^application\/(.+\+)?json\b/i.test(header(request, 'Content-Type') ?? '')) {
    const message = "Did not attempt to load JSON data because the request Content-Type was not 'application/json'.";
    throw apiError(415, 'unsupported_media_type', message);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(request.body.toString('utf8'));
  } catch {
    throw apiError(400, 'bad_request', 'Invalid JSON payload received or JSON payload is empty.');
  }
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as JsonObject) : {};
}

/** A text of the body. Throws the api's error when it is missing. */
export function requiredText(body: JsonObject, name: string): string {
  const value = body[name];
  if (value === undefined || value === null) {
    throw invalidParam(name, 'Missing required parameter in the JSON body');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A text of the body, or `fallback` when it is not given. */
export function optionalText(body: JsonObject, name: string, fallback = ''): string {
  const value = body[name];
  return typeof value === 'string' ? value : fallback;
}

/** A whole number of the query within its limits. Throws the api's error otherwise. */
export function queryInteger(
  query: URLSearchParams,
  name: string,
  limits: { fallback: number; least: number; most: number },
): number {
  const given = query.get(name);
  if (given === null) return limits.fallback;
  const value = Number(given);
  if (!Number.isInteger(value)) throw invalidParam(name, `invalid literal for int() with base 10: '${given}'`);
  if (value < limits.least || value > limits.most) {
    throw invalidParam(
      name,
      `Invalid ${name}: ${value}. ${name} must be within the range ${limits.least} - ${limits.most}`,
    );
  }
  return value;
}

/** The address of the user, behind whatever proxies stand in front. */
export function remoteAddress(request: HttpRequest): string {
  const forwarded = header(request, 'X-Forwarded-For')?.split(',')[0]?.trim();
  return header(request, 'CF-Connecting-IP') ?? (forwarded || request.peer.replace(/^::ffff:/, ''));
}
