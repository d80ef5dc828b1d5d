import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { traitsOf } from '../../../compose/images/dify-api/src/release.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import type { HttpAnswer, HttpHandler } from '../../../compose/images/shared/src/http-message.ts';
import { credentials, jsonRequest, textOf } from '../../../fixtures/testing/first-use.ts';
import { memoryStores } from './standin-memory-stores.ts';

const apiOf = (release: string, environment: Record<string, string> = {}, stores = memoryStores()) =>
  difyApi({ settings: readSettings({ SECRET_KEY: 'recorded', DIFY_VERSION: release, ...environment }), stores });

const told = (answer: HttpAnswer) => ({ status: answer.status, ...(JSON.parse(textOf(answer)) as object) });
const encoded = (password: string) => Buffer.from(password).toString('base64');

/** Sets an api up and logs in there as the console of a release from 1.11.2 on does; the cookies as a browser sends them. */
async function session(api: HttpHandler): Promise<{ cookies: Record<string, string>; set: readonly string[] }> {
  await api(jsonRequest('POST', '/console/api/setup', credentials));
  const login = { ...credentials, password: encoded(credentials.password) };
  const { cookies: set = [] } = await api(jsonRequest('POST', '/console/api/login', login));
  return { cookies: Object.fromEntries(set.map((line) => line.split(';')[0]?.split(/=(.*)/s) ?? [])), set };
}

function ask(api: HttpHandler, method: string, path: string, cookies: Record<string, string>, csrf?: string) {
  const request = jsonRequest(method, path, method === 'GET' ? null : {});
  const cookie = Object.entries(cookies)
    .map((pair) => pair.join('='))
    .join('; ');
  Object.assign(request.headers, { cookie }, csrf === undefined ? {} : { 'x-csrf-token': csrf });
  return api(request);
}

describe('a login', () => {
  test.for([
    ['1.5.0', 400, 'email_or_password_mismatch'],
    ['1.8.0', 401, 'authentication_failed'],
    ['1.11.1', 401, 'authentication_failed'],
  ] as const)('%s: a wrong password is %i %s', async ([release, status, code]) => {
    const api = apiOf(release);
    await api(jsonRequest('POST', '/console/api/setup', credentials));
    const answer = await api(jsonRequest('POST', '/console/api/login', { ...credentials, password: 'nope12345' }));
    expect(told(answer)).toMatchObject({ status, code });
    expect(answer.headers['WWW-Authenticate']).toBe(status === 401 ? 'Bearer realm="api"' : undefined);
  });

  test.for([
    ['1.11.1', credentials.password, 200],
    ['1.11.1', encoded(credentials.password), 401],
    ['1.11.2', credentials.password, 401],
    ['1.11.2', encoded(credentials.password), 200],
  ] as const)('%s: the right password as "%s" is %i', async ([release, password, status]) => {
    const api = apiOf(release);
    await api(jsonRequest('POST', '/console/api/setup', credentials));
    expect(await api(jsonRequest('POST', '/console/api/login', { ...credentials, password }))).toMatchObject({
      status,
    });
  });

  test('up to 1.9.1 the tokens are in the body, then in cookies and nowhere else', async () => {
    const opened = async (release: string) => {
      const api = apiOf(release);
      await api(jsonRequest('POST', '/console/api/setup', credentials));
      return api(jsonRequest('POST', '/console/api/login', credentials));
    };
    const before = await opened('1.9.1');
    expect(before.cookies).toBeUndefined();
    expect(told(before)).toMatchObject({ result: 'success', data: { access_token: expect.stringMatching(/^eyJ/) } });
    const since = await opened('1.9.2');
    expect(textOf(since)).toBe('{"result":"success"}\n');
    expect(since.cookies?.map((line) => line.replace(/=[^;]+|Expires=[^;]+/, ''))).toEqual([
      expect.stringMatching(/^access_token; Expires=[^;]+; Max-Age=3600; HttpOnly; Path=\/; SameSite=Lax$/),
      expect.stringMatching(/^refresh_token; Expires=[^;]+; Max-Age=2592000; HttpOnly; Path=\/; SameSite=Lax$/),
      expect.stringMatching(/^csrf_token; Expires=[^;]+; Max-Age=3600; Path=\/; SameSite=Lax$/),
    ]);
  });

  test('behind HTTPS the cookies are of the host, or of the domain that is named', async () => {
    const https = { CONSOLE_WEB_URL: 'https://dify.example', CONSOLE_API_URL: 'https://dify.example' };
    const names = async (environment: Record<string, string>) =>
      Object.keys((await session(apiOf('1.13.3', environment))).cookies);
    expect(await names(https)).toEqual(['__Host-access_token', '__Host-refresh_token', '__Host-csrf_token']);
    expect(await names({ ...https, COOKIE_DOMAIN: '.example' })).toEqual([
      'access_token',
      'refresh_token',
      'csrf_token',
    ]);
    const { set } = await session(apiOf('1.13.3', { ...https, COOKIE_DOMAIN: '.example' }));
    expect(set[0]).toMatch(/; Domain=example; .*; Secure; HttpOnly;/);
  });
});

