import { describe, expect, test } from 'vitest';
import { both, env, expectRed, judgedAfter, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

const FILES = 'config/urls/files';
const INNER_FILES = 'config/urls/inner-files';
const MACHINE = 'config/value/machine';
const PLUGIN_FILES = 'config/urls/plugin-files';
const AGREE = 'config/urls/agree';
const HOOK_ID = 'config/urls/agree/hook-id';
const COOKIES = 'config/urls/cookies';

/** The same value for api and worker. */
const application = (key: string, value: string) => both(env('api', key, value), env('worker', key, value));

const images =
  (wanted: Record<string, string>) =>
  (stack: SyntheticStack): void => {
    for (const [name, image] of Object.entries(wanted)) service(stack, name).image = image;
  };

describe('addresses of files', () => {
  test.for<Case>([
    ['a service', application('FILES_URL', 'http://api:5001'), [FILES], /FILES_URL of api names api, which no browser/],
    [
      "the engine's host",
      env('api', 'FILES_URL', 'http://host.docker.internal'),
      [FILES, MACHINE],
      /host\.docker\.internal/,
    ],
    ['only worker', env('worker', 'FILES_URL', 'http://nginx'), [FILES], /FILES_URL of worker names nginx/],
    [
      'this machine beside a real host',
      both(application('FILES_URL', 'http://localhost'), env('api', 'CONSOLE_WEB_URL', 'http://dify.example.org')),
      [FILES],
      /names localhost, while CONSOLE_WEB_URL is at dify\.example\.org/,
    ],
    [
      'this machine as every public address',
      both(application('FILES_URL', 'http://localhost'), env('api', 'CONSOLE_WEB_URL', 'http://localhost')),
      [],
    ],
    ['a slash at its end', application('FILES_URL', 'https://dify.example.org/'), [FILES], /ends in a slash/],
    ['a path', application('FILES_URL', 'https://dify.example.org/files'), [FILES], /has the path \/files/],
    ['empty, as in a stock release', application('FILES_URL', ''), []],
    ['an address and a port', application('FILES_URL', 'http://10.1.2.3:80'), []],
    ['inner: api', application('INTERNAL_FILES_URL', 'http://api:5001'), []],
    ['inner: nginx', application('INTERNAL_FILES_URL', 'http://nginx'), []],
    ['inner: outside', application('INTERNAL_FILES_URL', 'https://dify.example.org'), []],
    [
      'inner: a wrong port',
      application('INTERNAL_FILES_URL', 'http://api:5002'),
      [INNER_FILES],
      /says port 5002; api listens on 5001/,
    ],
    ['inner: no port', application('INTERNAL_FILES_URL', 'http://api'), [INNER_FILES], /says port 80/],
    [
      'inner: itself',
      application('INTERNAL_FILES_URL', 'http://localhost:5001'),
      [INNER_FILES],
      /names localhost, which is the container of api itself/,
    ],
    [
      'inner: nobody',
      application('INTERNAL_FILES_URL', 'http://dify-api:5001'),
      [INNER_FILES],
      /no service of the stack is called so/,
    ],
    ['inner: no scheme', application('INTERNAL_FILES_URL', 'api:5001'), [INNER_FILES], /has no http:\/\//],
    ['inner: another program', application('INTERNAL_FILES_URL', 'http://redis:6379'), [INNER_FILES], /leads to redis/],
    ['inner: a slash', application('INTERNAL_FILES_URL', 'http://api:5001/'), [INNER_FILES], /ends in a slash/],
    [
      'inner: off the network of the daemon',
      both(application('INTERNAL_FILES_URL', 'http://files:5001'), (stack) => {
        stack.services['files'] = {
          ...service(stack, 'web'),
          image: 'example/files:1',
          networks: { ssrf_proxy_network: null },
        };
      }),
      [INNER_FILES],
      /shares no network with plugin_daemon/,
    ],
  ])('%s', (row) => expectRed(row));

  test.for<Case>([
    ['neither', both(application('INTERNAL_FILES_URL', ''), application('FILES_URL', '')), [PLUGIN_FILES], /are empty/],
    [
      'this machine',
      both(application('INTERNAL_FILES_URL', ''), application('FILES_URL', 'http://localhost')),
      [PLUGIN_FILES],
      /FILES_URL names localhost, which leads nowhere from plugin_daemon/,
    ],
    ['the public one is enough', application('INTERNAL_FILES_URL', ''), []],
    [
      'the one by which web reaches api',
      both(
        application('INTERNAL_FILES_URL', ''),
        application('FILES_URL', ''),
        application('SERVER_CONSOLE_API_URL', 'http://api:5001'),
      ),
      [],
    ],
  ])('for plugins: %s', (row) => expectRed(row));

  test('a release that knows one address for all is not asked for a second', () =>
    expect(judgedAfter(() => undefined).has(PLUGIN_FILES)).toBe(false));

  test('a release that knows both is asked, though its list does not name it', () => {
    const all = judgedAfter(
      both(
        application('FILES_URL', ''),
        images({ api: 'langgenius/dify-api:1.7.0', worker: 'langgenius/dify-api:1.7.0' }),
      ),
    );
    expect(all.get(PLUGIN_FILES)).toMatchObject({ obligation: { level: 'advice' }, verdict: { status: 'fail' } });
  });
});

describe('public addresses agree', () => {
  const hook = (value: string) => env('api', 'ENDPOINT_URL_TEMPLATE', value);
  const site = 'https://dify.example.org';
  test.for<Case>([
    ['whole', hook(`${site}/e/{hook_id}`), []],
    ['a brace too many', hook(`${site}/e/{hook_id}}`), [HOOK_ID], /expected \{hook_id\} once/],
    ['a brace too few', hook(`${site}/e/{hook_id`), [HOOK_ID]],
    ['a backslash that compose kept', hook(`${site}/e/{hook_id\\}`), [HOOK_ID]],
    ['another name', hook(`${site}/e/{id}`), [HOOK_ID]],
    ['no place at all', hook(`${site}/e/`), [HOOK_ID]],
    ['twice', hook(`${site}/e/{hook_id}/{hook_id}`), [HOOK_ID]],
    ['empty', hook(''), []],
    [
      'localhost beside a domain',
      hook('http://localhost/e/{hook_id}'),
      [AGREE],
      /FILES_URL is at dify\.example\.org, ENDPOINT_URL_TEMPLATE at localhost/,
    ],
    ['a trigger at localhost', env('api', 'TRIGGER_URL', 'http://localhost'), [AGREE]],
    [
      'a socket at localhost',
      env('web', 'NEXT_PUBLIC_SOCKET_URL', 'ws://127.0.0.1'),
      [AGREE],
      /expected a host that others know/,
    ],
    ['all at localhost', both(hook('http://localhost/e/{hook_id}'), application('FILES_URL', '')), []],
    [
      'http beside https',
      env('api', 'CONSOLE_API_URL', 'http://dify.example.org'),
      [AGREE],
      /FILES_URL is https:\/\/, CONSOLE_API_URL http:\/\//,
    ],
    ['ws beside https', env('web', 'NEXT_PUBLIC_SOCKET_URL', 'ws://dify.example.org'), [AGREE]],
    ['wss beside https', env('web', 'NEXT_PUBLIC_SOCKET_URL', 'wss://dify.example.org'), []],
    [
      'all by http',
      both(application('FILES_URL', 'http://10.1.2.3'), env('api', 'CONSOLE_API_URL', 'http://10.1.2.3')),
      [],
    ],
    ['a service for rendering on the server', env('web', 'CONSOLE_API_URL', 'http://api:5001'), []],
  ])('%s', (row) => expectRed(row));

  test('the hint has the host and the scheme of the others, and what mends it where that host is not theirs', () =>
    expect(judgedAfter(hook('http://localhost:8080/e/{hook_id}')).get(AGREE)?.verdict.hint).toMatch(
      new RegExp(
        `^in \\.env: ENDPOINT_URL_TEMPLATE=${site}/e/\\{hook_id\\} where \\S+ is yours; else \\w+= \\(empty: `,
      ),
    ));
});

describe('cookies and origins', () => {
  const hosts = (page: string, api: string, ...more: ((stack: SyntheticStack) => void)[]) =>
    both(env('api', 'CONSOLE_WEB_URL', page), env('api', 'CONSOLE_API_URL', api), ...more);
  const [page, api] = ['https://console.example.org', 'https://api.example.org'];
  const known = images({
    api: 'langgenius/dify-api:1.11.1',
    worker: 'langgenius/dify-api:1.11.1',
    web: 'langgenius/dify-web:1.11.1',
    plugin_daemon: 'langgenius/dify-plugin-daemon:0.5.1-local',
    weaviate: 'semitechnologies/weaviate:1.27.0',
  });
  const inner = application('INTERNAL_FILES_URL', 'http://api:5001');
  test.for<Case>([
    ['one host', hosts(page, page), []],
    ['two hosts, before cookies', hosts(page, api), []],
    ['two hosts', both(hosts(page, api), known, inner), [COOKIES], /holds console\.example\.org and api\.example\.org/],
    [
      'two hosts, both below the domain',
      hosts(
        page,
        api,
        known,
        inner,
        env('api', 'COOKIE_DOMAIN', '.example.org'),
        env('web', 'NEXT_PUBLIC_COOKIE_DOMAIN', '1'),
      ),
      [],
    ],
    [
      'web is not told',
      hosts(page, api, known, inner, env('api', 'COOKIE_DOMAIN', 'example.org')),
      [COOKIES],
      /expected NEXT_PUBLIC_COOKIE_DOMAIN=1 in web/,
    ],
    [
      'the domain of somebody else',
      hosts(page, page, env('api', 'COOKIE_DOMAIN', 'ample.org')),
      [COOKIES],
      /it is ample\.org/,
    ],
    ['a domain with its scheme', hosts(page, page, env('api', 'COOKIE_DOMAIN', 'https://example.org')), [COOKIES]],
    [
      'an origin that is not let in',
      hosts(page, api, env('api', 'CONSOLE_CORS_ALLOW_ORIGINS', 'https://old.example.org')),
      [COOKIES],
      /expected https:\/\/console\.example\.org among CONSOLE_CORS_ALLOW_ORIGINS/,
    ],
    ['any origin', hosts(page, api, env('api', 'CONSOLE_CORS_ALLOW_ORIGINS', '*')), []],
    [
      'its origin, the usual port said',
      hosts(`${page}:443`, api, env('api', 'CONSOLE_CORS_ALLOW_ORIGINS', `a, ${page}`)),
      [],
    ],
    [
      'an origin that nobody needs',
      hosts(page, page, env('api', 'CONSOLE_CORS_ALLOW_ORIGINS', 'https://old.example.org')),
      [],
    ],
  ])('%s', (row) => expectRed(row));

  test('the hint has the domain above both', () =>
    expect(judgedAfter(hosts(page, api, known)).get(COOKIES)?.verdict.hint).toContain('COOKIE_DOMAIN=example.org and'));
});

describe('what goes with a release', () => {
  const of = (release: string, more: Record<string, string> = {}) =>
    images({
      api: `langgenius/dify-api:${release}`,
      worker: `langgenius/dify-api:${release}`,
      web: `langgenius/dify-web:${release}`,
      ...more,
    });
  const inner = application('INTERNAL_FILES_URL', 'http://api:5001');
  const daemon = (version: string) => `langgenius/dify-plugin-daemon:${version}`;
  const weaviate = (version: string) => `semitechnologies/weaviate:${version}`;
  test.for<Case>([
    [
      'an older daemon',
      both(of('1.9.1'), inner),
      ['config/release/plugin_daemon'],
      /expected dify-plugin-daemon 0\.3\.0/,
    ],
    ['a newer patch', both(of('1.9.1', { plugin_daemon: daemon('0.3.3-local') }), inner), []],
    [
      'an older patch of the same minor',
      both(of('1.9.2', { plugin_daemon: daemon('0.3.0-local'), weaviate: weaviate('1.27.0') }), inner),
      [],
    ],
    [
      'of the first releases each patch counts',
      of('1.3.0', { plugin_daemon: daemon('0.0.7-local') }),
      ['config/release/plugin_daemon'],
    ],
    [
      'a Weaviate that the client refuses',
      both(of('1.9.2', { plugin_daemon: daemon('0.3.3-local') }), inner),
      ['config/release/vector_store'],
      /expected Weaviate 1\.27\.0 or newer: 1\.9\.2 of api has its client 4\.17\.0; weaviate is 1\.19\.0/,
    ],
    [
      'a newer Weaviate',
      both(of('1.9.2', { plugin_daemon: daemon('0.3.3-local'), weaviate: weaviate('1.30.1') }), inner),
      [],
    ],
    ['an older client and a newer Weaviate', of('1.5.0', { weaviate: weaviate('1.27.0') }), []],
    [
      'from another registry',
      both(of('1.9.1', { api: 'registry.example:5000/mirror/dify-api:1.9.1' }), inner),
      ['config/release/plugin_daemon'],
    ],
    [
      'a release that the table does not have',
      of('1.5.0-fix'),
      ['skip config/release/plugin_daemon', 'skip config/release/vector_store'],
    ],
    [
      'images of a fork with a numbering of its own',
      images({ api: 'example/own-api:1.9.2', worker: 'example/own-api:1.9.2', web: 'example/own-web:1.9.2' }),
      ['skip config/release/plugin_daemon', 'skip config/release/vector_store'],
    ],
    [
      'a digest',
      images({ plugin_daemon: `langgenius/dify-plugin-daemon@sha256:${'0'.repeat(64)}` }),
      ['skip config/release/plugin_daemon'],
    ],
  ])('%s', (row) => expectRed(row));
});
