import { describe, expect, test } from 'vitest';
import { both, env, expectRed, judgedAfter, type Case } from './cases.ts';
import { judgeAll, notPassed, service, soundStack } from './stack.ts';

test('a sound stack is green, and every check was judged', () => {
  expect(notPassed(soundStack())).toEqual([]);
  const ids = [...judgeAll(soundStack()).keys()];
  expect(ids.length).toBeGreaterThan(80);
  expect(new Set(ids).size).toBe(ids.length);
});

describe('secrets', () => {
  test.for<Case>([
    [
      'published default on every side',
      both(
        env('sandbox', 'API_KEY', 'dify-sandbox'),
        env('api', 'CODE_EXECUTION_API_KEY', 'dify-sandbox'),
        env('worker', 'CODE_EXECUTION_API_KEY', 'dify-sandbox'),
      ),
      ['config/secret/default/sandbox:API_KEY'],
      /default that Dify publishes/,
    ],
    [
      'a word that anybody tries',
      both(env('api', 'SECRET_KEY', 'changeme'), env('worker', 'SECRET_KEY', 'changeme')),
      ['config/secret/default/api:SECRET_KEY'],
      /tries first/,
    ],
    [
      'empty',
      both(env('api', 'SECRET_KEY', ''), env('worker', 'SECRET_KEY', '')),
      ['config/secret/default/api:SECRET_KEY'],
      /is empty/,
    ],
    [
      'one of several keys is published',
      env('weaviate', 'AUTHENTICATION_APIKEY_ALLOWED_KEYS', 'seven-of-its-own-7,WVF5YThaHlkYwhGUSmCRgsX3tD5ngdN8pkih'),
      ['config/secret/default/weaviate:AUTHENTICATION_APIKEY_ALLOWED_KEYS'],
    ],
    [
      'another session key in the worker',
      env('worker', 'SECRET_KEY', 'eight-of-its-own'),
      ['config/secret/equal/api:SECRET_KEY'],
      /worker:SECRET_KEY has another/,
    ],
    [
      'another Redis login, F087',
      env('api', 'REDIS_PASSWORD', 'other-of-its-own'),
      ['config/secret/equal/redis:requirepass'],
      /api:REDIS_PASSWORD has another/,
    ],
    [
      'only the broker URL differs',
      env('worker', 'CELERY_BROKER_URL', 'redis://:other@redis:6379/1'),
      ['config/secret/equal/redis:requirepass'],
      /worker:CELERY_BROKER_URL/,
    ],
    [
      'another database login',
      env('plugin_daemon', 'DB_PASSWORD', 'other-of-its-own'),
      ['config/secret/equal/db:POSTGRES_PASSWORD'],
    ],
    [
      'another database user may have another one',
      both(env('plugin_daemon', 'DB_PASSWORD', 'other-of-its-own'), env('plugin_daemon', 'DB_USERNAME', 'plugins')),
      [],
    ],
    [
      'a key that Weaviate does not allow, F096',
      env('worker', 'WEAVIATE_API_KEY', 'nobody-knows-it'),
      ['config/secret/equal/weaviate:AUTHENTICATION_APIKEY_ALLOWED_KEYS'],
    ],
    [
      'F092',
      env('plugin_daemon', 'SERVER_KEY', 'other-of-its-own'),
      ['config/secret/equal/plugin_daemon:SERVER_KEY'],
      /api:PLUGIN_DAEMON_KEY and worker:PLUGIN_DAEMON_KEY have another/,
    ],
    [
      'F093',
      env('plugin_daemon', 'DIFY_INNER_API_KEY', 'other-of-its-own'),
      ['config/secret/equal/api:INNER_API_KEY_FOR_PLUGIN'],
    ],
    [
      'two secrets are the same',
      both(
        env('sandbox', 'API_KEY', 'one-of-its-own-1'),
        env('api', 'CODE_EXECUTION_API_KEY', 'one-of-its-own-1'),
        env('worker', 'CODE_EXECUTION_API_KEY', 'one-of-its-own-1'),
      ),
      ['config/secret/distinct'],
    ],
    ['a set-up login that is guessed', env('api', 'INIT_PASSWORD', 'asdf'), ['config/secret/first-login/api']],
    [
      'anonymous Weaviate, F097',
      env('weaviate', 'AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED', 'true'),
      ['config/secret/anonymous/weaviate'],
    ],
    [
      'anonymous Weaviate behind its admin list',
      both(
        env('weaviate', 'AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED', 'true'),
        env('weaviate', 'AUTHORIZATION_ADMINLIST_ENABLED', 'true'),
      ),
      [],
    ],
    [
      'the value of .env.example',
      (stack) => {
        for (const name of ['api', 'worker']) service(stack, name).environment['SECRET_KEY'] = 'a-fork-publishes-it';
        stack.files['.env.example'] = 'SECRET_KEY="a-fork-publishes-it"\n';
      },
      ['config/secret/default/api:SECRET_KEY'],
      /\.env\.example/,
    ],
  ])('%s', (row) => expectRed(row));

  test('no message shows a secret', () => {
    const all = judgedAfter(env('api', 'REDIS_PASSWORD', 'other-of-its-own'));
    expect(JSON.stringify([...all.values()])).not.toMatch(/other-of-its-own|three-of-its-own/);
  });
});

