import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
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
  const answerAfterMs = 400;
  const server = createServer((_, response) => void pause(answerAfterMs).then(() => response.end()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const targets = [{ name: 'GET', method: 'GET' as const, path: '/' }];
  const told = async (meanwhile: () => void, limitMs: number) => {
    await using load = Load.start({
      origin: `http://127.0.0.1:${port}`,
      targets,
      perSecond: 400,
      limitMs,
      name: 'load',
      atMost: 1,
    });
    await eventually(
      () => load.open,
      ({ length }) => length > 0,
      { withinMs: 10_000, everyMs: 1 },
    );
    meanwhile();
    await load.stop();
    const [request] = load.ledger;
    return { part: (request?.stoodMs ?? 0) / ((request?.endedMs ?? 0) - (request?.sentMs ?? 0)), request };
  };
  // What a host does that takes the processors away: nothing of this process runs.
  const stand = (ms: number) => () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  const still = await told(stand(10 * answerAfterMs), 2 * answerAfterMs);
  expect(still.part).toBeGreaterThan(0.8);
  // Without what it was granted it would have been given up.
  expect(still.request?.outcome).toBe('answered');
  const slow = await told(() => undefined, 100 * answerAfterMs);
  expect(slow.part).toBeLessThan(0.5);
  const never = await told(() => undefined, answerAfterMs / 8);
  expect(never.request?.outcome).toBe('hung');
  server.closeAllConnections();
  server.close();
});
