import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { difyApi } from '../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../compose/images/dify-api/src/settings.ts';
import type { Stores } from '../../compose/images/dify-api/src/stores/stores.ts';
import { requestFor, type HttpAnswer } from '../../compose/images/shared/src/http-message.ts';
import { memoryStores } from './standin-memory-stores.ts';

/** One call of a first use of the real 1.5.0. Ids, tokens and texts that differ each time are `<uuid>`, `<jwt>` … */
interface RecordedCall {
  method: string;
  path: string;
  request: unknown;
  status: number;
  contentType: string;
  bodyStart: string;
}

const file = new URL('../../fixtures/images/recorded/first-use-1.5.0.json', import.meta.url);
const { calls } = JSON.parse(readFileSync(file, 'utf8')) as { calls: RecordedCall[] };
const settings = readSettings({ SECRET_KEY: 'recorded' });

/** Where the recording goes on with what the stand-ins do not do yet. */
const notYet = calls.findIndex(({ path }) => path.endsWith('/plugin/list'));

describe('a first use of the api, as far as set-up, login and workspace', () => {
  test('every call in its order is answered as recorded', async () => {
    const api = difyApi({ settings, stores: memoryStores() });
    const session = { token: '' };
    const seen: unknown[] = [];
    for (const [position, call] of calls.slice(0, notYet).entries()) {
      const answer = await api(request(call, anonymous(calls, position) ? '' : session.token));
      session.token = /"access_token": "([^"]+)"/.exec(textOf(answer))?.[1] ?? session.token;
      seen.push({ call: `${call.method} ${call.path}`, ...shape(answer.status, answer, textOf(answer)) });
    }
    expect(notYet).toBeGreaterThan(9);
    expect(seen).toEqual(
      calls.slice(0, notYet).map((call) => ({
        call: `${call.method} ${call.path}`,
        status: call.status,
        contentType: call.contentType,
        body: plain(call.bodyStart),
      })),
    );
  });

  test('a new app is answered as recorded, and is in the list', async () => {
    const recorded = calls.find(({ method, path }) => method === 'POST' && path === '/console/api/apps');
    if (!recorded) throw new Error('the recording has no new app');
    const { api, token } = await signedIn(memoryStores());
    const made = await api(request(recorded, token));
    expect(shape(made.status, made, textOf(made))).toEqual({
      status: recorded.status,
      contentType: recorded.contentType,
      body: plain(recorded.bodyStart),
    });
    const list = await api(request({ ...recorded, method: 'GET', request: null }, token));
    expect(JSON.parse(textOf(list))).toMatchObject({ total: 1, has_more: false, data: [{ name: 'verify' }] });
  });
});

describe('the api with a store out of reach', () => {
  const away = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const internal = { status: 500, body: '{"message": "Internal Server Error", "code": "unknown"}\n' };

  test('without the database its routes are 500, the others go on', async () => {
    const stores = memoryStores();
    const accounts = Object.fromEntries(Object.keys(stores.accounts).map((name) => [name, away]));
    const api = difyApi({ settings, stores: { ...stores, accounts: accounts as unknown as Stores['accounts'] } });
    for (const path of ['/console/api/setup', '/console/api/apps']) {
      const answer = await api(requestFor('GET', path));
      expect({ path, status: answer.status, body: answer.body }).toEqual({ path, ...internal });
      expect(answer.headers).toMatchObject({ 'X-Version': '1.5.0', 'X-Env': 'PRODUCTION' });
    }
    for (const path of ['/health', '/v1/', '/console/api/system-features']) {
      expect({ path, status: (await api(requestFor('GET', path))).status }).toEqual({ path, status: 200 });
    }
  });

  test('without Redis the login is 500, the set-up is answered', async () => {
    const stores = memoryStores();
    await signedIn(stores);
    const sessions = Object.fromEntries(Object.keys(stores.sessions).map((name) => [name, away]));
    const api = difyApi({ settings, stores: { ...stores, sessions: sessions as unknown as Stores['sessions'] } });
    const answer = await api(json('POST', '/console/api/login', credentials));
    expect({ status: answer.status, body: answer.body }).toEqual(internal);
    expect((await api(requestFor('GET', '/console/api/setup'))).status).toBe(200);
  });
});

const credentials = { email: 'ops@example.test', name: 'ops', password: 'Verify123456' };

async function signedIn(stores: Stores): Promise<{ api: ReturnType<typeof difyApi>; token: string }> {
  const api = difyApi({ settings, stores });
  await api(json('POST', '/console/api/setup', credentials));
  const answer = await api(json('POST', '/console/api/login', credentials));
  return { api, token: /"access_token": "([^"]+)"/.exec(textOf(answer))?.[1] ?? '' };
}

/** The recording has the list of apps twice: first without a token, to see it refused. */
function anonymous(all: readonly RecordedCall[], position: number): boolean {
  return all[position]?.status === 401;
}

function request(call: RecordedCall, token: string): ReturnType<typeof requestFor> {
  return json(call.method, call.path, call.request, token);
}

function json(method: string, path: string, body: unknown, token = ''): ReturnType<typeof requestFor> {
  const headers = {
    'content-type': 'application/json',
    'x-forwarded-for': '172.21.0.1',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  return requestFor(method, path, headers, body === null ? '' : JSON.stringify(body));
}

function shape(status: number, answer: HttpAnswer, body: string): Record<string, unknown> {
  return { status, contentType: answer.headers['Content-Type'], body: plain(body) };
}

/** A body without what differs from one run to the next. */
function plain(body: string): string {
  return body
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/"(access_token)": "[^"<]+"/, '"$1": "<jwt>"')
    .replace(/"(refresh_token)": "[0-9a-f]+"/, '"$1": "<hex>"')
    .replace(/"(\w+_at)": (?:\d{10}|"[\dT:-]+")/g, '"$1": <time>');
}

function textOf(answer: HttpAnswer): string {
  if (typeof answer.body !== 'string') throw new Error('the answer has no text');
  return answer.body;
}
