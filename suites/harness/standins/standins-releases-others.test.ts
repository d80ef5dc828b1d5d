import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { readWebSettings, webApp } from '../../../compose/images/dify-web/src/app.ts';
import { daemonApp } from '../../../compose/images/plugin-daemon/src/app.ts';
import { sandboxApp } from '../../../compose/images/sandbox/src/app.ts';
import { requestFor, type HttpHandler } from '../../../compose/images/shared/src/http-message.ts';
import { notKnownOf } from '../../../fixtures/checks/datapath/front-door.ts';
import { markOf } from '../../../fixtures/checks/routes/marks.ts';
import { textOf } from '../../../fixtures/testing/first-use.ts';
import { emptyPlugins, memoryStores } from './standin-memory-stores.ts';

const web = (release: string, environment: Record<string, string> = {}) =>
  webApp(readWebSettings({ DIFY_VERSION: release, ...environment }));
const daemon = (version: string) => daemonApp({ store: emptyPlugins(), serverKey: 'key', version });
const api = (release: string) =>
  difyApi({ settings: readSettings({ SECRET_KEY: 'recorded', DIFY_VERSION: release }), stores: memoryStores() });
const sandbox = sandboxApp({
  port: 8194,
  key: 'key',
  maxWorkers: 1,
  maxRequests: 1,
  workerTimeoutMs: 1000,
  pythonPath: '',
  nodejsPath: '',
  enableNetwork: false,
  proxy: { socks5: '', http: '', https: '' },
});

async function asked(handler: HttpHandler, method: string, path: string, headers: Record<string, string> = {}) {
  const answer = await handler(requestFor(method, path, { host: '127.0.0.1', ...headers }));
  const lower = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { status: answer.status, headers: lower, body: textOf(answer) };
}

describe('web by its release', () => {
  const capitals = 'RSC, Next-Router-State-Tree, Next-Router-Prefetch, Next-Router-Segment-Prefetch, Accept-Encoding';
  const small = 'rsc, next-router-state-tree, next-router-prefetch, next-router-segment-prefetch, Accept-Encoding';
  test.for([
    ['1.5.0', capitals],
    ['1.8.1', capitals],
    ['1.9.0', small],
    ['1.11.1', small],
    ['1.13.3', small],
  ] as const)('%s writes its Vary as its Next.js does, and is told by it', async ([release, vary]) => {
    for (const [path, status] of [
      ['/apps', 200],
      ['/verify-no-such-page', 404],
    ] as const) {
      const answer = await asked(web(release), 'GET', path);
      expect([answer.status, answer.headers['vary']]).toEqual([status, vary]);
      expect(markOf({ headers: { vary }, body: '' })).toBe('web');
    }
  });

  test('a page that only a later release may have is refused by name, not said to be missing', async () => {
    expect(await asked(web('1.5.0'), 'GET', '/snippets')).toMatchObject({ status: 404 });
    const later = await asked(web('1.13.3'), 'GET', '/snippets');
    expect(notKnownOf(later)).toBe('whether there is a page /snippets');
    for (const path of ['/health', '/mcp/server/x/mcp', '/explore/verify-probe']) {
      expect(await asked(web('1.13.3'), 'GET', path)).toMatchObject({ status: 404 });
    }
  });

  test('ALLOW_EMBED and CSP_WHITELIST are heeded', async () => {
    const frame = async (path: string, environment = {}) =>
      (await asked(web('1.13.3', environment), 'GET', path)).headers['x-frame-options'];
    expect(await frame('/apps')).toBe('DENY');
    expect(await frame('/chat/token')).toBeUndefined();
    expect(await frame('/apps', { ALLOW_EMBED: 'true' })).toBeUndefined();
    const policy = async (environment = {}) =>
      (await asked(web('1.13.3', environment), 'GET', '/apps')).headers['content-security-policy'];
    expect(await policy()).toBeUndefined();
    expect(await policy({ CSP_WHITELIST: 'https://a.example' })).toMatch(
      /script-src 'self' .*'nonce-.*' https:\/\/a\.example;/,
    );
  });
});

describe('plugin daemon by its release', () => {
  test.for([
    ['0.1.2', '404 page not found'],
    ['0.5.1', '404 page not found'],
    ['0.5.3', '{"code":"not_found","message":"route not found"}'],
  ] as const)('%s: a path without a route, and whose answer that is', async ([version, body]) => {
    const answer = await asked(daemon(version), 'GET', '/e/');
    expect([answer.status, answer.body]).toEqual([404, body]);
    expect(markOf(answer)).toBe('plugin_daemon');
  });

  test.for([
    ['0.1.2', undefined],
    ['0.3.0', 1],
    ['0.5.3', 1],
  ] as const)('%s: its health report', async ([version, requests]) => {
    const report = JSON.parse((await asked(daemon(version), 'GET', '/health/check')).body) as Record<string, unknown>;
    expect(report).toMatchObject({ status: 'ok', version });
    expect(report['active_requests']).toBe(requests);
  });
});

describe('what a stand-in does not know it refuses by name', () => {
  const key = { 'x-api-key': 'key' };
  const plugin = '/plugin/00000000-0000-4000-8000-000000000000';
  test.for([
    [
      'api, a route of the console',
      () => asked(api('1.5.0'), 'GET', '/console/api/tags?type=app'),
      'GET /console/api/tags',
    ],
    ['api, a route of later releases', () => asked(api('1.13.3'), 'POST', '/mcp/server/x/mcp'), 'MCP requests'],
    ['api, a plugin’s webhook', () => asked(api('1.13.3'), 'POST', '/triggers/plugin/x'), 'POST /triggers/plugin/x'],
    ['plugin daemon', () => asked(daemon('0.1.2'), 'GET', `${plugin}/management/tool`, key), 'GET management/tool'],
    [
      'plugin daemon, later',
      () => asked(daemon('0.4.0'), 'GET', `${plugin}/management/triggers`, key),
      'GET management/triggers',
    ],
  ] as const)('%s', async ([, ask, what]) => {
    expect(notKnownOf(await ask())).toBe(what);
  });

  test.for([
    ['api: a name of nobody', () => asked(api('1.5.0'), 'GET', '/console/api/nope'), 404],
    ['api: a name of the suites', () => asked(api('1.13.3'), 'GET', '/console/api/verify-probe'), 404],
    ['api: MCP before it came', () => asked(api('1.5.0'), 'GET', '/mcp/server/x/mcp'), 404],
    ['api: MCP takes POST alone', () => asked(api('1.6.0'), 'GET', '/mcp/server/x/mcp'), 405],
    ['api: webhooks before they came', () => asked(api('1.9.2'), 'POST', '/triggers/webhook/x'), 404],
    [
      'plugin daemon: triggers before they came',
      () => asked(daemon('0.3.0'), 'GET', `${plugin}/management/triggers`, key),
      404,
    ],
    ['plugin daemon: its key comes first', () => asked(daemon('0.1.2'), 'GET', `${plugin}/management/tool`), 401],
    ['sandbox has four routes and no others', () => asked(sandbox, 'GET', '/v1/sandbox/nope', key), 404],
  ] as const)('what the real one has not is no secret: %s', async ([, ask, status]) => {
    expect(await ask()).toMatchObject({ status });
  });

  test('a webhook that nobody made is not found, in words of its own', async () => {
    const answer = await asked(api('1.13.3'), 'POST', '/triggers/webhook/verify');
    expect([answer.status, answer.headers['access-control-allow-origin']]).toEqual([404, '*']);
    expect(answer.body).toContain('<p>Webhook not found: verify</p>');
    expect(markOf(answer)).toBe('api');
  });
});
