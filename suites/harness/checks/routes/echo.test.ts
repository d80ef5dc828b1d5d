import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../../../../fixtures/engine/http/request.ts';
import { echoServers } from '../../../../fixtures/engine/probe/agent/echo.ts';
import { FRAMINGS, type Echoed } from '../../../../fixtures/engine/probe/echo-protocol.ts';
import { observeStream } from '../../../../fixtures/checks/routes/stream.ts';
import { observeUpgrade } from '../../../../fixtures/checks/routes/upgrade.ts';

const servers = echoServers();
const echo = servers.echo();
/** A proxy as nginx is with proxy_buffering on: the whole answer first, then all of it at once. */
const buffering = http.createServer((request, response) => {
  const { port } = echo.address() as AddressInfo;
  const onward = http.request({ host: '127.0.0.1', port, path: request.url, headers: request.headers }, (answer) => {
    const chunks: Buffer[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk));
    answer.on('end', () => response.end(Buffer.concat(chunks)));
  });
  request.pipe(onward);
});
const all = [servers.control, echo, buffering];

beforeAll(async () => {
  await Promise.all(all.map((server) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done))));
});
afterAll(() => {
  for (const server of all) {
    server.closeAllConnections();
    server.close();
  }
});

describe('the echo answers with what arrived', () => {
  test.each(['/a/b%2Fc?x=1&y=%20', '//a/./b/../c', '/%C3%BC', '/?'])('%s byte for byte', async (target) => {
    const answer = await send({ ...at(echo), method: 'GET', target, withinMs: 5000 });
    expect((JSON.parse(answer.body) as Echoed).target).toBe(target);
  });

  test('method, headers as sent, body by length and sum', async () => {
    const body = Buffer.from([0, 255, 128, 10]);
    const headers = { host: 'verify.example.test:81', 'x-twice': 'a' };
    const answer = await send({ ...at(echo), method: 'PATCH', target: '/', headers, body, withinMs: 5000 });
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'PATCH',
      headers: { host: ['verify.example.test:81'], 'x-twice': ['a'], 'content-length': ['4'] },
      bodyBytes: 4,
    });
  });

  test('an announced body is asked for, not sent', async () => {
    const headers = { expect: '100-continue' };
    const asked = { ...at(echo), method: 'POST', target: '/', headers, announcedBytes: 10 ** 9, withinMs: 5000 };
    expect(await send(asked)).toMatchObject({ continued: true, status: null });
  });

  test('nobody there is told, not thrown', async () => {
    const { port } = await closed();
    expect(await send({ host: '127.0.0.1', port, method: 'GET', target: '/', withinMs: 5000 })).toMatchObject({
      status: null,
      error: 'ECONNREFUSED',
    });
  });
});

describe('a stream is judged by order, not by the clock', () => {
  const through = (server: http.Server) => ({ to: at(server), tls: false, host: 'x', target: '/v1/stream' });

  test.each(FRAMINGS)('each event before the next is sent, %s', async (framing) => {
    const seen = await observeStream({ controls: [at(servers.control)], likely: null }, through(echo), framing);
    expect(seen).toEqual({ framing, status: 200, error: null, begun: true, oneByOne: 3, total: 3 });
  });

  test('the server that answered before is asked alone, the others once it is seen not to have the stream', async () => {
    const strangers = Array.from({ length: 3 }, () => {
      const asked: number[] = [];
      const server = http.createServer((_, response) => {
        asked.push(performance.now());
        response.end(JSON.stringify({ sent: 0, ended: false }));
      });
      return { server, asked };
    });
    const listening = strangers.map(({ server }) => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
    await Promise.all(listening);
    const others = strangers.map(({ server }) => at(server));
    const controls = [...others, at(servers.control)];
    const own = await observeStream({ controls, likely: at(servers.control) }, through(echo), 'stream-chunked');
    expect(own).toMatchObject({ begun: true, oneByOne: 3, total: 3 });
    expect(strangers.flatMap(({ asked }) => asked)).toEqual([]);
    const wrong = others[0] ?? null;
    const led = await observeStream({ controls, likely: wrong }, through(echo), 'stream-chunked');
    expect(led).toMatchObject({ begun: true, oneByOne: 3, total: 3 });
    for (const { server } of strangers) server.close();
  });

  test('held back until the end', async () => {
    const seen = await observeStream(
      { controls: [at(servers.control)], likely: null },
      through(buffering),
      'stream-chunked',
    );
    expect(seen).toMatchObject({ begun: true, oneByOne: 0, total: 3 });
  });

  test('never begun', async () => {
    const to = { ...through(echo), to: await closed() };
    const seen = await observeStream({ controls: [at(servers.control)], likely: null }, to, 'stream-chunked');
    expect(seen).toMatchObject({ begun: false, total: 0, error: 'ECONNREFUSED' });
  });
});

describe('an upgrade', () => {
  const through = (server: http.Server) => ({ to: at(server), tls: false, host: 'x', target: '/socket.io/' });

  test('goes both ways', async () => {
    expect(await observeUpgrade(through(echo))).toEqual({ status: 101, error: null, bothWays: true });
  });

  test('answered as a plain request is none', async () => {
    expect(await observeUpgrade(through(servers.control))).toEqual({ status: 200, error: null, bothWays: false });
  });
});

function at(server: http.Server): { host: string; port: number } {
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function closed(): Promise<{ host: string; port: number }> {
  const server = http.createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = at(server);
  await new Promise((done) => server.close(done));
  return address;
}
