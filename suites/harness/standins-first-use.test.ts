import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { difyApi } from '../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../compose/images/dify-api/src/settings.ts';
import type { Stores } from '../../compose/images/dify-api/src/stores/stores.ts';
import { requestFor, type HttpAnswer } from '../../compose/images/shared/src/http-message.ts';
import { memoryStores } from './standin-memory-stores.ts';
import { bodyOf, jsonRequest, neighbourhood } from './standin-neighbours.ts';

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
const notYet = calls.findIndex(({ path }) => path === '/console/api/datasets');

describe('a first use of the api, from the set-up to a run of a published workflow', () => {
  test('every call in its order is answered as recorded', async () => {
    await using around = await neighbourhood();
    const known = { token: '', appKey: '', appId: '' };
    const seen: unknown[] = [];
    for (const call of calls.slice(0, notYet)) {
      const path = call.path.replace('<uuid>', known.appId);
      // The recording has the list of apps twice: first without a token, to see it refused.
      const token = call.status === 401 ? '' : path.startsWith('/v1/') ? known.appKey : known.token;
      const answer = await around.api(jsonRequest(call.method, path, call.request, token));
      const body = await bodyOf(answer);
      known.token = /"access_token": "([\w-]+\.[^"]+)"/.exec(body)?.[1] ?? known.token;
      known.appKey = /"token": "(app-[^"]+)"/.exec(body)?.[1] ?? known.appKey;
      if (`${call.method} ${call.path}` === 'POST /console/api/apps')
        known.appId = /"id": "([^"]+)"/.exec(body)?.[1] ?? '';
      seen.push({ ...shape(answer, asFarAsRecorded(body, call)), call: nameOf(call) });
    }
    expect(notYet).toBe(24);
    expect(seen).toEqual(calls.slice(0, notYet).map(recorded));
  });

  test('a new app is in the list', async () => {
    const { api, token } = await signedIn(memoryStores());
    await api(jsonRequest('POST', '/console/api/apps', { name: 'verify', mode: 'workflow' }, token));
    const list = await api(jsonRequest('GET', '/console/api/apps?page=1&limit=10', null, token));
    expect(JSON.parse(await bodyOf(list))).toMatchObject({ total: 1, has_more: false, data: [{ name: 'verify' }] });
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
    const answer = await api(jsonRequest('POST', '/console/api/login', credentials));
    expect({ status: answer.status, body: answer.body }).toEqual(internal);
    expect((await api(requestFor('GET', '/console/api/setup'))).status).toBe(200);
  });
});

const credentials = { email: 'ops@example.test', name: 'ops', password: 'Verify123456' };

async function signedIn(stores: Stores): Promise<{ api: ReturnType<typeof difyApi>; token: string }> {
  const api = difyApi({ settings, stores });
  await api(jsonRequest('POST', '/console/api/setup', credentials));
  const answer = await api(jsonRequest('POST', '/console/api/login', credentials));
  return { api, token: /"access_token": "([^"]+)"/.exec(await bodyOf(answer))?.[1] ?? '' };
}

function nameOf(call: RecordedCall): string {
  return `${call.method} ${call.path}`;
}

function recorded(call: RecordedCall): Record<string, unknown> {
  const { status, contentType, bodyStart } = call;
  return { call: nameOf(call), status, contentType, body: plain(bodyStart) };
}

function shape(answer: HttpAnswer, body: string): Record<string, unknown> {
  return { status: answer.status, contentType: answer.headers['Content-Type'], body };
}

/** The recording has the first 500 characters of a body; one that is shorter is whole. */
const recordedCharacters = 500;

function asFarAsRecorded(body: string, { bodyStart }: RecordedCall): string {
  const whole = bodyStart.length < recordedCharacters;
  return whole ? plain(body) : plain(body).slice(0, plain(bodyStart).length);
}

/** A body without what differs from one run to the next. */
function plain(body: string): string {
  return body
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uuid>')
    .replace(/"(access_token)": "[\w-]+\.[^"<]+"/, '"$1": "<jwt>"')
    .replace(/"(refresh_token)": "[0-9a-f]+"/, '"$1": "<hex>"')
    .replace(/"app-[A-Za-z0-9]{24}"/, '"app-<24 chars>"')
    .replace(/"hash": "[0-9a-f]{64}"/, '"hash": "<hash>"')
    .replace(/"elapsed_time": \d+(\.\d{1,6})?,/, '"elapsed_time": <seconds>,')
    .replace(/"(\w+_at)": (?:\d{10}|"[\dT:-]+")/g, '"$1": <time>');
}
