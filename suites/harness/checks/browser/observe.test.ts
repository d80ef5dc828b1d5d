import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromiumPath } from '../../../../fixtures/checks/browser/chromium.ts';
import type { BrowserContract, PageCheck, Place } from '../../../../fixtures/checks/browser/obligations.ts';
import { pagesSeen, type PageSeen } from '../../../../fixtures/checks/browser/observe.ts';
import {
  cookiesVerdict,
  loadsVerdict,
  ownOriginVerdict,
  redirectsVerdict,
} from '../../../../fixtures/checks/browser/verdicts.ts';
import type { JudgedStack } from '../../../../fixtures/checks/run-context.ts';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { entry, pageAt } from './samples.ts';

/** What the gateway of the pretended stack was asked for, with the host as it came. */
const asked: string[] = [];
/** How often the gateway has said of a page that it reached nobody. */
const unreached = { '/once': 0, '/never': 0 };
let gateway: http.Server;
let port: number;

const script = (url: string) => `<script>fetch(${JSON.stringify(url)}).catch(() => null)</script>`;
const PAGES: Record<string, (host: string) => string> = {
  '/calls': () => script('/console/api/setup'),
  '/elsewhere': () => script('http://api.example.org/console/api/setup'),
  '/mixed': (host) => script(`http://${host}/console/api/setup`),
  '/once': () => script('/console/api/setup'),
  '/silent': () => '<h1>no script</h1>',
};

beforeAll(async () => {
  gateway = http
    .createServer(({ url = '', headers: { host = '', 'x-forwarded-proto': proto = 'http' } }, answer) => {
      asked.push(`${String(proto)}://${host}${url}`);
      const page = PAGES[url];
      if (url === '/leads')
        answer.writeHead(302, { location: '/calls', 'set-cookie': ['a=1; Path=/', 'b=2; Secure'] }).end();
      else if (url === '/never' || (url === '/once' && unreached[url] === 0)) {
        unreached[url] += 1;
        answer.writeHead(504).end();
      } else if (url === '/console/api/setup') answer.setHeader('content-type', 'application/json').end('{}');
      else if (page) answer.setHeader('content-type', 'text/html').end(page(host));
      else answer.writeHead(404).end();
    })
    .listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  port = (gateway.address() as AddressInfo).port;
});
afterAll(() => {
  gateway.closeAllConnections();
  gateway.close();
});

const pageOf = (name: string, place: Partial<Place> = {}, more: Partial<PageCheck> = {}): PageCheck =>
  pageAt(place, { id: `browser/${name}/loads`, page: name, path: `/${name}`, ...more });

/** A stack whose gateway is the server above; how it was asked for the way there is kept. */
function pretended(pages: PageCheck[]): { stack: JudgedStack; ways: string[] } {
  const ways: string[] = [];
  const browser: BrowserContract = { loads: pages, ownOrigin: [], redirects: [], cookies: [] };
  const way = (how: string) => {
    ways.push(how);
    return Promise.resolve({ host: '127.0.0.1', port });
  };
  const stack = {
    run: { contract: { browser } },
    published: (service: string, inner: number) => way(`published ${service}:${inner}`),
    tunnel: (service: string, host: string, inner: number) => way(`tunnel ${service} ${host}:${inner}`),
  };
  return { stack: stack as unknown as JudgedStack, ways };
}

async function seen(pages: PageCheck[]): Promise<(name: string) => PageSeen> {
  const all = await pagesSeen(pretended(pages).stack);
  return (name) => {
    const page = all?.get(name);
    if (!page) throw new Error(`${name} was not opened`);
    return page;
  };
}

const HTTPS: Partial<Place> = { origin: 'https://dify.example.org', own: ['https://dify.example.org'], outerTls: true };

