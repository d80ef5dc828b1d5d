import { describe, expect, test } from 'vitest';
import { both, env, expectRed, judgedAfter, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;

const CHECK = 'config/redis/sentinels';
const MONITOR = 'sentinel monitor watched redis 6379 1';

/** The sound stack, whose Redis is told by a sentinel of the stack. */
const behind =
  (...edits: Edit[]): Edit =>
  (stack) => {
    const clients = {
      REDIS_USE_SENTINEL: 'true',
      REDIS_SENTINELS: 'sentinel:26379',
      REDIS_SENTINEL_SERVICE_NAME: 'watched',
      REDIS_SENTINEL_PASSWORD: 'of-the-sentinel-1',
    };
    const celery = {
      CELERY_BROKER_URL: `sentinel://:${service(stack, 'api').environment['REDIS_PASSWORD'] ?? ''}@sentinel:26379/1`,
      CELERY_USE_SENTINEL: 'true',
      CELERY_SENTINEL_MASTER_NAME: 'watched',
      CELERY_SENTINEL_PASSWORD: 'of-the-sentinel-1',
    };
    for (const name of ['api', 'worker']) Object.assign(service(stack, name).environment, clients, celery);
    Object.assign(service(stack, 'plugin_daemon').environment, clients);
    stack.services['sentinel'] = {
      ...structuredClone(service(stack, 'redis')),
      environment: { REDISCLI_AUTH: 'of-the-sentinel-1' },
      command: ['sh', '-c', `printf '%s\\n' '${MONITOR}' "requirepass $$REDISCLI_AUTH" >/s && exec redis-sentinel /s`],
      volumes: [],
    };
    both(...edits)(stack);
  };

/** Another line in place of the one by which the sentinel watches. */
const watching =
  (line: string): Edit =>
  (stack) => {
    const sentinel = service(stack, 'sentinel');
    sentinel.command = (sentinel.command ?? []).map((word) => word.replace(MONITOR, line));
  };
const all =
  (key: string, value: string): Edit =>
  (stack) => {
    for (const { environment } of Object.values(stack.services)) if (key in environment) environment[key] = value;
  };
const mounted = (target: string): Edit =>
  both((stack) => {
    const sentinel = service(stack, 'sentinel');
    sentinel.command = ['redis-sentinel', target];
    sentinel.volumes = [{ type: 'bind', source: '/stack/sentinel.conf', target: '/etc/redis/sentinel.conf' }];
    stack.files['sentinel.conf'] = 'sentinel monitor of-the-file redis 6379 1\nrequirepass x\n';
  });

const following: Edit = (stack) => {
  service(stack, 'redis').command?.push('--replicaof', 'other', '6379');
};

describe('sentinels lead to a Redis of the stack', () => {
  test('one that does is green, and so is everything beside it', () => {
    const judged = judgedAfter(behind());
    expect(judged.get(CHECK)?.verdict.status).toBe('pass');
    expect(
      [...judged].flatMap(([id, { verdict }]) => (verdict.status === 'pass' ? [] : [`${verdict.status} ${id}`])),
    ).toEqual([]);
  });

  test('without sentinels nothing is asked', () => expect(judgedAfter(() => undefined).has(CHECK)).toBe(false));

  test.for<Case>([
    [
      'another name',
      behind(
        env('api', 'REDIS_SENTINEL_SERVICE_NAME', 'mymaster'),
        env('worker', 'REDIS_SENTINEL_SERVICE_NAME', 'mymaster'),
      ),
      [CHECK],
      /REDIS_SENTINEL_SERVICE_NAME of api is mymaster; sentinel watches watched/,
      /compose.yaml:\d+/,
    ],
    [
      'another name of Celery',
      behind(all('CELERY_SENTINEL_MASTER_NAME', 'mymaster')),
      [CHECK],
      /CELERY_SENTINEL_MASTER_NAME of api/,
    ],
    [
      'no name',
      behind(env('plugin_daemon', 'REDIS_SENTINEL_SERVICE_NAME', '')),
      [CHECK],
      /SERVICE_NAME of plugin_daemon is empty/,
    ],
    [
      'no sentinel',
      behind(env('plugin_daemon', 'REDIS_SENTINELS', '')),
      [CHECK],
      /REDIS_SENTINELS of plugin_daemon names no sentinel/,
    ],
    ['Celery does not ask', behind(all('CELERY_USE_SENTINEL', 'false')), [CHECK], /CELERY_USE_SENTINEL of api is off/],
    [
      'a Redis for a sentinel',
      behind(env('plugin_daemon', 'REDIS_SENTINELS', 'redis:6379')),
      [CHECK],
      /names redis, which is no sentinel/,
    ],
    ['nobody for a sentinel', behind(env('plugin_daemon', 'REDIS_SENTINELS', 'gone:26379')), [CHECK], /names gone/],
    [
      'another port of the sentinel',
      behind(env('plugin_daemon', 'REDIS_SENTINELS', 'sentinel:26380')),
      [CHECK],
      /says port 26380; sentinel listens on 26379/,
    ],
    [
      'another host of the master',
      behind(watching('sentinel monitor watched redis-master 6379 1')),
      [CHECK],
      /watches watched at redis-master:6379, where it reaches no service/,
      /compose.yaml:\d+/,
    ],
    ['no Redis for the master', behind(watching('sentinel monitor watched db 5432 1')), [CHECK], /and db is no Redis/],
    [
      'another port of the master',
      behind(watching('sentinel monitor watched redis 6380 1')),
      [CHECK],
      /and redis listens on 6379/,
    ],
    ['a replica for the master', behind(following), [CHECK], /which follows another Redis/],
    ['a file beside it', behind(mounted('/etc/redis/sentinel.conf')), [CHECK], /sentinel watches of-the-file/],
    [
      'another password',
      behind(all('CELERY_SENTINEL_PASSWORD', 'another-one-2')),
      ['config/secret/equal/sentinel:requirepass'],
      /CELERY_SENTINEL_PASSWORD/,
    ],
  ])('%s', (given) => expectRed(given));

  test('a file of the image is not known', () => {
    const unread = behind((stack) => {
      service(stack, 'sentinel').command = ['redis-sentinel', '/etc/redis/sentinel.conf'];
    });
    expect(judgedAfter(unread).get(CHECK)?.verdict.status).toBe('skip');
  });

  test('what sentinels outside the stack watch is not known, and no error', () => {
    const outside = behind(
      all('REDIS_SENTINELS', 'sentinel.example.com:26379'),
      all('CELERY_BROKER_URL', 'sentinel://:p@sentinel.example.com:26379/1'),
    );
    expect(judgedAfter(outside).get(CHECK)?.verdict).toMatchObject({
      status: 'skip',
      message: expect.stringContaining('sentinel.example.com:26379') as string,
    });
  });

  test('a pass says which of the ways it could not follow', () => {
    const partly = behind(all('CELERY_BROKER_URL', 'sentinel://:p@sentinel.example.com:26379/1'));
    expect(judgedAfter(partly).get(CHECK)?.verdict).toMatchObject({
      status: 'pass',
      message: expect.stringContaining('sentinel.example.com:26379') as string,
    });
  });
});
