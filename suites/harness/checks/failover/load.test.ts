import { createServer } from 'node:http';
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