describe.skipIf(chromiumPath() === null)('what a browser sees of the pages', { timeout: 60_000 * slowness }, () => {
  test('each page is opened by the address that people type, through the published port, and once for all checks', async () => {
    const pages = [pageOf('calls'), pageOf('silent'), pageOf('leads')];
    const { stack, ways } = pretended(pages);
    asked.length = 0;
    const [first, again] = await Promise.all([pagesSeen(stack), pagesSeen(stack)]);
    expect(again).toBe(first);
    expect(ways).toEqual(['published nginx:80']);
    expect([...(first?.keys() ?? [])]).toEqual(['calls', 'silent', 'leads']);
    expect(asked).toContain('http://localhost/calls');
    expect(pages.map((page) => loadsVerdict(page, first).status)).toEqual(['pass', 'error', 'pass']);
  });

  test('where no port is published the way leads through the container, and what is not to be looked at is not opened', async () => {
    const inside = { entry: { ...entry, published: false } };
    const { stack, ways } = pretended([
      pageOf('calls', inside),
      pageOf('silent', inside, { skipped: 'a placeholder' }),
      pageOf('leads', inside, { blocked: { by: 'health/boot', reason: 'away' } }),
    ]);
    expect([...((await pagesSeen(stack))?.keys() ?? [])]).toEqual(['calls']);
    expect(ways).toEqual(['tunnel nginx 127.0.0.1:80']);
  });

  test('redirects are told one by one, with the cookies of each answer and where the page ended', async () => {
    const page = pageOf('leads');
    const { asked: requests, landed } = (await seen([page]))('leads');
    const main = requests.filter((one) => one.main);
    expect(
      main.map(({ url, status, redirected, location }) => [new URL(url).pathname, status, redirected, location]),
    ).toEqual([
      ['/leads', 302, false, '/calls'],
      ['/calls', 200, true, null],
    ]);
    expect(main[0]?.cookies).toEqual(['a=1; Path=/', 'b=2; Secure']);
    expect(landed).toBe('http://localhost/calls');
    const observation = new Map([['leads', { asked: requests, refused: [], landed }]]);
    expect([redirectsVerdict(page, observation).status, cookiesVerdict(page, observation).status]).toEqual([
      'pass',
      'pass',
    ]);
  });

  test('a page that the gateway reached nobody for is opened once more; one that it never reaches stays red', async () => {
    const [once, never] = [pageOf('once'), pageOf('never')];
    const one = await seen([once, never]);
    expect(unreached).toEqual({ '/once': 1, '/never': 2 });
    const observation = new Map(['once', 'never'].map((name) => [name, one(name)]));
    expect([once, never].map((page) => loadsVerdict(page, observation).status)).toEqual(['pass', 'fail']);
    expect(loadsVerdict(once, observation).message).toContain('; opened again after 504 by nginx itself');
  });

  test('what is asked of another host is recorded, and comes nowhere', async () => {
    asked.length = 0;
    const page = pageOf('elsewhere');
    const one = (await seen([page]))('elsewhere');
    expect(one.asked.map(({ url, status }) => [url, status])).toContainEqual([
      'http://api.example.org/console/api/setup',
      null,
    ]);
    expect(asked.filter((url) => url.includes('api.example.org'))).toEqual([]);
    expect(ownOriginVerdict(page, new Map([['elsewhere', one]])).status).toBe('fail');
  });

  test('TLS ends before nginx: pages come by https, nginx is told so, and a call by http is refused by the browser', async () => {
    asked.length = 0;
    const [sound, mixed] = [pageOf('calls', HTTPS), pageOf('mixed', HTTPS)];
    const one = await seen([sound, mixed]);
    expect(asked).toContain('https://dify.example.org/calls');
    expect(asked.filter((url) => url.startsWith('http:'))).toEqual([]);
    expect(one('calls').refused).toEqual([]);
    expect(one('mixed').refused.join()).toContain('Mixed Content:');
    const observation = new Map(['calls', 'mixed'].map((name) => [name, one(name)]));
    expect([sound, mixed].map((page) => ownOriginVerdict(page, observation).status)).toEqual(['pass', 'fail']);
  });
});
