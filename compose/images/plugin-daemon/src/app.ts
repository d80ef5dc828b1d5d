import { createHash, timingSafeEqual } from 'node:crypto';
import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../shared/src/http-message.ts';
import { log, reason } from '../../shared/src/log.ts';
import { daemonError, json, pageNotFound, slashRedirect, success } from './gin-answers.ts';
import type { PluginStore } from './store.ts';

const version = '0.1.2';
const endpointMethods = new Set(['HEAD', 'POST', 'GET', 'PUT', 'DELETE', 'OPTIONS']);

export interface DaemonOptions {
  store: PluginStore;
  /** SERVER_KEY: what the api must send as X-Api-Key. */
  serverKey: string;
}

/** The HTTP side of the plugin daemon, as recorded from 0.1.2 (gin): hooks under `/e/`, management behind its key. */
export function daemonApp(options: DaemonOptions): HttpHandler {
  let active = 0;
  return async (request) => {
    active += 1;
    try {
      return await route(options, request, active);
    } finally {
      active -= 1;
    }
  };
}

async function route(options: DaemonOptions, request: HttpRequest, active: number): Promise<HttpAnswer> {
  const { method, path } = request;
  if (path === '/health/check' && method === 'GET') return health(active);
  const hook = /^\/e\/([^/]+)(\/.*)?$/.exec(path);
  if (hook?.[1] && endpointMethods.has(method)) {
    return hook[2] === undefined
      ? slashRedirect(method, path, request.query)
      : await endpoint(options, decoded(hook[1]));
  }
  const managed = /^\/plugin\/([^/]+)\/(.+)$/.exec(path);
  if (managed?.[1] && managed[2]) return await manage(options, request, decoded(managed[1]), managed[2]);
  return pageNotFound();
}

function health(active: number): HttpAnswer {
  return json(200, {
    active_dispatch_requests: 0,
    active_requests: active,
    build_time: '2025-06-01T00:00:00Z',
    platform: 'local',
    pool_status: { free: 9999, busy: 1, total: 10_000 },
    status: 'ok',
    version,
  });
}

async function endpoint(options: DaemonOptions, hookId: string): Promise<HttpAnswer> {
  try {
    const found = await options.store.findEndpoint(hookId);
    if (!found?.enabled) return daemonError(404, -400, 'PluginDaemonBadRequestError', 'endpoint not found');
    return daemonError(404, -400, 'PluginDaemonBadRequestError', 'plugin installation not found');
  } catch (error) {
    log(`get endpoint error: ${reason(error)}`);
    return daemonError(500, -500, 'PluginDaemonInternalServerError', 'internal server error');
  }
}

type Management = (options: DaemonOptions, tenantId: string, request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;

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

async function manage(
  options: DaemonOptions,
  request: HttpRequest,
  tenantId: string,
  rest: string,
): Promise<HttpAnswer> {
  const action = management[`${request.method} ${rest}`];
  if (!action) return pageNotFound();
  if (!sameKey(header(request, 'X-Api-Key') ?? '', options.serverKey)) {
    return daemonError(401, -401, 'PluginDaemonUnauthorizedError', 'unauthorized');
  }
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
