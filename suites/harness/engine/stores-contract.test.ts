import { Redis } from 'ioredis';
import pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';

/**
 * The store images keep the contract of the official ones: testcontainers, which is written for those, starts them without
 * knowing better. Needs an engine. Ryuk would be pulled from a registry; the containers are ended by the tests themselves.
 */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';

const refs = new Map<string, string>();

beforeAll(async () => {
  for (const image of await ensureImages([{ name: 'postgres' }, { name: 'redis' }], { progress: () => undefined })) {
    refs.set(image.name, image.ref);
  }
}, 300_000);

describe('postgres', () => {
  test('serves the database, user and password of its environment, and refuses another password', async () => {
    const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
    await using container = await new PostgreSqlContainer(refs.get('postgres') ?? '')
      .withDatabase('dify')
      .withUsername('ops')
      .withPassword('right')
      .start();
    const at = { host: container.getHost(), port: container.getPort(), database: 'dify', user: 'ops' };
    const client = new pg.Client({ ...at, password: 'right' });
    await client.connect();
    const { rows } = await client.query<{ who: string }>('select current_user as who');
    expect(rows).toEqual([{ who: 'ops' }]);
    await client.end();
    const wrong = new pg.Client({ ...at, password: 'wrong' });
    await expect(wrong.connect()).rejects.toThrow(/password authentication failed/);
  });
});

describe('redis', () => {
  test('keeps what it is given, and asks for its password', async () => {
    const { RedisContainer } = await import('@testcontainers/redis');
    await using container = await new RedisContainer(refs.get('redis') ?? '').withPassword('right').start();
    const at = { host: container.getHost(), port: container.getPort(), lazyConnect: true, retryStrategy: () => null };
    const client = new Redis({ ...at, password: 'right' });
    await client.connect();
    await client.set('key', 'value');
    expect(await client.get('key')).toBe('value');
    client.disconnect();
    const anonymous = new Redis(at);
    const refused: string[] = [];
    anonymous.on('error', (error: Error) => refused.push(error.message));
    await anonymous.connect().catch((error: Error) => refused.push(error.message));
    expect(refused.join(' ')).toMatch(/NOAUTH/);
    anonymous.disconnect();
  });
});
