import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import type { Stores } from '../../../compose/images/dify-api/src/stores/stores.ts';
import { requestFor } from '../../../compose/images/shared/src/http-message.ts';
import {
  bodyOf,
  credentials,
  jsonRequest,
  recordedCalls,
  recordedShape,
  shapeOf,
  signIn,
} from '../../../fixtures/testing/first-use.ts';
import { memoryStores } from './standin-memory-stores.ts';
import { neighbourhood } from './standin-neighbours.ts';

const all = recordedCalls();
/** Up to where the recording goes on with datasets, which have a test of their own. */
const calls = all.slice(
  0,
  all.findIndex(({ path }) => path === '/console/api/datasets'),
);
const settings = readSettings({ SECRET_KEY: 'recorded' });

describe('a first use of the api, from the set-up to a run of a published workflow', () => {
  test('every call in its order is answered as recorded', async () => {
    await using around = await neighbourhood();
    const known = { token: '', appKey: '', appId: '' };
    const seen: unknown[] = [];
    for (const call of calls) {
      const path = call.path.replace('<uuid>', known.appId);
      // The recording has the list of apps twice: first without a token, to see it refused.
      const token = call.status === 401 ? '' : path.startsWith('/v1/') ? known.appKey : known.token;
      const answer = await around.api(jsonRequest(call.method, path, call.request, token));
      const body = await bodyOf(answer);
      known.token = /"access_token": "([\w-]+\.[^"]+)"/.exec(body)?.[1] ?? known.token;
      known.appKey = /"token": "(app-[^"]+)"/.exec(body)?.[1] ?? known.appKey;
      if (call.path === '/console/api/apps') known.appId = /"id": "([^"]+)"/.exec(body)?.[1] ?? '';
      seen.push(shapeOf(answer, call, body));
    }
    expect(calls.length).toBe(24);
    expect(seen).toEqual(calls.map(recordedShape));
  });

  test('a new app is in the list', async () => {
    const api = difyApi({ settings, stores: memoryStores() });
    const token = await signIn(api);
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
    await signIn(difyApi({ settings, stores }));
    const sessions = Object.fromEntries(Object.keys(stores.sessions).map((name) => [name, away]));
    const api = difyApi({ settings, stores: { ...stores, sessions: sessions as unknown as Stores['sessions'] } });
    const answer = await api(jsonRequest('POST', '/console/api/login', credentials));
    expect({ status: answer.status, body: answer.body }).toEqual(internal);
    expect((await api(requestFor('GET', '/console/api/setup'))).status).toBe(200);
  });
});
