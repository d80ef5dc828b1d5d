import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { Probe } from '../../../fixtures/engine/probe/client.ts';
import { Tunnel } from '../../../fixtures/engine/tunnel.ts';

/** A client of ours reaches a store that publishes nothing, as a container of its network sees it. Needs an engine. */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

let store: StartedTestContainer;
let probe: Probe;

beforeAll(async () => {
  const [redis, agent] = await ensureImages([{ name: 'redis' }, { name: 'probe' }], { progress: () => undefined });
  store = await new GenericContainer(redis?.ref ?? '').start();
  probe = await Probe.start(store.getId(), agent?.ref ?? '', {});
}, 300_000);

afterAll(async () => {
  await probe[Symbol.asyncDispose]();
  await store.stop();
});

const clientOf = ({ host, port }: Tunnel) => {
  const client = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => undefined);
  return client;
};

test('a door carries several connections at once, and values of any size and byte', async () => {
  await using door = await Tunnel.open(probe.standpoint, '127.0.0.1', 6379);
  const clients = [clientOf(door), clientOf(door), clientOf(door)];
  const large = Buffer.alloc(3_000_000, Buffer.from([0, 255, 13, 10, 128]));
  await Promise.all(clients.map((client, at) => client.set(`key ${at}`, Buffer.concat([large, Buffer.from([at])]))));
  for (const [at, client] of clients.entries()) {
    expect(Buffer.concat([large, Buffer.from([at])]).equals((await client.getBuffer(`key ${at}`)) ?? large)).toBe(true);
  }
  expect(await clients[0]?.client('LIST')).toContain('addr=127.0.0.1:');
  for (const client of clients) client.disconnect();
  expect(door.lastFailure).toBeNull();
});

test('a client that goes away leaves no connection beyond the door', async () => {
  await using door = await Tunnel.open(probe.standpoint, '127.0.0.1', 6379);
  const [stays, goes] = [clientOf(door), clientOf(door)];
  await Promise.all([stays.ping(), goes.ping()]);
  goes.disconnect();
  const connections = await eventually(
    async () =>
      String(await stays.client('LIST'))
        .trim()
        .split('\n').length,
    (number) => number === 1,
    { withinMs: 10_000 },
  );
  expect(connections.last).toBe(1);
  stays.disconnect();
});

test('where nothing listens the client is closed, and the door says why', async () => {
  await using door = await Tunnel.open(probe.standpoint, '127.0.0.1', 1);
  await expect(clientOf(door).ping()).rejects.toThrow(/Connection is closed/);
  expect(door.lastFailure).toMatch(/^127\.0\.0\.1:1: Connection refused$/);
});

test('a name that does not resolve is told as such', async () => {
  await using door = await Tunnel.open(probe.standpoint, 'nobody.invalid', 6379);
  await expect(clientOf(door).ping()).rejects.toThrow(/Connection is closed/);
  expect(door.lastFailure).toMatch(/^nobody\.invalid:6379: Name or service not known$/);
});

test('a client learns that the server went away', async () => {
  await using door = await Tunnel.open(probe.standpoint, '127.0.0.1', 6379);
  const [admin, cut] = [clientOf(door), clientOf(door)];
  await Promise.all([admin.ping(), cut.ping()]);
  const ended = new Promise((resolve) => cut.once('end', resolve));
  await admin.client('KILL', 'ID', String(await cut.client('ID')));
  await ended;
  expect(cut.status).not.toBe('ready');
  admin.disconnect();
});
