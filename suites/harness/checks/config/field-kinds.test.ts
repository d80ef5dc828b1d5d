import { describe, expect, test } from 'vitest';
import { both, env, expectRed, judgedAfter, replace, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;
const NGINX = 'nginx/nginx.conf.template';
const SERVER = 'nginx/conf.d/default.conf.template';

const without =
  (key: string, ...names: string[]): Edit =>
  (stack) => {
    for (const name of names) Reflect.deleteProperty(service(stack, name).environment, key);
  };
const volumes =
  (name: string, ...given: string[]): Edit =>
  (stack) => {
    service(stack, name).volumes = given.map((target, index) => ({ type: 'volume', source: `own${index}`, target }));
  };

/** Inputs of public reports stand for their kinds: other variables, other services, other spellings of the same. */
describe('what one has and the other has otherwise', () => {
  test.for<Case>([
    [
      'another database',
      both(env('api', 'DB_DATABASE', 'dify'), env('worker', 'DB_DATABASE', 'dify_two')),
      ['config/value/siblings'],
      /DB_DATABASE is dify for api and dify_two for worker/,
      /docker-compose\.yaml:\d+/,
    ],
    [
      'another database of the broker',
      env('worker', 'CELERY_BROKER_URL', 'redis://:three-of-its-own-3@redis:6379/5'),
      ['config/value/siblings'],
      /CELERY_BROKER_URL is database 1 of redis for api and database 5 of redis for worker/,
    ],
    [
      'another way to one server',
      (stack) => {
        service(stack, 'redis').networks = { default: { aliases: ['cache'] } };
        env('worker', 'CELERY_BROKER_URL', 'redis://:three-of-its-own-3@cache:6379/1')(stack);
      },
      [],
    ],
  ])('%s', (row) => expectRed(row));

  test('a broker of its own is told as what use would show', () => {
    const edit = env('worker', 'CELERY_BROKER_URL', 'redis://:three-of-its-own-3@redis:6379/5');
    expect(judgedAfter(edit).get('config/value/siblings')?.verdict.cause).toBe('broker-apart');
  });
});

describe('what nobody is given', () => {
  test.for<Case>([
    [
      'the address of the plugin daemon',
      without('PLUGIN_DAEMON_URL', 'api', 'worker'),
      ['config/host/PLUGIN_DAEMON_URL'],
      /api: PLUGIN_DAEMON_URL is not set/,
    ],
    [
      'the broker',
      without('CELERY_BROKER_URL', 'api', 'worker'),
      ['config/host/CELERY_BROKER_URL'],
      /CELERY_BROKER_URL is not set: tasks go nowhere/,
    ],
    [
      'the database, which is in a profile that is off',
      both(without('DB_HOST', 'api', 'worker', 'plugin_daemon'), (stack) => {
        Reflect.deleteProperty(stack.services, 'db');
        for (const name of ['api', 'worker', 'plugin_daemon'])
          Reflect.deleteProperty(service(stack, name).depends_on ?? {}, 'db');
      }),
      ['config/host/DB_HOST'],
      /api: DB_HOST is not set: .*worker: DB_HOST is not set/,
    ],
    [
      'the host of Redis, which is a cluster',
      both(without('REDIS_HOST', 'api', 'worker', 'plugin_daemon'), (stack) => {
        for (const name of ['api', 'worker', 'plugin_daemon']) {
          service(stack, name).environment['REDIS_USE_CLUSTERS'] = 'true';
          service(stack, name).environment['REDIS_CLUSTERS'] = 'redis:6379';
        }
      }),
      ['skip config/redis/db'],
    ],
    [
      'an image of their own making',
      both(without('PLUGIN_DAEMON_URL', 'api', 'worker'), (stack) => {
        for (const name of ['api', 'worker']) service(stack, name).image = 'registry.example.com/ours:1.5.0';
      }),
      ['skip config/release/plugin_daemon', 'skip config/release/vector_store'],
    ],
  ])('%s', (row) => expectRed(row));
});

/** Their env files are not there: what is lacking is told where it is asked for, and nothing is left open. */
test('no connection at all', () => {
  const judged = judgedAfter((stack) => {
    for (const name of ['api', 'worker']) service(stack, name).environment = { MODE: name };
  });
  const open = [...judged].flatMap(([id, { verdict }]) => (verdict.status === 'error' ? [id] : []));
  expect(open).toEqual([]);
  expect(judged.get('config/value/siblings')?.verdict).toMatchObject({ status: 'skip' });
  for (const key of ['DB_HOST', 'REDIS_HOST', 'CELERY_BROKER_URL', 'PLUGIN_DAEMON_URL'])
    expect(judged.get(`config/host/${key}`)?.verdict.message).toMatch(`worker: ${key} is not set`);
});

describe('words and numbers that a program cannot read', () => {
  test.for<Case>([
    [
      'an empty number of the daemon',
      env('plugin_daemon', 'PLUGIN_MAX_EXECUTION_TIMEOUT', ''),
      ['config/value/switches'],
      /expected a number; plugin_daemon:PLUGIN_MAX_EXECUTION_TIMEOUT is set and empty/,
    ],
    [
      'a number with a unit',
      env('api', 'SQLALCHEMY_POOL_RECYCLE', '3600s'),
      ['config/value/switches'],
      /api:SQLALCHEMY_POOL_RECYCLE is no number/,
    ],
    ['a number with a part', env('api', 'CODE_EXECUTION_CONNECT_TIMEOUT', '10.5'), []],
    [
      'a word that the sandbox takes for off',
      env('sandbox', 'ENABLE_NETWORK', 'yes'),
      ['config/value/switches'],
      /sandbox:ENABLE_NETWORK is no word for on or off/,
    ],
    ['an empty one that the sandbox leaves alone', env('sandbox', 'ENABLE_NETWORK', ''), []],
    [
      'migrations in a word that the entry point takes for off',
      env('api', 'MIGRATION_ENABLED', 'True'),
      ['config/value/switches'],
      /a word that its entry point takes for off/,
    ],
    ['migrations off', env('worker', 'MIGRATION_ENABLED', 'false'), []],
  ])('%s', (row) => expectRed(row));
});

describe('addresses', () => {
  test.for<Case>([
    [
      'a template of hooks by a name of the stack',
      env('api', 'ENDPOINT_URL_TEMPLATE', 'http://plugin_daemon:5002/e/{hook_id}'),
      ['config/urls/agree/hook-id'],
      /plugin_daemon is a service of the stack/,
    ],
    [
      'the gRPC port of Weaviate in the container itself',
      env('api', 'WEAVIATE_GRPC_ENDPOINT', 'grpc://localhost:50051'),
      ['config/host/WEAVIATE_GRPC_ENDPOINT'],
      /api: WEAVIATE_GRPC_ENDPOINT names localhost/,
    ],
    ['the same without a scheme, at its server', env('api', 'WEAVIATE_GRPC_ENDPOINT', 'weaviate:50051'), []],
    [
      'nginx leads to the machine by a name of Docker Desktop',
      replace(SERVER, 'set $web web:3000;', 'set $web host.docker.internal:3000;'),
      ['config/value/machine', 'skip config/nginx/nginx/re-resolved/web'],
      /extra_hosts for host\.docker\.internal in nginx/,
      /default\.conf\.template:\d+/,
    ],
    [
      'one fixed address for three',
      (stack) => {
        const api = service(stack, 'api');
        api.deploy = { replicas: 3 };
        Object.assign(api.networks, { default: { ipv4_address: '172.30.0.5' } });
      },
      ['config/port/unique'],
      /172\.30\.0\.5 is the address of each of 3 replicas of api/,
    ],
  ])('%s', (row) => expectRed(row));
});

describe('the token of a caller', () => {
  test.for<Case>([
    [
      'nginx sends a header of its own',
      replace(SERVER, 'location /api { ', 'location /api { proxy_set_header Authorization ""; '),
      ['config/nginx/nginx/login'],
      /nginx sends one of its own for \/api/,
    ],
    [
      'nginx passes it on by name',
      replace(SERVER, 'location /api { ', 'location /api { proxy_set_header Authorization $http_authorization; '),
      [],
    ],
  ])('%s', (row) => expectRed(row));
});

describe('where data lies', () => {
  const image =
    (name: string, tag: string): Edit =>
    (stack) => {
      service(stack, name).image = tag;
    };
  test.for<Case>([
    [
      'PostgreSQL 18 of pgvector with the mount of older ones',
      both(without('PGDATA', 'db'), image('db', 'pgvector/pgvector:pg18'), volumes('db', '/var/lib/postgresql/data')),
      ['config/mount/db/kept'],
      /expected a volume over \/var\/lib\/postgresql; mounted are \/var\/lib\/postgresql\/data/,
    ],
    ['Redis beside its mount', volumes('redis', '/var/lib/redis'), ['config/mount/redis/kept'], /over \/data/],
    [
      'Redis in a folder that its command names',
      both(volumes('redis', '/var/lib/redis'), (stack) => {
        service(stack, 'redis').command = [
          'redis-server',
          '--requirepass',
          'three-of-its-own-3',
          '--dir',
          '/var/lib/redis',
        ];
      }),
      [],
    ],
    [
      'plugins beside the mount',
      volumes('plugin_daemon', '/storage'),
      ['config/mount/plugin_daemon/kept'],
      /over \/app\/storage; mounted are \/storage/,
    ],
    [
      'plugins in an object store',
      both(volumes('plugin_daemon', '/storage'), env('plugin_daemon', 'PLUGIN_STORAGE_TYPE', 'aws_s3')),
      [],
    ],
  ])('%s', (row) => expectRed(row));
});

test('the server of uploads has a limit of its own in these tests', () => {
  expect(judgedAfter(replace(NGINX, '15M', '14M')).get('config/uploads/limits')?.verdict.status).toBe('fail');
});
