import { describe, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { unheededSettings } from '../../../compose/images/dify-api/src/unheeded.ts';
import { requestFor } from '../../../compose/images/shared/src/http-message.ts';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import { recordFirstUse, type FirstUseRecord } from '../../../fixtures/checks/datapath/first-use.ts';
import { stepVerdict } from '../../../fixtures/checks/datapath/step-verdicts.ts';
import type { StepName } from '../../../fixtures/checks/datapath/obligations.ts';
import { credentials, jsonRequest, signIn, textOf } from '../../../fixtures/testing/first-use.ts';
import { contract } from '../checks/datapath/samples.ts';
import { neighbourhood } from './standin-neighbours.ts';
import { memoryStores } from './standin-memory-stores.ts';

type Environment = Readonly<Record<string, string>>;

/** The client's first use of an api with these variables. */
async function firstUseWith(environment: Environment, initPassword = ''): Promise<FirstUseRecord> {
  await using around = await neighbourhood(environment);
  const server = await serve(around.api, { host: '127.0.0.1', port: 0 });
  try {
    return await recordFirstUse({ host: '127.0.0.1', port: server.port }, { secretKey: 'recorded', initPassword });
  } finally {
    await server.stop(1000);
  }
}

const apiWith = (environment: Environment) =>
  difyApi({ settings: readSettings({ SECRET_KEY: 'recorded', ...environment }), stores: memoryStores() });

const verdictOf = (record: FirstUseRecord, step: StepName) => {
  const it = contract.steps.find((one) => one.step === step);
  if (!it) throw new Error(step);
  return stepVerdict(it, record, [], contract);
};

describe('INIT_PASSWORD', () => {
  test('with it the client does what the console does: it asks, gives the password, and sets up with the cookie', async () => {
    const { steps, journal } = await firstUseWith({ INIT_PASSWORD: 'asdf' }, 'asdf');
    expect(steps.setup?.state).toBe('done');
    expect(steps.login?.state).toBe('done');
    expect(journal.slice(0, 3).map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      'GET /console/api/init 200',
      'POST /console/api/init 201',
      'POST /console/api/setup 201',
    ]);
  });

  test('a refused one is the set-up’s failure, by the answer that refused it', async () => {
    const record = await firstUseWith({ INIT_PASSWORD: 'asdf' }, 'other');
    expect(verdictOf(record, 'setup').message).toMatch(/took POST \/console\/api\/init, .*init_validate_failed/);
    expect(verdictOf(record, 'login')).toMatchObject({ status: 'blocked' });
  });

  test('without one the set-up is open, and no password is sent', async () => {
    const { steps, journal } = await firstUseWith({});
    expect(steps.setup?.state).toBe('done');
    expect(journal.filter(({ method, path }) => method === 'POST' && path === '/console/api/init')).toEqual([]);
  });

  test('until it is given, the set-up is refused and so is every call of the console; one above 30 characters is never taken', async () => {
    const long = 'x'.repeat(31);
    const api = apiWith({ INIT_PASSWORD: long });
    const refused = async (method: string, path: string, body: unknown) =>
      textOf(await api(jsonRequest(method, path, body)));
    expect(await refused('POST', '/console/api/setup', credentials)).toContain('not_init_validated');
    expect(await refused('POST', '/console/api/login', credentials)).toContain('not_init_validated');
    expect(await refused('POST', '/console/api/init', { password: long })).toContain('invalid_param');
  });
});

