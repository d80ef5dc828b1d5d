import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { Load } from '../../../../fixtures/checks/failover/traffic/load.ts';
import { eventually } from '../../../../fixtures/engine/eventually.ts';

test('requests that may not be repeated are left out for a while, and sent again after it', async () => {
  const server = createServer((request, response) => request.resume().on('end', () => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const targets = (['GET', 'POST'] as const).map((method) => ({ name: method, method, path: '/' }));
  {
    await using load = Load.start({
      origin: `http://127.0.0.1:${port}`,
      targets,
      perSecond: 400,
      limitMs: 5_000,
      name: 'load',
      atMost: 10_000,
    });
    const sentSince = async (count: number) => {
      const before = load.ledger.length;
      await eventually(
        () => load.ledger.length,
        (length) => length >= before + count,
        { withinMs: 10_000, everyMs: 5 },
      );
      return new Set(load.ledger.slice(before).map(({ method }) => method));
    };
    expect(await sentSince(40)).toEqual(new Set(['GET', 'POST']));
    expect(await load.withoutPosts(() => sentSince(40))).toEqual(new Set(['GET']));
    expect(await sentSince(40)).toEqual(new Set(['GET', 'POST']));
  }
  server.closeAllConnections();
  server.close();
});

test('of the time of a request it is told how long the machine stood still, not how slow the server was', async () => {
  const held: ServerResponse[] = [];
  const server = createServer((_, response) => void held.push(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const targets = [{ name: 'GET', method: 'GET' as const, path: '/' }];
  /** One request, which the server answers when `meanwhile` has ended, or never. */
  const told = async (limitMs: number, meanwhile: ((load: Load) => unknown) | null) => {
    await using load = Load.start({
      origin: `http://127.0.0.1:${port}`,
      targets,
      perSecond: 400,
      limitMs,
      name: 'load',
      atMost: 1,
    });
    await eventually(
      () => held.length,
      (count) => count > 0,
      { withinMs: 10_000, everyMs: 1 },
    );
    await meanwhile?.(load);
    const responses = held.splice(0);
    if (meanwhile) for (const response of responses) response.end();
    await load.stop();
    const [request] = load.ledger;
    return { part: (request?.stoodMs ?? 0) / ((request?.endedMs ?? 0) - (request?.sentMs ?? 0)), request };
  };
  const standMs = 2_000;
  // What a host does that takes the processors away: nothing of this process runs.
  const still = await told(standMs / 2, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, standMs));
  expect(still.part).toBeGreaterThan(0.5);
  // Without what it was granted it would have been given up.
  expect(still.request?.outcome).toBe('answered');
  const slow = await told(30_000, (load) =>
    eventually(
      () => load.nowMs,
      (nowMs) => nowMs > standMs / 2,
      { withinMs: 10_000, everyMs: 5 },
    ),
  );
  expect(slow.request?.outcome).toBe('answered');
  expect(slow.part).toBeLessThan(0.5);
  expect((await told(standMs / 20, null)).request?.outcome).toBe('hung');
  server.closeAllConnections();
  server.close();
});
