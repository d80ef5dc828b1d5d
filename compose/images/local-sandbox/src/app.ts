import type { Environment } from '../../shared/src/environment.ts';
import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../shared/src/http-message.ts';
import { log, reason } from '../../shared/src/log.ts';
import { notKnown } from '../../shared/src/not-known.ts';
import { JobError, type Jobs, type Wait } from './jobs.ts';

/** Numbers of shellctl in 1.16.1 (dify-agent-runtime, internal/server/config.go). */
const DEFAULTS = {
  timeoutSeconds: 30,
  idleFlushSeconds: 0.5,
  outputLimit: 16_384,
  graceSeconds: 10,
  list: 50,
} as const;
const LIMITS = { output: 524_288, list: 200 } as const;

export interface ShellctlOptions {
  jobs: Jobs;
  /** What a bearer must show; '': everybody may. */
  token: string;
  /** Where a script runs that names no folder. */
  home: string;
  env: Environment;
}

/**
 * shellctl's HTTP side, as the source of 1.16.1 has it (dify-agent-runtime, internal/server/api.go): a public health route, jobs
 * behind the token where there is one.
 */
export function shellctlApp(options: ShellctlOptions): HttpHandler {
  return async (request) => {
    const { method, path } = request;
    if (path === '/healthz')
      return method === 'GET' || method === 'HEAD' ? json(200, { status: 'ok' }) : notAllowed('GET, HEAD');
    const route = routeOf(path);
    if (!route) return plain(404, '404 page not found\n');
    const serve = route.views[method === 'HEAD' ? 'GET' : method];
    if (!serve) return notAllowed(Object.keys(route.views).join(', '));
    if (options.token !== '' && header(request, 'Authorization') !== `Bearer ${options.token}`) {
      return failed(401, 'unauthorized', 'Missing or invalid bearer token');
    }
    try {
      return await serve(options, request, route.id);
    } catch (error) {
      if (error instanceof JobError) return failed(error.status, error.code, error.message);
      log(`${method} ${path}: ${reason(error)}`);
      return failed(500, 'internal_error', reason(error));
    }
  };
}

type View = (options: ShellctlOptions, request: HttpRequest, id: string) => Promise<HttpAnswer> | HttpAnswer;

const JOB: Record<string, Record<string, View>> = {
  '': {
    GET: ({ jobs }, _request, id) => json(200, jobs.status(id)),
    DELETE: async ({ jobs }, { query }, id) => {
      const given = new URLSearchParams(query);
      const grace = Number(given.get('grace_seconds') ?? DEFAULTS.graceSeconds);
      return json(200, await jobs.delete(id, given.get('force') === 'true', grace));
    },
  },
  '/wait': {
    POST: async ({ jobs }, request, id) => {
      const body = bodyOf(request);
      return json(200, await jobs.wait(id, { ...waitOf(body), timeoutSeconds: number(body, 'timeout', 0) }));
    },
  },
  '/log/tail': {
    GET: ({ jobs }, { query }, id) => {
      const asked = positive(new URLSearchParams(query).get('output_limit'), DEFAULTS.outputLimit);
      return json(200, jobs.tail(id, Math.min(asked, LIMITS.output)));
    },
  },
  // Its terminal answers what is typed.
  '/input': { POST: () => notKnown('what is typed into a job') },
  '/terminate': {
    POST: async ({ jobs }, request, id) => {
      const body = request.body.length === 0 ? {} : bodyOf(request);
      return json(200, await jobs.terminate(id, number(body, 'grace_seconds', DEFAULTS.graceSeconds)));
    },
  },
};

const ALL: Record<string, View> = {
  GET: ({ jobs }, { query }) => {
    const given = new URLSearchParams(query);
    const limit = Math.min(positive(given.get('limit'), DEFAULTS.list), LIMITS.list);
    return json(200, jobs.list(given.get('status') || null, limit));
  },
};

function routeOf(path: string): { views: Record<string, View>; id: string } | null {
  if (path === '/v1/jobs') return { views: ALL, id: '' };
  if (path === '/v1/jobs/run') return { views: { POST: run, ...JOB[''] }, id: 'run' };
  const [, id = '', rest = ''] = /^\/v1\/jobs\/([^/]+)(\/.+)?$/.exec(path) ?? [];
  const views = id === '' ? undefined : JOB[rest];
  return views ? { views, id } : null;
}

/** They decide which files a script sees, which is nothing that a program here can take from another. */
const PATHS = ['SHELLCTL_LANDLOCK_RW_PATHS', 'SHELLCTL_LANDLOCK_RO_PATHS', 'SHELLCTL_LANDLOCK_RW_DEV_PATHS'];

async function run({ jobs, home, env }: ShellctlOptions, request: HttpRequest): Promise<HttpAnswer> {
  const body = bodyOf(request);
  const { script, cwd } = body;
  if (typeof script !== 'string' || script === '') throw new JobError(400, 'invalid_request', 'script is required');
  const given = environmentOf(body['env']);
  const set = PATHS.find((name) => env[name] !== undefined);
  if (set !== undefined) return notKnown(set);
  const id = jobs.start({ script, cwd: typeof cwd === 'string' && cwd !== '' ? cwd : home, env: given });
  return json(200, await jobs.wait(id, { ...waitOf(body), offset: 0 }));
}

function environmentOf(value: unknown): Record<string, string> {
  const given = Object.entries((value ?? {}) as Record<string, string>);
  const wrong = (message: string) => new JobError(422, 'validation_error', message);
  for (const [name, text] of given) {
    if (name === '') throw wrong('env names must be non-empty');
    if (name.includes('=')) throw wrong(`env name must not contain '=': ${JSON.stringify(name)}`);
    if (name.includes('\0') || text.includes('\0')) throw wrong('env entries must not contain NUL');
  }
  return Object.fromEntries(given);
}

type Body = Readonly<Record<string, unknown>>;

function bodyOf(request: HttpRequest): Body {
  try {
    const body: unknown = JSON.parse(request.body.toString('utf8'));
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
  } catch {
    // Told below, as the body that is no object.
  }
  throw new JobError(400, 'invalid_request', 'Invalid JSON body');
}

/** What Go reads as nought, it takes for not given. */
function waitOf(body: Body): Wait {
  return {
    offset: number(body, 'offset', 0),
    timeoutSeconds: number(body, 'timeout', 0) || DEFAULTS.timeoutSeconds,
    outputLimit: number(body, 'output_limit', 0) || DEFAULTS.outputLimit,
    idleFlushSeconds: number(body, 'idle_flush_seconds', 0) || DEFAULTS.idleFlushSeconds,
  };
}

function number(body: Body, name: string, fallback: number): number {
  const value = body[name] ?? fallback;
  if (typeof value !== 'number') throw new JobError(400, 'invalid_request', 'Invalid JSON body');
  return value;
}

function positive(text: string | null, fallback: number): number {
  const value = Number.parseInt(text ?? '', 10);
  return value > 0 ? value : fallback;
}

function json(status: number, value: unknown): HttpAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}

function failed(status: number, code: string, message: string): HttpAnswer {
  return json(status, { error: { code, message } });
}

function plain(status: number, body: string, headers: Record<string, string> = {}): HttpAnswer {
  const kept = { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...headers };
  return { status, headers: kept, body };
}

const notAllowed = (allow: string) => plain(405, 'Method Not Allowed\n', { Allow: allow });
