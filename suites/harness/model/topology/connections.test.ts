import { describe, expect, test } from 'vitest';
import {
  brokerOf,
  cacheOf,
  databaseOf,
  environmentOf,
  pluginDaemonOf,
  queuesOf,
  storageOf,
  told,
  vectorStoreOf,
} from '../../../../fixtures/model/topology/connections.ts';
import { inAll, listingOf } from '../../../../fixtures/checks/datapath/observe-files.ts';
import { nearestIn } from '../../../../fixtures/checks/datapath/weaviate-client.ts';

describe('where a service’s environment says that its stores are', () => {
  test('values may hold an equals sign; what is not set is Dify’s default', () => {
    expect(environmentOf(['A=b=c', 'EMPTY='])).toEqual({ A: 'b=c', EMPTY: '' });
    expect(databaseOf({})).toEqual({
      host: 'localhost',
      port: 5432,
      user: 'postgres',
      password: '',
      database: 'dify',
      tls: 'prefer',
    });
    expect(cacheOf({ REDIS_HOST: 'redis', REDIS_PORT: 'x' })).toMatchObject({ host: 'redis', port: 6379, db: 0 });
  });

  test.for([
    [{ CELERY_BROKER_URL: 'redis://:p%40ss@redis:6379/1' }, { host: 'redis', port: 6379, password: 'p@ss', db: 1 }],
    [{ CELERY_BROKER_URL: 'redis://user:x@cache' }, { host: 'cache', port: 6379, username: 'user', db: 0 }],
    [{ CELERY_BROKER_URL: '' }, { missing: 'CELERY_BROKER_URL is empty' }],
    [{}, { missing: 'CELERY_BROKER_URL is empty' }],
    [{ CELERY_BROKER_URL: 'redis' }, { missing: 'CELERY_BROKER_URL is no URL' }],
    [
      { CELERY_BROKER_URL: 'sentinel://a:26379/1' },
      { sentinels: [{ host: 'a', port: 26379 }], master: '', variables: { master: 'CELERY_USE_SENTINEL' } },
    ],
    [
      {
        CELERY_BROKER_URL: 'sentinel://u:p%40q@a/1;sentinel://:other@b:26380/2',
        CELERY_USE_SENTINEL: 'true',
        CELERY_SENTINEL_MASTER_NAME: 'm',
        CELERY_SENTINEL_PASSWORD: 's',
      },
      {
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 26380 },
        ],
        master: 'm',
        password: 's',
        login: { username: 'u', password: 'p@q', db: 1 },
      },
    ],
    [
      { CELERY_BROKER_URL: 'sentinel://a:26379,b:26379/1' },
      { missing: 'CELERY_BROKER_URL is no list of sentinel URLs' },
    ],
    [{ CELERY_BROKER_URL: 'rediss://a/1' }, { host: 'a', tls: true }],
    [{ CELERY_BROKER_URL: 'redis://a/1' }, { host: 'a', tls: false }],
    [{ CELERY_BROKER_URL: 'redis://a/1', REDIS_USE_SSL: 'true', REDIS_SSL_CERT_REQS: 'CERT_NONE' }, { tls: true }],
    [{ CELERY_BROKER_URL: 'redis://a/1', REDIS_USE_SSL: 'true' }, { tls: false }],
  ] as [Record<string, string>, object][])('broker %o', ([env, at]) => expect(brokerOf(env)).toMatchObject(at));

  test.for([
    [databaseOf({ DB_TYPE: 'mysql' }), 'DB_TYPE is mysql'],
    [cacheOf({ REDIS_USE_CLUSTERS: 'true' }), 'REDIS_USE_CLUSTERS is on'],
    [vectorStoreOf({ VECTOR_STORE: 'qdrant' }), 'VECTOR_STORE is qdrant, neither weaviate nor pgvector'],
    [vectorStoreOf({}), 'VECTOR_STORE is empty, neither weaviate nor pgvector'],
    [vectorStoreOf({ VECTOR_STORE: 'weaviate' }), 'its address is not in the environment'],
    [
      vectorStoreOf({ VECTOR_STORE: 'pgvector', PGVECTOR_HOST: 'pgvector', PGVECTOR_DATABASE: 'dify' }),
      'PGVECTOR_USER, PGVECTOR_PASSWORD of its address is not in the environment',
    ],
    [pluginDaemonOf({ PLUGIN_DAEMON_URL: 'https://x' }), 'its address is https://…'],
    [storageOf({ STORAGE_TYPE: 's3' }), 'storage is s3, not a folder'],
    [
      storageOf({ STORAGE_TYPE: 's3', S3_ENDPOINT: 'http://m:9000', S3_USE_AWS_MANAGED_IAM: '1' }),
      'storage is s3, not a folder',
    ],
    [storageOf({ STORAGE_TYPE: 'opendal', OPENDAL_SCHEME: 's3' }), 'storage is opendal s3, not a folder'],
  ] as [object, string][])('no client for %o', ([at, notSupported]) => expect(at).toEqual({ notSupported }));

  test('vectors in a PostgreSQL are at the address of its own variables', () => {
    const env = {
      VECTOR_STORE: 'pgvector',
      PGVECTOR_HOST: 'pgvector',
      PGVECTOR_USER: 'postgres',
      PGVECTOR_PASSWORD: 'p@ss',
      PGVECTOR_DATABASE: 'dify',
      DB_HOST: 'db',
      WEAVIATE_ENDPOINT: 'http://weaviate:8080',
    };
    const login = { store: 'pgvector', host: 'pgvector', user: 'postgres', password: 'p@ss', database: 'dify' };
    expect(vectorStoreOf(env)).toEqual({ ...login, port: 5433, tls: 'prefer' });
    expect(vectorStoreOf({ ...env, PGVECTOR_PORT: '5432' })).toMatchObject({ port: 5432 });
    expect(vectorStoreOf({ ...env, VECTOR_STORE: 'weaviate' })).toMatchObject({ store: 'weaviate', host: 'weaviate' });
  });

  test.for([
    [{}, '/app/api/storage'],
    [{ STORAGE_TYPE: 'local', STORAGE_LOCAL_PATH: '/data' }, '/data'],
    [{ OPENDAL_FS_ROOT: 'other' }, '/app/api/other'],
  ] as [Record<string, string>, string][])('storage %o', ([env, root]) => expect(storageOf(env)).toEqual({ root }));

  test.for([
    [{}, 'celery -A app.celery worker -P gevent -Q dataset,mail --prefetch-multiplier=1', ['dataset', 'mail']],
    [{ CELERY_QUEUES: 'generation' }, '/sbin/docker-init -- /entrypoint.sh', ['generation']],
    [{ CELERY_QUEUES: '' }, '', null],
  ] as [Record<string, string>, string, string[] | null][])('queues %o "%s"', ([env, line, queues]) =>
    expect(queuesOf(env, line)).toEqual(queues),
  );

  test('no address is told with its password', () => {
    expect(told({ host: 'db', port: 5432, user: 'u', password: 'secret', database: 'dify', tls: 'off' })).toBe(
      'u@db:5432/dify',
    );
    expect(told({ host: 'redis', port: 6379, username: '', password: 'secret', db: 1, tls: false })).toBe(
      'redis:6379/1',
    );
    expect(told({ host: 'weaviate', port: 8080, key: 'secret', tls: false })).toBe('weaviate:8080');
  });
});

