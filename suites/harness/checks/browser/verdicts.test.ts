import { describe, expect, test } from 'vitest';
import {
  cookiesVerdict,
  loadsVerdict,
  ownOriginVerdict,
  redirectsVerdict,
} from '../../../../fixtures/checks/browser/verdicts.ts';
import type { Asked } from '../../../../fixtures/checks/browser/observe.ts';
import { asked, document, pageAt, seenOf } from './samples.ts';

const html = { contentType: 'text/html' };
const API = 'http://localhost/console/api';

describe('loads', () => {
  const of = (requests: Asked[]) => loadsVerdict(pageAt(), seenOf([document(), ...requests]));

  test.for<[string, Asked[], string, RegExp]>([
    ['everything came', [asked(`${API}/setup`)], 'pass', /2 requests were answered, 1 of them/],
    ['nobody is signed in', [asked(`${API}/account/profile`, { status: 401 })], 'pass', /answered/],
    ['the call fell to web', [asked(`${API}/setup`, { status: 404, ...html })], 'fail', /console\/api\/setup: 404/],
    ['api broke', [asked(`${API}/setup`, { status: 500 })], 'fail', /setup: 500/],
    [
      'a style is missing',
      [asked('http://localhost/a.css?v=1', { status: 404, kind: 'stylesheet' })],
      'fail',
      /a\.css: 404/,
    ],
    ['cut off', [asked(`${API}/x`, { error: 'net::ERR_CONNECTION_RESET' })], 'fail', /ERR_CONNECTION_RESET/],
    ['given up by the page', [asked(`${API}/x`, { status: null, error: 'net::ERR_ABORTED' })], 'pass', /answered/],
    [
      'another host',
      [asked('http://other/x', { status: null, error: 'net::ERR_NAME_NOT_RESOLVED' })],
      'pass',
      /1 to other hosts/,
    ],
    ['a page whose script asked nothing', [], 'error', /no call of its own/],
    ['a stream that goes on', [asked(`${API}/x`, { status: null })], 'pass', /answered/],
  ])('%s', ([, requests, status, message]) => {
    expect(of(requests)).toMatchObject({ status, message: expect.stringMatching(message) as string });
  });

  test.for<[string, Partial<Asked>, string]>([
    ['no answer at all', { status: null }, 'fail'],
    ['refused', { status: null, error: 'net::ERR_CONNECTION_REFUSED' }, 'fail'],
    ['a page of an error', { status: 502 }, 'fail'],
  ])('the document: %s', ([, document_, status]) => {
    expect(loadsVerdict(pageAt(), seenOf([document(document_)])).status).toBe(status);
  });

  test('a page that leads away is none to judge here, and says where the judgment is', () => {
    const away = document({
      url: 'https://sso.example.com/',
      redirected: true,
      status: null,
      error: 'net::ERR_FAILED',
    });
    const first = document({ status: 302, location: 'https://sso.example.com/' });
    const verdict = loadsVerdict(pageAt(), seenOf([first, away]));
    expect(verdict).toMatchObject({
      status: 'skip',
      message: expect.stringContaining('browser/signin/redirects') as string,
    });
  });

  test('without a Chromium it is a skip with the command that brings one', () => {
    expect(loadsVerdict(pageAt(), null)).toMatchObject({
      status: 'skip',
      message: expect.stringContaining('apt-get install') as string,
    });
  });
});

test('a page that the networks of the machine changed under was not seen, whatever else it did', () => {
  const seen = seenOf([document(), asked(`${API}/setup`, { status: null, error: 'net::ERR_NETWORK_CHANGED' })]);
  const verdicts = [loadsVerdict, ownOriginVerdict, redirectsVerdict, cookiesVerdict].map((judge) =>
    judge(pageAt(), seen),
  );
  expect(verdicts.map(({ status }) => status)).toEqual(['error', 'error', 'error', 'error']);
  expect(verdicts[0]?.message).toContain('networks of this machine changed');
});