describe('what the real api heeds', () => {
  test('ENABLE_EMAIL_PASSWORD_LOGIN=false closes the login', async () => {
    const api = apiWith({ ENABLE_EMAIL_PASSWORD_LOGIN: 'false' });
    await signIn(api);
    const answer = await api(jsonRequest('POST', '/console/api/login', credentials));
    expect([answer.status, textOf(answer)]).toEqual([403, expect.stringContaining('"code": "forbidden"')]);
  });

  test.for([
    ['every origin', '*', 'https://a.example', 'https://a.example'],
    ['one of the list', 'https://b.example,https://a.example', 'https://a.example', 'https://a.example'],
    ['none of the list', 'https://b.example', 'https://a.example', undefined],
    ['a pattern', 'https://.*\\.example$', 'https://a.example', 'https://a.example'],
    ['set to nothing', '', 'https://a.example', undefined],
  ] as const)('CONSOLE_CORS_ALLOW_ORIGINS: %s', async ([, allowed, origin, named]) => {
    const api = apiWith({ CONSOLE_CORS_ALLOW_ORIGINS: allowed });
    const { headers } = await api(requestFor('GET', '/console/api/setup', { origin }));
    expect(headers['Access-Control-Allow-Origin']).toBe(named);
  });

  test.for([
    ['not believed', {}, 'http://dify.example/v1/'],
    ['believed', { RESPECT_XFORWARD_HEADERS_ENABLED: 'true' }, 'https://dify.example:8443/v1/'],
  ] as const)('RESPECT_XFORWARD_HEADERS_ENABLED: the proxy is %s', async ([, environment, location]) => {
    const headers = { host: 'dify.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '8443' };
    expect((await apiWith(environment)(requestFor('GET', '/v1', headers))).headers['Location']).toBe(location);
  });
});

describe('what the real api heeds and the stand-in does not', () => {
  test.for<[string, Environment, string[]]>([
    ['nothing of a stock directory', { STORAGE_TYPE: 'opendal', OPENDAL_SCHEME: 'fs', REDIS_USE_SSL: 'false' }, []],
    ['S3 at Amazon', { STORAGE_TYPE: 's3' }, ['STORAGE_TYPE=s3']],
    [
      'S3 that the copy was cut off from',
      { STORAGE_TYPE: 's3', S3_ENDPOINT: 'https://s3.example.com.invalid' },
      ['STORAGE_TYPE=s3'],
    ],
    ['S3 in the stack', { STORAGE_TYPE: 's3', S3_ENDPOINT: 'http://minio:9000' }, []],
    [
      'a role of Amazon',
      { STORAGE_TYPE: 's3', S3_ENDPOINT: 'http://minio:9000', S3_USE_AWS_MANAGED_IAM: 'true' },
      ['STORAGE_TYPE=s3'],
    ],
    ['another scheme of opendal', { OPENDAL_SCHEME: 's3' }, ['OPENDAL_SCHEME=s3']],
    ['Redis behind sentinels', { REDIS_USE_SENTINEL: 'true', CELERY_USE_SENTINEL: 'true' }, []],
    ['a cluster of Redis', { REDIS_USE_CLUSTERS: 'true' }, ['REDIS_USE_CLUSTERS=true']],
    ['another edition', { EDITION: 'CLOUD' }, ['EDITION=CLOUD']],
    ['another database', { DB_TYPE: 'mysql' }, ['DB_TYPE=mysql']],
  ])('is known by name: %s', ([, environment, settings]) => {
    expect(unheededSettings(environment).map(({ setting }) => setting)).toEqual(settings);
  });

  test('what such a setting changes is refused by name, the rest is answered; every answer is marked as the api’s', async () => {
    const api = apiWith({ STORAGE_TYPE: 's3' });
    const refused = await api(jsonRequest('POST', '/console/api/setup', credentials));
    expect([refused.status, refused.headers['X-Stand-In-Unknown'], refused.headers['X-Version']]).toEqual([
      501,
      'STORAGE_TYPE=s3',
      '1.5.0',
    ]);
    expect((await api(requestFor('GET', '/console/api/setup'))).status).toBe(200);
  });

  test('the check that asked says so and judges nothing, and so do those that need its answer', async () => {
    const record = await firstUseWith({ REDIS_USE_CLUSTERS: 'true' });
    expect(verdictOf(record, 'setup').status).toBe('pass');
    for (const step of ['login', 'apps'] as const) {
      expect(verdictOf(record, step)).toEqual({
        status: 'skip',
        message: 'the stand-in of api does not know REDIS_USE_CLUSTERS=true: --images pinned judges this',
      });
    }
  });
});