test('the listing of a storage', () => {
  const hash = 'a'.repeat(64);
  expect(listingOf(`${hash}  upload_files/t/a b.txt\nfind: x: denied\nKEY -----BEGIN RSA PRIVATE KEY-----\n`)).toEqual({
    files: { 'upload_files/t/a b.txt': hash },
    privateKey: '-----BEGIN RSA PRIVATE KEY-----',
  });
  expect(listingOf('')).toEqual({ files: {}, privateKey: null });
});

test('what one replica does not have is not there', () => {
  const one = { where: '/s in api', problem: null, files: { a: '1', b: '2' }, privateKey: 'KEY' };
  expect(inAll([one, { ...one }])).toEqual(one);
  expect(inAll([one, { ...one, files: { a: '1' }, privateKey: null }])).toEqual({
    where: '/s in api, whose 2 replicas do not have the same files',
    problem: null,
    files: { a: '1' },
    privateKey: null,
  });
  expect(inAll([{ ...one, files: {} }, one]).where).toMatch(/do not have the same/);
  expect(inAll([one, { ...one, problem: 'denied' }]).problem).toBe('denied');
  expect(() => inAll([])).toThrow(/no container/);
});

test('the nearest in an answer of the vector store', () => {
  expect(nearestIn({ data: { Get: { V: [{ _additional: { id: 'x' } }] } } }, 'V')).toBe('x');
  expect(nearestIn({ data: { Get: { V: [] } } }, 'V')).toBeNull();
  expect(nearestIn(null, 'V')).toBeNull();
  expect(() => nearestIn({ errors: [{ message: 'no schema' }] }, 'V')).toThrow(/no schema/);
});
