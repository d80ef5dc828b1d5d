import { describe, expect, test } from 'vitest';
import { both, env, expectRed, judgedAfter, replace, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;

const NGINX = 'nginx/nginx.conf.template';
const times =
  (name: string, replicas: number): Edit =>
  (stack) => {
    service(stack, name).deploy = { replicas };
  };
const memory =
  (name: string, said: { mem_limit?: string; deploy?: { resources: { limits: Record<string, string> } } }): Edit =>
  (stack) => {
    Reflect.deleteProperty(service(stack, name), 'mem_limit');
    Object.assign(service(stack, name), said);
  };
const redis =
  (...command: string[]): Edit =>
  (stack) => {
    service(stack, 'redis').command = ['redis-server', ...command];
  };
const body = (size: string) => replace(NGINX, 'client_max_body_size 15M;', `client_max_body_size ${size};`);
const beat: Edit = (stack) => {
  stack.services['worker_beat'] = structuredClone(service(stack, 'worker'));
  service(stack, 'worker_beat').environment['MODE'] = 'beat';
};

/** Which checks of these subjects are there after an edit, and how they ended. */
const own = (edit: Edit): string[] =>
  [...judgedAfter(edit)]
    .filter(([id]) => /^config\/(replicas|uploads|redis|log|memory)\//.test(id))
    .map(([id, { verdict }]) => `${verdict.status} ${id}`);

const GREEN = [
  'pass config/replicas/db',
  'pass config/replicas/redis',
  'pass config/replicas/weaviate',
  'pass config/replicas/weaviate/node-name',
  'pass config/replicas/plugin_daemon',
  'pass config/redis/db',
  'pass config/redis/redis/eviction',
  'pass config/log/rotation',
  'pass config/memory/limit',
  'pass config/uploads/limits',
];

describe('numbers that cannot hold', () => {
  test.for<Case>([
    ['two databases', times('db', 2), ['config/replicas/db'], /one instance of db; .* asks for 2/, /compose.yaml:\d+/],
    ['two caches', times('redis', 2), ['config/replicas/redis']],
    ['three vector stores', times('weaviate', 3), ['config/replicas/weaviate'], /asks for 3/],
    [
      'a vector store without a name',
      env('weaviate', 'CLUSTER_HOSTNAME', ''),
      ['config/replicas/weaviate/node-name'],
      /its name is the id of its container/,
      /compose.yaml:\d+/,
    ],
    ['two schedulers', both(beat, times('worker_beat', 2)), ['config/replicas/worker_beat']],
    [
      'plugins in local storage by default',
      times('plugin_daemon', 2),
      // Its port for debugging is one of the machine: two cannot have it.
      ['config/replicas/plugin_daemon', 'config/port/unique'],
      /local storage/,
    ],
    [
      'plugins in local storage',
      both(times('plugin_daemon', 2), env('plugin_daemon', 'PLUGIN_STORAGE_TYPE', 'local')),
      ['config/replicas/plugin_daemon', 'config/port/unique'],
    ],
    [
      'documents above the limit of nginx',
      both(body('15M'), env('api', 'UPLOAD_FILE_SIZE_LIMIT', '100')),
      ['config/uploads/limits'],
      /it takes 15 MB, allowed are UPLOAD_FILE_SIZE_LIMIT 100 MB/,
      /compose.yaml:\d+/,
    ],
    [
      'at the worker alone, and nginx at its own default',
      both(replace(NGINX, '  client_max_body_size 15M;\n', ''), env('worker', 'UPLOAD_FILE_SIZE_LIMIT', '15')),
      ['config/uploads/limits'],
      /it takes 1 MB/,
    ],
    [
      'packages of plugins, in bytes',
      both(body('15M'), env('plugin_daemon', 'MAX_PLUGIN_PACKAGE_SIZE', '52428800')),
      ['config/uploads/limits/media'],
      /MAX_PLUGIN_PACKAGE_SIZE 50 MB/,
    ],
    [
      'one database for sessions and tasks',
      both(env('api', 'REDIS_DB', '1'), env('worker', 'REDIS_DB', '1')),
      ['config/redis/db'],
      /CELERY_BROKER_URL of api .* both are 1/,
    ],
    [
      'no path is database 0',
      both(
        env('api', 'CELERY_BROKER_URL', 'redis://:three-of-its-own-3@redis:6379'),
        env('worker', 'CELERY_BROKER_URL', 'redis://:three-of-its-own-3@redis:6379'),
      ),
      ['config/redis/db'],
    ],
    ['below what api allows by itself', body('10m'), ['config/uploads/limits'], /takes 10 MB, allowed are .* 15 MB/],
    [
      'a second beat as a service of its own',
      both(beat, (stack) => {
        stack.services['beat_two'] = structuredClone(service(stack, 'worker_beat'));
      }),
      ['config/replicas/beat_two'],
      /one beat; worker_beat and beat_two/,
    ],
    [
      'bundles of plugins, in bytes',
      env('plugin_daemon', 'MAX_BUNDLE_PACKAGE_SIZE', '52428800'),
      ['config/uploads/limits/media'],
      /MAX_BUNDLE_PACKAGE_SIZE 50 MB/,
    ],
    [
      'tasks are evicted',
      redis('--requirepass', 'three-of-its-own-3', '--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru'),
      ['config/redis/redis/eviction'],
      /it is allkeys-lru with maxmemory 256mb/,
    ],
    [
      'in a shell line, of sessions only',
      (stack) => {
        service(stack, 'redis').command = [
          'sh',
          '-c',
          'redis-server --requirepass "$$REDISCLI_AUTH" --maxmemory 1gb --maxmemory-policy volatile-ttl',
        ];
      },
      ['config/redis/redis/eviction'],
    ],
    [
      'a log without a limit',
      (stack) => Reflect.deleteProperty(service(stack, 'web'), 'logging'),
      ['config/log/rotation'],
      /; web has none/,
    ],
    [
      'nothing limits the memory of what runs code of users',
      (stack) => Reflect.deleteProperty(service(stack, 'sandbox'), 'mem_limit'),
      ['config/memory/limit'],
      /; sandbox has none/,
      /compose.yaml:\d+/,
    ],
    [
      'limits of the processor alone, and the engine’s word for none',
      both(memory('api', { deploy: { resources: { limits: { cpus: '2' } } } }), memory('worker', { mem_limit: '0' })),
      ['config/memory/limit'],
      /; api and worker have none/,
    ],
  ])('%s', (aCase) => expectRed(aCase));
});

describe('sound twins stay green', () => {
  test('the sound stack', () => expect(own(() => undefined).toSorted()).toEqual(GREEN.toSorted()));

  test.for<[string, Edit]>([
    ['more of what can run more often', both(times('api', 3), times('worker', 2), times('web', 2))],
    [
      'a vector store whose name is its hostname',
      both(env('weaviate', 'CLUSTER_HOSTNAME', ''), (stack) => (service(stack, 'weaviate').hostname = 'vectors')),
    ],
    ['written out: once', both(times('db', 1), times('plugin_daemon', 1))],
    [
      'plugins in a shared store',
      both(times('plugin_daemon', 2), env('plugin_daemon', 'PLUGIN_STORAGE_TYPE', 'aws_s3')),
    ],
    ['the same size on both sides', both(body('100M'), env('api', 'UPLOAD_FILE_SIZE_LIMIT', '100'))],
    ['no limit in nginx', both(body('0'), env('api', 'UPLOAD_FILE_SIZE_LIMIT', '500'))],
    ['a number that is a batch', env('api', 'UPLOAD_FILE_BATCH_LIMIT', '500')],
    ['a package below the limit', both(body('1g'), env('api', 'PLUGIN_MAX_PACKAGE_SIZE', '52428800'))],
    ['a memory limit without eviction', redis('--requirepass', 'three-of-its-own-3', '--maxmemory', '1gb')],
    [
      'a policy without a limit',
      redis('--requirepass', 'three-of-its-own-3', '--maxmemory', '0', '--maxmemory-policy', 'allkeys-lru'),
    ],
    ['the limit of a deployment', memory('api', { deploy: { resources: { limits: { memory: '6g' } } } })],
    [
      'a driver that rotates by itself',
      (stack) => {
        service(stack, 'web').logging = { driver: 'local' };
      },
    ],
  ])('%s', ([, edit]) => {
    expect(own(edit).filter((line) => !line.startsWith('pass '))).toEqual([]);
  });
});

test('a store that takes over another name by itself is not judged', () => {
  const edit = both(env('weaviate', 'CLUSTER_HOSTNAME', ''), env('weaviate', 'RAFT_ENABLE_ONE_NODE_RECOVERY', 'true'));
  expect(own(edit).filter((line) => !line.startsWith('pass '))).toEqual(['skip config/replicas/weaviate/node-name']);
});