describe('own origin', () => {
  const addresses = { 'web CONSOLE_API_URL': 'https://api.example.com/', 'web SENTRY': 'https://s.example.com' };
  const of = (url: string, more: Partial<Asked> = {}) =>
    ownOriginVerdict(pageAt({}, { addresses }), seenOf([document(), asked(url, { status: null, ...more })]));

  test('a page whose script asked nothing shows nothing of where it would ask', () => {
    expect(ownOriginVerdict(pageAt(), seenOf([document()])).status).toBe('error');
    expect(ownOriginVerdict(pageAt(), seenOf([document(), asked(`${API}/setup`)])).status).toBe('pass');
  });

  test('the variable that leads there is named', () => {
    const verdict = of('https://api.example.com/console/api/setup?token=x');
    expect(verdict).toMatchObject({ status: 'fail', cause: 'page-calls-elsewhere:CONSOLE_API_URL' });
    expect(verdict.message).toContain('CONSOLE_API_URL of web');
    expect(verdict.message).not.toContain('token');
  });

  test.for<[string, string, string]>([
    ['its own address', 'http://localhost:80/x', 'pass'],
    ['another port', 'http://localhost:5001/x', 'fail'],
    ['another name of this machine', 'http://127.0.0.1/x', 'fail'],
    ['https where it came by http', 'https://localhost/x', 'fail'],
    ['what is in the page itself', 'data:image/png;base64,AA', 'pass'],
    ['a socket of its own', 'ws://localhost/socket.io', 'pass'],
    ['a socket elsewhere', 'wss://rt.example.com/', 'fail'],
  ])('%s', ([, url, status]) => expect(of(url).status).toBe(status));

  test('what a redirect led to is the redirect’s affair', () => {
    expect(of('http://localhost:8080/apps', { redirected: true }).status).toBe('pass');
  });

  test('what a page of https would ask by http is told, asked or not', () => {
    const secure = pageAt({ origin: 'https://d.example.com', own: ['https://d.example.com'] });
    const own = document({ url: 'https://d.example.com/signin' });
    const mixed = asked('http://d.example.com/logo.svg', { status: null });
    const call = asked('https://d.example.com/console/api/setup');
    expect(ownOriginVerdict(secure, seenOf([own, call])).status).toBe('pass');
    expect(ownOriginVerdict(secure, seenOf([own, mixed])).status).toBe('fail');
    expect(ownOriginVerdict(secure, seenOf([own], { refused: ['Mixed Content: …'] })).message).toContain(
      'Mixed Content',
    );
  });
});

describe('redirects', () => {
  const https = 'https://localhost';
  const of = (location: string, url = 'http://localhost/') =>
    redirectsVerdict(
      pageAt({ own: ['http://localhost', https] }),
      seenOf([document({ url, status: 307, location }), document({ redirected: true })]),
    );

  test.for([
    ['/apps', 'pass'],
    ['apps', 'pass'],
    ['http://localhost/apps', 'pass'],
    ['https://localhost/apps', 'pass'],
    ['http://localhost:8080/apps', 'fail'],
    ['http://web:3000/apps', 'fail'],
    ['//other/apps', 'fail'],
  ] as const)('/ to %s: %s', ([location, status]) => expect(of(location).status).toBe(status));

  test('down from https it may not lead', () => expect(of('http://localhost/apps', `${https}/`).status).toBe('fail'));
  test('a Location beside 201 is no redirect', () => {
    const made = document({ status: 201, location: 'http://other/' });
    expect(redirectsVerdict(pageAt(), seenOf([made])).status).toBe('pass');
  });
});

describe('cookies', () => {
  const of = (cookie: string, origin = 'http://d.example.com') =>
    cookiesVerdict(
      pageAt({ origin, own: [origin] }),
      seenOf([document({ url: `${origin}/signin`, cookies: ['first=1; Path=/', cookie] })]),
    ).status;

  test.for([
    ['a=1; Path=/', 'pass'],
    ['a=1; Domain=example.com', 'pass'],
    ['a=1; domain=.D.example.com', 'pass'],
    ['a=1; Domain=old.example.com', 'fail'],
    ['a=1; Domain=ample.com', 'fail'],
    ['a=Domain=x; Path=/', 'pass'],
    ['a=1; Secure', 'fail'],
  ] as const)('%s: %s', ([cookie, status]) => expect(of(cookie)).toBe(status));

  test('Secure is kept by https, and on this machine', () => {
    expect(of('a=1; Secure', 'https://d.example.com')).toBe('pass');
    expect(of('a=1; Secure', 'http://localhost')).toBe('pass');
  });
});
