import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../../shared/src/http-message.ts';
import { log, reason } from '../../../shared/src/log.ts';
import { json, methodNotAllowed, notFound, options, redirect } from './answers.ts';
import { ApiError, internalServerError, methodNotAllowedError } from './errors.ts';

/** The groups that Dify's rules are in. Each has its own rule for errors and for requests from other origins. */
export type Blueprint = 'console' | 'web' | 'service_api' | 'files' | 'inner_api' | 'plain';

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
}

interface CompiledRule extends Rule {
  pattern: RegExp;
  names: readonly string[];
}

/** In the order in which the real 1.5.0 named them when asked. */
const methodOrder = ['GET', 'OPTIONS', 'POST', 'HEAD', 'PUT', 'DELETE', 'PATCH'] as const;

/**
 * Routes as Flask and Werkzeug do (decoded path, strict slashes, automatic HEAD and OPTIONS, the api's JSON errors) and
 * puts `always` on every answer, redirects and 404s too: the marks by which the api's answers are known.
 */
export function flaskApp(rules: readonly Rule[], always: Readonly<Record<string, string>>): HttpHandler {
  const compiled = rules.map(compile);
  return async (request) => {
    const answer = await dispatch(compiled, request);
    return { ...answer, headers: { Server: 'gunicorn', ...answer.headers, ...always } };
  };
}

async function dispatch(rules: readonly CompiledRule[], request: HttpRequest): Promise<HttpAnswer> {
  const path = routedPath(request.path);
  const found = find(rules, path);
  if (!found) {
    const other = [`${path}/`, path.replace(/\/{2,}/g, '/')].find((near) => near !== path && find(rules, near));
    return other === undefined ? notFound() : redirect(absolute(request, other));
  }
  const { rule, params } = found;
  const answer = await answered(rule, params, request);
  return { ...answer, headers: { ...crossOrigin(rule.blueprint, request), ...answer.headers } };
}

async function answered(
  rule: CompiledRule,
  params: Readonly<Record<string, string>>,
  request: HttpRequest,
): Promise<HttpAnswer> {
  const allow = allowed(rule).join(', ');
  if (request.method === 'OPTIONS') return options(allow);
  const view = rule.views[(request.method === 'HEAD' ? 'GET' : request.method) as Method];
  try {
    if (view) return await view({ request, params, query: new URLSearchParams(request.query) });
    if (rule.blueprint === 'plain') return methodNotAllowed(allow);
    throw methodNotAllowedError;
  } catch (error) {
    if (error instanceof ApiError) return json(error.body, error.status);
    log(`${request.method} ${request.path}: ${reason(error)}`);
    return json(internalServerError.body, internalServerError.status);
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

function absolute(request: HttpRequest, path: string): string {
  const host = header(request, 'Host') ?? 'localhost';
  const query = request.query === '' ? '' : `?${request.query}`;
  return `http://${host}${encodeURI(path)}${query}`;
}

function allowed(rule: Rule): string[] {
  return methodOrder.filter((method) => {
    if (method === 'OPTIONS') return true;
    return rule.views[method === 'HEAD' ? 'GET' : method] !== undefined;
  });
}

/** The headers of Flask-CORS: the open groups always name every origin, the signed-in ones answer to an Origin only. */
function crossOrigin(blueprint: Blueprint, request: HttpRequest): Record<string, string> {
  if (blueprint === 'service_api' || blueprint === 'files') return { 'Access-Control-Allow-Origin': '*' };
  const origin = header(request, 'Origin');
  if (origin === undefined || (blueprint !== 'console' && blueprint !== 'web')) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Credentials': 'true',
    'Access-Control-Expose-Headers': 'X-Env, X-Version',
    Vary: 'Origin',
  };
}
