import type { Blueprint } from './blueprint.ts';
import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../../shared/src/http-message.ts';
import { log, reason } from '../../../shared/src/log.ts';
import { brokenPage, methodNotAllowed, notFound, notKnown, options, redirect } from './answers.ts';
import { corsHeaders, type Origins } from './cors.ts';
import { ApiError, internalServerError, methodNotAllowedError, NotKnown, refused, type ErrorStyle } from './errors.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A request that a rule has matched. */
export interface Matched {
  request: HttpRequest;
  /** The parts of the path that the rule names. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
}

export type View = (matched: Matched) => Promise<HttpAnswer> | HttpAnswer;

export interface Rule {
  /** As in Flask: `/console/api/apps/<uuid:app_id>`; `<name>` is any one segment. */
  path: string;
  blueprint: Blueprint;
  views: Partial<Record<Method, View>>;
  /** FastOpenAPI serves it, beside Flask's own rules: its errors have another form. */
  fastOpenApi?: boolean;
}

interface CompiledRule extends Rule {
  pattern: RegExp;
  names: readonly string[];
}

/** In the order in which the real 1.5.0 named them when asked. */
const methodOrder = ['GET', 'OPTIONS', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH'] as const;

export interface FlaskOptions {
  /** On every answer, redirects and 404s too: the marks by which the api's answers are known. */
  always: Readonly<Record<string, string>>;
  /** Which pages of other origins may read the answers. */
  origins: Origins;
  /** Scheme and port that a proxy in front names are believed (Werkzeug's ProxyFix). */
  behindProxy: boolean;
  /** Who writes the errors, where nobody else does for a rule. */
  errors: Exclude<ErrorStyle, 'fastopenapi'>;
  /** What keeps a request from being answered as the real api would; undefined: nothing. */
  unknown: (request: HttpRequest) => string | undefined;
  /** The same of a path that no rule takes, decoded. */
  unknownRoute: (method: string, path: string) => string | undefined;
}

/** Routes as Flask and Werkzeug do: decoded path, strict slashes, automatic HEAD and OPTIONS, the api's JSON errors. */
export function flaskApp(rules: readonly Rule[], flask: FlaskOptions): HttpHandler {
  const compiled = rules.map(compile);
  return async (request) => {
    const unknown = flask.unknown(request);
    const answer = unknown === undefined ? await dispatch(compiled, request, flask) : notKnown(unknown);
    return { ...answer, headers: { Server: 'gunicorn', ...answer.headers, ...flask.always } };
  };
}

async function dispatch(
  rules: readonly CompiledRule[],
  request: HttpRequest,
  { origins, behindProxy, errors, unknownRoute }: FlaskOptions,
): Promise<HttpAnswer> {
  const path = routedPath(request.path);
  const found = find(rules, path);
  if (!found) {
    const other = [`${path}/`, path.replace(/\/{2,}/g, '/')].find((near) => near !== path && find(rules, near));
    if (other !== undefined) return redirect(absolute(request, other, behindProxy));
    const unknown = unknownRoute(request.method, path);
    return unknown === undefined ? notFound() : notKnown(unknown);
  }
  const { rule, params } = found;
  const answer = await answered(rule, params, request, rule.fastOpenApi ? 'fastopenapi' : errors);
  return { ...answer, headers: { ...corsHeaders(rule.blueprint, request, origins), ...answer.headers } };
}

async function answered(
  rule: CompiledRule,
  params: Readonly<Record<string, string>>,
  request: HttpRequest,
  errors: ErrorStyle,
): Promise<HttpAnswer> {
  const allow = allowed(rule).join(', ');
  if (request.method === 'OPTIONS') return options(allow);
  const view = rule.views[(request.method === 'HEAD' ? 'GET' : request.method) as Method];
  try {
    if (view) return await view({ request, params, query: new URLSearchParams(request.query) });
    if (rule.blueprint === 'plain' || rule.fastOpenApi) return methodNotAllowed(allow);
    throw methodNotAllowedError;
  } catch (error) {
    if (error instanceof NotKnown) return notKnown(error.what);
    if (error instanceof ApiError) return refused(error, errors);
    log(`${request.method} ${request.path}: ${reason(error)}`);
    return rule.fastOpenApi ? brokenPage() : refused(internalServerError, errors);
  }
}

function compile(rule: Rule): CompiledRule {
  const names: string[] = [];
  const source = rule.path.replace(/<(?:(uuid|string):)?(\w+)>/g, (_whole, kind: string | undefined, name: string) => {
    names.push(name);
    return kind === 'uuid' ? '([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})' : '([^/]+)';
  });
  return { ...rule, names, pattern: new RegExp(`^${source.replaceAll('.', '\\.')}$`) };
}

function find(
  rules: readonly CompiledRule[],
  path: string,
): { rule: CompiledRule; params: Record<string, string> } | undefined {
  for (const rule of rules) {
    const match = rule.pattern.exec(path);
    if (!match) continue;
    const params = Object.fromEntries(rule.names.map((name, position) => [name, match[position + 1] ?? '']));
    return { rule, params };
  }
  return undefined;
}

/** The path as Werkzeug matches it: decoded, with one slash at its start however many were sent. */
function routedPath(path: string): string {
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // Not valid UTF-8: no rule will match it.
  }
  return `/${decoded.replace(/^\/+/, '')}`;
}

function absolute(request: HttpRequest, path: string, behindProxy: boolean): string {
  const told = (name: string) => (behindProxy ? lastOf(header(request, name)) : undefined);
  const host = header(request, 'Host') ?? 'localhost';
  const port = told('X-Forwarded-Port');
  const scheme = told('X-Forwarded-Proto') ?? 'http';
  const usual = port === (scheme === 'https' ? '443' : '80');
  const authority = port === undefined ? host : `${host.replace(/:\d+$/, '')}${usual ? '' : `:${port}`}`;
  const query = request.query === '' ? '' : `?${request.query}`;
  return `${scheme}://${authority}${encodeURI(path)}${query}`;
}

/** ProxyFix believes the nearest proxy, whose value is the last one. */
function lastOf(values: string | undefined): string | undefined {
  return values?.split(',').at(-1)?.trim() || undefined;
}

function allowed(rule: Rule): string[] {
  return methodOrder.filter((method) => {
    if (method === 'OPTIONS') return true;
    return rule.views[method === 'HEAD' ? 'GET' : method] !== undefined;
  });
}
