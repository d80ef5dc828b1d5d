import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chromiumPath, startBrowser } from '../../../../fixtures/checks/browser/chromium.ts';
import { reachingOnly } from '../../../../fixtures/checks/browser/observe.ts';

/** Needs a Chromium. A page asks this machine for what it was not given: nothing comes there. */
const servers: http.Server[] = [];
const strangers: string[] = [];

async function listening(listener: http.RequestListener): Promise<number> {
  const server = http.createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

let page: number;
let other: number;

beforeAll(async () => {
  other = await listening((request, answer) => {
    strangers.push(request.url ?? '');
    answer.setHeader('access-control-allow-origin', '*').end('reached');
  });
  page = await listening((_request, answer) => void answer.setHeader('content-type', 'text/html').end('<h1>page</h1>'));
});

afterAll(() => {
  for (const server of servers) server.close();
});

test.skipIf(chromiumPath() === null)(
  'a page reaches the gateway that it came from, and nothing else of this machine',
  async () => {
    const browser = await startBrowser(reachingOnly([`MAP dify.example:80 127.0.0.1:${page}`]));
    try {
      const tab = await browser.newPage();
      await tab.goto('http://dify.example/');
      expect(await tab.textContent('h1')).toBe('page');
      const places = ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', 'dify.example'];
      const asked = await tab.evaluate(
        async (urls) =>
          Promise.all(
            urls.map(async (url) =>
              fetch(url).then(
                () => url,
                () => null,
              ),
            ),
          ),
        places.map((host) => `http://${host}:${other}/${host}`),
      );
      expect(asked.filter((url) => url !== null)).toEqual([]);
      expect(strangers).toEqual([]);
    } finally {
      await browser.close();
    }
  },
);
