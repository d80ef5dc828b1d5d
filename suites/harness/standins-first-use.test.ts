import { describe, expect, test } from 'vitest';
import { difyApi } from '../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../compose/images/dify-api/src/settings.ts';
import type { Stores } from '../../compose/images/dify-api/src/stores/stores.ts';
import { requestFor } from '../../compose/images/shared/src/http-message.ts';
import {
  credentials,
  jsonRequest,
  recordedCall,
  recordedCalls,
  recordedShape,
  requestOf,
  shapeOf,
  signIn,
  textOf,
} from '../../fixtures/harness/first-use.ts';
import { memoryStores } from './standin-memory-stores.ts';

const calls = recordedCalls();
const settings = readSettings({ SECRET_KEY: 'recorded' });

/** Where the recording goes on with what the stand-ins do not do yet. */
const notYet = calls.findIndex(({ path }) => path.endsWith('/plugin/list'));

describe('a first use of the api, as far as set-up, login and workspace', () => {
  test('every call in its order is answered as recorded', async () => {
    const api = difyApi({ settings, stores: memoryStores() });
    let token = '';
    const seen: unknown[] = [];
    for (const call of calls.slice(0, notYet)) {
      // The recording has the list of apps twice: first without a token, to see it refused.
      const answer = await api(requestOf(call, call.status === 401 ? '' : token));
      token = /"access_token": "([^"]+)"/.exec(textOf(answer))?.[1] ?? token;
      seen.push(shapeOf(answer, call));
    }
    expect(notYet).toBeGreaterThan(9);
    expect(seen).toEqual(calls.slice(0, notYet).map(recordedShape));
  });

  test('a new app is answered as recorded, and is in the list', async () => {
    const recorded = recordedCall('POST', '/console/api/apps');
    const api = difyApi({ settings, stores: memoryStores() });
    const token = await signIn(api);
    expect(shapeOf(await api(requestOf(recorded, token)), recorded)).toEqual(recordedShape(recorded));
    const list = await api(requestOf({ ...recorded, method: 'GET', request: null }, token));
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
    await signIn(difyApi({ settings, stores }));
    const sessions = Object.fromEntries(Object.keys(stores.sessions).map((name) => [name, away]));
    const api = difyApi({ settings, stores: { ...stores, sessions: sessions as unknown as Stores['sessions'] } });
    const answer = await api(jsonRequest('POST', '/console/api/login', credentials));
    expect({ status: answer.status, body: answer.body }).toEqual(internal);
    expect((await api(requestFor('GET', '/console/api/setup'))).status).toBe(200);
  });
});
