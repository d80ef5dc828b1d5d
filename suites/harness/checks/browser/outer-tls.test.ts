import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { OuterTls } from '../../../../fixtures/checks/browser/outer-tls.ts';

async function asked(port: number, options: https.RequestOptions, body = '') {
  const request = https.request({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false, ...options });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [http.IncomingMessage];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

test('the proxy before nginx: https outside, http inside with the host as it came, two cookies stay two', async () => {
  const inside = http
    .createServer((request, answer) => {
      void text(request).then((body) => {
        const { host, 'x-forwarded-proto': proto } = request.headers;
        answer
          .writeHead(201, { 'set-cookie': ['a=1', 'b=2'] })
          .end(JSON.stringify({ host, proto, body, url: request.url }));
      });
    })
    .listen(0, '127.0.0.1');
  await once(inside, 'listening');
  const { port } = inside.address() as AddressInfo;
  try {
    await using outer = await OuterTls.open('dify.example', { host: '127.0.0.1', port });
    const options = { method: 'POST', path: '/console/api/login?x=1', headers: { host: 'dify.example' } };
    const answer = await asked(outer.port, options, 'body');
    expect(answer.status).toBe(201);
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(JSON.parse(answer.body)).toEqual({
      host: 'dify.example',
      proto: 'https',
      body: 'body',
      url: '/console/api/login?x=1',
    });
    inside.close();
    inside.closeAllConnections();
    // No page of its own in the place of an answer.
    await expect(asked(outer.port, { path: '/' })).rejects.toThrow(/socket hang up|ECONNRESET/);
  } finally {
    inside.close();
  }
});
