import { describe, expect, test } from 'vitest';
import { both, env, judgedAfter } from './cases.ts';

const CLIENTS = ['api', 'worker', 'plugin_daemon'];
const everywhere = (key: string, value: string, names = CLIENTS) => both(...names.map((name) => env(name, key, value)));
const DATABASE = everywhere('DB_HOST', 'db.example.com');
const REDIS = both(
  everywhere('REDIS_HOST', 'redis.example.com'),
  everywhere('CELERY_BROKER_URL', 'redis://:three-of-its-own-3@redis.example.com:6379/1', ['api', 'worker']),
);

/** What of the secrets is judged of a stack after edits: id and status of those that are not about its own files. */
function secretsAfter(...edits: Parameters<typeof both>): Record<string, string> {
  const judged = [...judgedAfter(both(...edits))].filter(([id]) => /^config\/secret\/(equal|distinct)/.test(id));
  return Object.fromEntries(judged.map(([id, { verdict }]) => [id.slice('config/secret/'.length), verdict.status]));
}

describe('what is known of a store outside are its clients: each pair of them holds the same', () => {
  test.for([
    ['the database’s', DATABASE, [], 'equal/api:DB_PASSWORD', 'pass'],
    ['the worker’s differs', DATABASE, ['worker', 'DB_PASSWORD'], 'equal/api:DB_PASSWORD', 'fail'],
    ['the plugin daemon’s differs', DATABASE, ['plugin_daemon', 'DB_PASSWORD'], 'equal/api:DB_PASSWORD', 'fail'],
    ['Redis’', REDIS, [], 'equal/api:REDIS_PASSWORD', 'pass'],
    ['the worker’s differs', REDIS, ['worker', 'REDIS_PASSWORD'], 'equal/api:REDIS_PASSWORD', 'fail'],
    ['the plugin daemon’s differs', REDIS, ['plugin_daemon', 'REDIS_PASSWORD'], 'equal/api:REDIS_PASSWORD', 'fail'],
  ] as const)('%s at %#', ([, outside, [name, key], id, status]) => {
    const edits = name === undefined || key === undefined ? [outside] : [outside, env(name, key, 'other-of-its-own')];
    expect(secretsAfter(...edits)[id]).toBe(status);
  });

  test('the password in the broker’s URL counts, too', () => {
    const other = env('worker', 'CELERY_BROKER_URL', 'redis://:other@redis.example.com:6379/1');
    expect(secretsAfter(REDIS, other)['equal/api:REDIS_PASSWORD']).toBe('fail');
  });

  test('another user may have another one, and so may another server', () => {
    const user = both(env('plugin_daemon', 'DB_USERNAME', 'plugins'), env('plugin_daemon', 'DB_PASSWORD', 'other'));
    expect(secretsAfter(DATABASE, user)['equal/api:DB_PASSWORD']).toBe('pass');
    const server = both(env('worker', 'DB_HOST', 'two.example.com'), env('worker', 'DB_PASSWORD', 'other'));
    expect(secretsAfter(DATABASE, server)['equal/api:DB_PASSWORD']).toBe('pass');
  });

  test('a store of the stack that nobody uses any more has a password of its own', () => {
    const other = everywhere('REDIS_PASSWORD', 'of-the-managed-one');
    const broker = everywhere('CELERY_BROKER_URL', 'redis://:of-the-managed-one@redis.example.com:6379/1', [
      'api',
      'worker',
    ]);
    const judged = secretsAfter(REDIS, other, broker);
    expect(judged['equal/api:REDIS_PASSWORD']).toBe('pass');
    expect(judged).not.toHaveProperty('equal/redis:requirepass');
  });

  test('the message names who differs and the store, and no secret', () => {
    const verdict = judgedAfter(both(DATABASE, env('worker', 'DB_PASSWORD', 'other-of-its-own'))).get(
      'config/secret/equal/api:DB_PASSWORD',
    )?.verdict;
    expect(verdict?.message).toContain('worker:DB_PASSWORD has another');
    expect(verdict?.why).toContain('db.example.com:5432 refuses worker');
    expect(JSON.stringify(verdict)).not.toContain('of-its-own');
  });

  test('its value and that of the unused store beside it may come from one variable', () => {
    expect(secretsAfter(DATABASE)['distinct']).toBe('pass');
  });
});
