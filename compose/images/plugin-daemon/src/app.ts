import { createHash, timingSafeEqual } from 'node:crypto';
import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../shared/src/http-message.ts';
import { log, reason } from '../../shared/src/log.ts';
import { notKnown } from '../../shared/src/not-known.ts';
import { daemonError, json, pageNotFound, slashRedirect, success } from './gin-answers.ts';
import { daemonTraits, isUnknownRoute, type DaemonTraits } from './release.ts';
import type { PluginStore } from './store.ts';

const endpointMethods = new Set(['HEAD', 'POST', 'GET', 'PUT', 'DELETE', 'OPTIONS']);

export interface DaemonOptions {
  store: PluginStore;
  /** SERVER_KEY: what the api must send as X-Api-Key. */
  serverKey: string;
  /** Whose answers it gives; 0.1.2 without it. */
  version?: string;
}

interface Daemon extends Required<DaemonOptions> {
  traits: DaemonTraits;
}

/** The HTTP side of the plugin daemon (gin), as recorded from 0.1.2 and as its source has it for later releases: hooks under `/e/`, management behind its key. */
export function daemonApp(options: DaemonOptions): HttpHandler {
  const version = options.version ?? '0.1.2';
  const daemon: Daemon = { ...options, version, traits: daemonTraits(version) };
  let active = 0;
  return async (request) => {
    active += 1;
    try {
      return await route(daemon, request, active);
    } finally {
      active -= 1;
    }
  };
}

async function route(options: Daemon, request: HttpRequest, active: number): Promise<HttpAnswer> {
  const { method, path } = request;
  if (path === '/health/check' && method === 'GET') return health(options, active);
  const hook = /^\/e\/([^/]+)(\/.*)?$/.exec(path);
  if (hook?.[1] && endpointMethods.has(method)) {
    return hook[2] === undefined
      ? slashRedirect(method, path, request.query)
      : await endpoint(options, decoded(hook[1]));
  }
  const managed = /^\/plugin\/([^/]+)\/(.+)$/.exec(path);
  if (managed?.[1] && managed[2]) return await manage(options, request, decoded(managed[1]), managed[2]);
  return noRoute(options.traits);
}

function health({ version, traits }: Daemon, active: number): HttpAnswer {
  return json(200, {
    ...(traits.countsRequests ? { active_dispatch_requests: 0, active_requests: active } : {}),
    build_time: '2025-06-01T00:00:00Z',
    platform: 'local',
    pool_status: { free: 9999, busy: 1, total: 10_000 },
    status: 'ok',
    version,
  });
}

async function endpoint(options: Daemon, hookId: string): Promise<HttpAnswer> {
  try {
    const found = await options.store.findEndpoint(hookId);
    if (!found?.enabled) return daemonError(404, -400, 'PluginDaemonBadRequestError', 'endpoint not found');
    return daemonError(404, -400, 'PluginDaemonBadRequestError', 'plugin installation not found');
  } catch (error) {
    log(`get endpoint error: ${reason(error)}`);
    return daemonError(500, -500, 'PluginDaemonInternalServerError', 'internal server error');
  }
}

type Management = (options: Daemon, tenantId: string, request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;

const management: Readonly<Record<string, Management>> = {
  'GET management/list': async ({ store }, tenantId, request) => {
    const query = new URLSearchParams(request.query);
    const size = Number(query.get('page_size'));
    if (!(Number(query.get('page')) >= 1) || !(size >= 1 && size <= 256)) {
      return daemonError(400, -400, 'PluginDaemonBadRequestError', 'page and page_size are required');
    }
    return success({ list: [], total: await store.countInstallations(tenantId) });
  },
  'GET management/models': () => success([]),
  'GET management/tools': () => success([]),
  'GET management/agent_strategies': () => success([]),
  'GET management/install/tasks': () => success([]),
  'POST management/installation/fetch/batch': () => success([]),
  'POST management/installation/missing': () => success([]),
  'GET endpoint/list': () => success({ endpoints: [], has_more: false, total: 0 }),
  'POST debugging/key': async ({ store }, tenantId) => success({ key: await store.debuggingKey(tenantId) }),
};

async function manage(options: Daemon, request: HttpRequest, tenantId: string, rest: string): Promise<HttpAnswer> {
  const name = `${request.method} ${rest}`;
  const action = management[name];
  const unknown = !action && isUnknownRoute(name, options.traits);
  if (!action && !unknown) return noRoute(options.traits);
  if (!sameKey(header(request, 'X-Api-Key') ?? '', options.serverKey)) {
    return daemonError(401, -401, 'PluginDaemonUnauthorizedError', 'unauthorized');
  }
  if (!action) return notKnown(name);
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(tenantId)) {
    return daemonError(400, -400, 'PluginDaemonBadRequestError', 'tenant_id must be a uuid');
  }
  try {
    return await action(options, tenantId, request);
  } catch (error) {
    log(`${rest}: ${reason(error)}`);
    return daemonError(500, -500, 'PluginDaemonInternalServerError', reason(error));
  }
}

/** What the daemon says to a path that it has no route for. */
function noRoute({ jsonNotFound }: DaemonTraits): HttpAnswer {
  return jsonNotFound ? json(404, { code: 'not_found', message: 'route not found' }) : pageNotFound();
}

function sameKey(given: string, wanted: string): boolean {
  const digest = (value: string) => createHash('sha256').update(value).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
