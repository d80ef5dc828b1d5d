import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../shared/src/http-message.ts';
import { reason } from '../../shared/src/log.ts';
import type { SandboxConfiguration } from './configuration.ts';
import { limiter, type Limiter } from './limiter.ts';
import { runCode, type Language } from './runner.ts';

/** Packages that the real sandbox offers to Python code; told by its dependencies route. */
const pythonDependencies = [
  { name: 'httpx', version: '0.27.2' },
  { name: 'jinja2', version: '3.0.3' },
  { name: 'requests', version: '2.31.0' },
];

/**
 * The sandbox's HTTP side, as measured on 0.2.12 (gin): a public health route, everything else behind its key.
 * Code runs as `user` when one is given.
 */
export function sandboxApp(configuration: SandboxConfiguration, user?: number): HttpHandler {
  const limits = limiter(configuration.maxRequests, configuration.maxWorkers);
  return async (request) => {
    const route = `${request.method} ${request.path}`;
    if (route === 'GET /health') return json(200, 'ok');
    const known = ['POST /v1/sandbox/run', 'GET /v1/sandbox/dependencies', 'GET /v1/sandbox/dependencies/refresh'];
    if (!known.includes(route) && route !== 'POST /v1/sandbox/dependencies/update') {
      return { status: 404, headers: { 'Content-Type': 'text/plain' }, body: '404 page not found' };
    }
    if (header(request, 'X-Api-Key') !== configuration.key) return { status: 401, headers: {}, body: '' };
    if (route !== 'POST /v1/sandbox/run') return dependencies(request);
    return await run(configuration, limits, request, user);
  };
}

interface RunRequest {
  language: string;
  code: string;
  enableNetwork: boolean;
}

async function run(
  configuration: SandboxConfiguration,
  limits: Limiter,
  request: HttpRequest,
  user: number | undefined,
): Promise<HttpAnswer> {
  const wanted = runRequest(request);
  if (typeof wanted === 'string') return json(200, failure(-400, wanted));
  if (!isLanguage(wanted.language)) return json(400, failure(-400, 'unsupported language'));
  if (wanted.enableNetwork && !configuration.enableNetwork) {
    return json(200, failure(-400, 'network is disabled, please enable it in the configuration'));
  }
  const { language } = wanted;
  const result = await limits(() => runCode(language, wanted.code, wanted.enableNetwork, configuration, user)).catch(
    (error: unknown) => reason(error),
  );
  if (result === undefined) return json(503, failure(-503, 'Too many requests'));
  if (typeof result === 'string') return json(200, failure(-500, result));
  return json(200, { code: 0, message: 'success', data: result });
}

/** The request of a run, or what is wrong with it. */
function runRequest(request: HttpRequest): RunRequest | string {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch (error) {
    return reason(error);
  }
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const { language, code } = given;
  if (typeof language !== 'string' || language === '') return missing('Language');
  if (typeof code !== 'string' || code === '') return missing('Code');
  return { language, code, enableNetwork: given['enable_network'] === true };
}

function missing(field: string): string {
  return `Key: '${field}' Error:Field validation for '${field}' failed on the 'required' tag`;
}

function isLanguage(language: string): language is Language {
  return language === 'python3' || language === 'nodejs';
}

function dependencies(request: HttpRequest): HttpAnswer {
  const language =
    request.method === 'GET'
      ? new URLSearchParams(request.query).get('language')
      : /"language"\s*:\s*"(\w+)"/.exec(request.body.toString('utf8'))?.[1];
  if (!language) return json(200, failure(-400, missing('Language')));
  if (language !== 'python3') return json(400, failure(-400, 'unsupported language'));
  const data = request.method === 'GET' ? { dependencies: pythonDependencies } : {};
  return json(200, { code: 0, message: 'success', data });
}

function failure(code: number, message: string): { code: number; message: string; data: null } {
  return { code, message, data: null };
}

function json(status: number, value: unknown): HttpAnswer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}
