import net from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { afterAttention, Attention } from '../../fixtures/engine/attention.ts';
import { connect } from '../../fixtures/engine/probe/agent/tcp.ts';

/** Limits of what waits on a machine without a free processor: a time in which we did not run is none of the other side's. */
const blockFor = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test('a port that was open all the time is no time-out, however long we did not run', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const asked = connect({ host: '127.0.0.1', port, withinMs: 100 });
  // Once the address is known, the engine room connects by itself.
  setImmediate(() => blockFor(400));
  expect((await asked).outcome).toBe('open');
  server.close();
});

test('what does not answer is a time-out, not before its limit', async () => {
  const began = performance.now();
  await new Promise<void>((over) => afterAttention(120, over));
  expect(performance.now() - began).toBeGreaterThanOrEqual(119);
});

test('what came while we did not run is read before the limit is over', async () => {
  const seen: string[] = [];
  const over = new Promise<void>((done) => afterAttention(40, () => (seen.push('over'), done())));
  const server = net.createServer((socket) => socket.end('answer')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  socket.once('data', () => seen.push('answer'));
  blockFor(200);
  await over;
  expect(seen).toEqual(['answer', 'over']);
  server.close();
});

test('a limit that is called off is never over', async () => {
  let over = false;
  const callOff = afterAttention(10, () => (over = true));
  callOff();
  // A longer one, begun after it.
  await new Promise<void>((later) => afterAttention(60, later));
  expect(over).toBe(false);
});

test('a time without a turn of ours is noticed while it is looked for', () => {
  using attention = new Attention();
  blockFor(150);
  expect(attention.longestGapMs).toBeGreaterThanOrEqual(149);
});