describe('the key of every vector store that Dify can run beside it', () => {
  /** The sound stack on another store: its service, and what api and worker are given. */
  const on =
    (store: string, image: string, own: Record<string, string>, clients: Record<string, string>) =>
    (stack: ReturnType<typeof soundStack>): void => {
      const base = structuredClone(service(stack, 'web'));
      stack.services['store'] = { ...base, image, environment: own };
      for (const name of ['api', 'worker'])
        Object.assign(service(stack, name).environment, { VECTOR_STORE: store, ...clients });
    };
  const OCEANBASE = 'oceanbase/oceanbase-ce:4.3.5-lts';
  const MILVUS = 'milvusdb/milvus:v2.6.3';
  /** Made for a user; its clients log in as dify, with another password. */
  const openGauss = (user: string): [string, string, Record<string, string>, Record<string, string>] => [
    'opengauss',
    'opengauss/opengauss:7.0.0-RC1',
    { GS_USERNAME: user, GS_PASSWORD: 'eight-of-its-own-8' },
    { OPENGAUSS_HOST: 'store', OPENGAUSS_USER: 'dify', OPENGAUSS_PASSWORD: 'nine-of-its-own-9' },
  ];
  const asking = { 'common.security.authorizationEnabled': 'true' };
  const keys = (edit: (stack: ReturnType<typeof soundStack>) => void): string[] =>
    [...judgedAfter(edit)]
      .flatMap(([id, { verdict }]) =>
        /^config\/secret\/(default|equal)\/(store|api|weaviate):/.test(id) && !id.includes(':SECRET_KEY')
          ? [`${verdict.status} ${id.replace('config/secret/', '')}`]
          : [],
      )
      .filter((line) => !line.includes('INNER_API'));

  test.for<[string, Parameters<typeof on>, string[]]>([
    [
      'OceanBase as published',
      [
        'oceanbase',
        OCEANBASE,
        { OB_TENANT_PASSWORD: 'difyai123456' },
        { OCEANBASE_VECTOR_HOST: 'store', OCEANBASE_VECTOR_PASSWORD: 'difyai123456' },
      ],
      ['fail default/store:OB_TENANT_PASSWORD', 'pass equal/store:OB_TENANT_PASSWORD'],
    ],
    [
      'openGauss with another password at its clients',
      openGauss('dify'),
      ['pass default/store:GS_PASSWORD', 'fail equal/store:GS_PASSWORD'],
    ],
    ['openGauss with another user at its clients', openGauss('gaussdb'), ['pass default/store:GS_PASSWORD']],
    [
      'Milvus that asks, with the login of its image',
      ['milvus', MILVUS, asking, { MILVUS_URI: 'http://store:19530', MILVUS_PASSWORD: 'Milvus' }],
      ['fail default/api:MILVUS_PASSWORD', 'pass equal/api:MILVUS_PASSWORD'],
    ],
    [
      'Milvus that asks, by a token',
      [
        'milvus',
        MILVUS,
        asking,
        { MILVUS_URI: 'http://store:19530', MILVUS_PASSWORD: '', MILVUS_TOKEN: 'root:eight-of-its-own-8' },
      ],
      ['pass default/api:MILVUS_TOKEN', 'pass equal/api:MILVUS_TOKEN'],
    ],
    ['Milvus that asks nobody', ['milvus', MILVUS, {}, { MILVUS_URI: 'http://store:19530', MILVUS_PASSWORD: '' }], []],
    [
      'MatrixOne with the login of its image',
      ['matrixone', 'matrixorigin/matrixone:2.1.1', {}, { MATRIXONE_HOST: 'store', MATRIXONE_PASSWORD: '111' }],
      ['fail default/api:MATRIXONE_PASSWORD', 'pass equal/api:MATRIXONE_PASSWORD'],
    ],
    [
      'Chroma whose clients are told nothing',
      [
        'chroma',
        'ghcr.io/chroma-core/chroma:0.5.20',
        { CHROMA_SERVER_AUTHN_CREDENTIALS: 'eight-of-its-own-8' },
        { CHROMA_HOST: 'store', CHROMA_AUTH_CREDENTIALS: '' },
      ],
      ['pass default/store:CHROMA_SERVER_AUTHN_CREDENTIALS', 'fail equal/store:CHROMA_SERVER_AUTHN_CREDENTIALS'],
    ],
    [
      'a store elsewhere',
      ['oceanbase', OCEANBASE, {}, { OCEANBASE_VECTOR_HOST: 'ob.example.org', OCEANBASE_VECTOR_PASSWORD: 'x' }],
      [],
    ],
  ])('%s', ([, [...args], expected]) => {
    expect(keys(on(...args)).toSorted()).toEqual(expected.toSorted());
  });
});