describe('a session in cookies', () => {
  const APPS = '/console/api/apps?page=1&limit=10';

  test('needs the token against forged requests, in the header and in the cookie alike', async () => {
    const api = apiOf('1.13.3');
    const { cookies } = await session(api);
    const csrf = cookies['csrf_token'] ?? '';
    expect(await ask(api, 'GET', APPS, cookies, csrf)).toMatchObject({ status: 200 });
    const refused = { status: 401, code: 'unauthorized', message: 'CSRF token is missing or invalid.' };
    expect(told(await ask(api, 'GET', APPS, cookies))).toMatchObject(refused);
    expect(told(await ask(api, 'GET', APPS, cookies, `${csrf}x`))).toMatchObject(refused);
    // One that both say, signed by nobody.
    expect(told(await ask(api, 'GET', APPS, { ...cookies, csrf_token: 'x' }, 'x'))).toMatchObject(refused);
    const { csrf_token: _, ...without } = cookies;
    expect(told(await ask(api, 'GET', APPS, without, csrf))).toMatchObject(refused);
    // A token of the access alone is no session of a page.
    const bearer = jsonRequest('GET', APPS, null, cookies['access_token']);
    expect(told(await api(bearer))).toMatchObject(refused);
    // What a browser sends by beacon has no header of its own.
    const draft = '/console/api/apps/00000000-0000-4000-8000-000000000000/workflows/draft';
    expect(told(await ask(api, 'GET', draft, cookies))).toMatchObject({ status: 404, code: 'app_not_found' });
  });

  test('is renewed by its cookie, and ended by POST', async () => {
    const api = apiOf('1.13.3');
    const { cookies } = await session(api);
    const renewed = await ask(api, 'POST', '/console/api/refresh-token', cookies);
    expect(renewed).toMatchObject({
      status: 200,
      cookies: [expect.stringMatching(/^access_token=eyJ/), {}, {}].map(() => expect.any(String)),
    });
    const none = { status: 401, result: 'fail', message: 'No refresh token provided' };
    expect(told(await ask(api, 'POST', '/console/api/refresh-token', {}))).toEqual(none);
    expect(await ask(api, 'GET', '/console/api/logout', cookies)).toMatchObject({ status: 405 });
    const ended = await ask(api, 'POST', '/console/api/logout', cookies);
    expect(ended.cookies).toHaveLength(3);
    for (const line of ended.cookies ?? []) expect(line).toMatch(/^\w+=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; /);
  });
});

describe('what each release asks for', () => {
  test.for([
    ['1.10.0', 'GET'],
    ['1.10.1', 'POST'],
    ['1.13.3', 'POST'],
  ] as const)('%s reads the current workspace by %s', async ([release, method]) => {
    const api = apiOf(release);
    await api(jsonRequest('POST', '/console/api/setup', credentials));
    const path = '/console/api/workspaces/current';
    const other = method === 'GET' ? 'POST' : 'GET';
    expect((await api(jsonRequest(method, path, null))).status).toBe(401);
    expect((await api(jsonRequest(other, path, null))).status).toBe(405);
  });

  test('from 1.12 on FastOpenAPI tells of the set-up', async () => {
    const stores = memoryStores();
    const api = apiOf('1.13.3', { INIT_PASSWORD: 'guarded' }, stores);
    const before = await api(jsonRequest('GET', '/console/api/setup', null));
    expect(textOf(before)).toBe('{"setup_at":null,"step":"not_started"}\n');
    const unauthorized = '{"error":{"message":"Unauthorized","status":401,"type":"authentication_error"}}\n';
    const guarded = await api(jsonRequest('POST', '/console/api/setup', credentials));
    expect([guarded.status, textOf(guarded)]).toEqual([401, unauthorized]);
    const open = apiOf('1.13.3', {}, stores);
    await open(jsonRequest('POST', '/console/api/setup', credentials));
    const again = await open(jsonRequest('POST', '/console/api/setup', credentials));
    const forbidden = '{"error":{"message":"Forbidden","status":403,"type":"authorization_error"}}\n';
    expect([again.status, textOf(again)]).toEqual([403, forbidden]);
    expect((await open(jsonRequest('DELETE', '/console/api/setup', null))).headers['Content-Type']).toMatch(
      /^text\/html/,
    );
  });

  test.for([
    ['1.7.2', 400, { code: 'invalid_param', params: 'timestamp' }],
    [
      '1.10.1',
      400,
      {
        errors: { timestamp: 'Missing required parameter in the query string' },
        message: 'Input payload validation failed',
      },
    ],
    ['1.11.1', 501, { code: 'not_implemented' }],
  ] as const)('%s: a parameter that is missing is %i', async ([release, status, body]) => {
    const path = '/files/00000000-0000-4000-8000-000000000000/file-preview';
    expect(told(await apiOf(release)(jsonRequest('GET', path, null)))).toMatchObject({ status, ...body });
  });

  test('what is no release is refused by name', () => {
    expect(() => traitsOf('main')).toThrow('DIFY_VERSION is "main", which is no release');
  });
});
