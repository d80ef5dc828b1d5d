import { describe, expect, test } from 'vitest';
import type {
  Entry,
  LimitCheck,
  OwnerCheck,
  RedirectCheck,
  RouteLocation,
} from '../../../../fixtures/checks/routes/obligations.ts';
import type { RawAnswer } from '../../../../fixtures/engine/http/request.ts';
import {
  configurationVerdict,
  ownerVerdict,
  redirectVerdict,
} from '../../../../fixtures/checks/routes/live-verdicts.ts';
import { askKey, type LiveObservation, type LiveAnswer } from '../../../../fixtures/checks/routes/live.ts';
import { markOf } from '../../../../fixtures/checks/routes/marks.ts';
import { limitVerdict } from '../../../../fixtures/checks/routes/wide-verdicts.ts';
import type { LoggedRequest } from '../../../../fixtures/engine/probe/nginx-log.ts';

const ENTRY: Entry = { nginx: 'nginx', port: 80, tls: false, published: true, outside: '80', host: null };
const API = { 'x-version': '1.5.0', 'x-env': 'PRODUCTION' };
const PLACEHOLDER = { 'x-verify-placeholder': '1' };
const WEB = { 'x-powered-by': 'Next.js', 'content-type': 'text/html' };
const PLUGIN = '{"code":-400,"message":"{\\"error_type\\":\\"PluginDaemonBadRequestError\\"}"}';
const GATEWAY = '<html><center>nginx/1.26.3</center></html>';

describe('who answered is told by address and marks together', () => {
  test.each([
    ['api by both', 'api', { headers: API }, {}, 'pass', ''],
    ['one of its replicas', 'api', { headers: API }, { upstreamAddr: ['10.0.0.5:5001'] }, 'pass', 'at 10.0.0.5'],
    [
      'the second after a try',
      'api',
      { headers: API },
      { upstreamAddr: ['10.0.0.9:5001', '10.0.0.4:5001'] },
      'pass',
      '',
    ],
    ['404 of the right owner', 'api', { status: 404, headers: API }, {}, 'pass', '404'],
    ['web in its place', 'api', { headers: WEB }, { upstreamAddr: ['10.0.0.6:3000'] }, 'fail', 'it came from web'],
    [
      'an address of nobody',
      'api',
      { headers: API },
      { upstreamAddr: ['10.0.0.99:5001'] },
      'fail',
      'no running container',
    ],
    ['its address, marks of web', 'api', { headers: WEB }, {}, 'fail', 'marks of web'],
    ['its address, no marks', 'api', {}, {}, 'fail', '(200) lacks the headers X-Version'],
    ['its own error', 'api', { status: 500, headers: API }, {}, 'fail', 'itself answered 500'],
    [
      'what its stand-in does not know',
      'api',
      { status: 501, headers: { ...API, 'x-stand-in-unknown': 'STORAGE_TYPE=s3' } },
      {},
      'skip',
      'does not know STORAGE_TYPE=s3',
    ],
    ['gateway error', 'api', { status: 502, body: GATEWAY }, {}, 'fail', 'nginx got no answer from 10.0.0.4, of api'],
    ['nginx itself', 'api', { status: 404, body: GATEWAY }, { upstreamAddr: [] }, 'fail', 'nginx answered 404 itself'],
    ['no answer at all', 'api', { status: null, error: 'ECONNRESET' }, {}, 'fail', 'ECONNRESET'],
    ['web without marks', 'web', { status: 307 }, { upstreamAddr: ['10.0.0.6:3000'] }, 'pass', '307 by web'],
    ['a placeholder of api', 'api', { headers: PLACEHOLDER }, {}, 'pass', 'a placeholder: whether'],
    [
      'a placeholder elsewhere',
      'api',
      { headers: PLACEHOLDER },
      { upstreamAddr: ['10.0.0.6:3000'] },
      'fail',
      'it came from web',
    ],
    ['plugins', 'plugin_daemon', { status: 404, body: PLUGIN }, { upstreamAddr: ['10.0.0.7:5002'] }, 'pass', ''],
  ])('%s', (_, role, answer, logged, status, words) => {
    const verdict = ownerVerdict(ownerCheck(role), observed(seen(answer, logged)));
    expect(verdict).toMatchObject({ status });
    expect(verdict.message).toContain(words);
  });

  test.for<[string, string, string]>([
    ['proxy_pass http://api:5001', 'nginx-static-upstream', 'set $upstream_api api:5001'],
    ['proxy_pass http://$api', 'nginx-stale-resolver', 'valid=1s'],
  ])('where nobody is any more: %s', ([written, cause, hint]) => {
    const check = ownerCheck('api');
    const pass = { written, where: 'default.conf:9' };
    const taker = { label: '/api', owner: check.owner, where: 'default.conf:8', pass };
    const gone = seen({ status: 502, body: GATEWAY }, { upstreamAddr: ['10.0.0.99:5001'] });
    const verdict = ownerVerdict({ ...check, taker }, observed(gone));
    expect(verdict).toMatchObject({ status: 'fail', cause });
    expect(verdict.hint).toContain(hint);
    const down = { ...observed(gone), addresses: {} };
    expect(ownerVerdict({ ...check, taker }, down).cause).toBeUndefined();
    const there = seen({ status: 502, body: GATEWAY });
    expect(ownerVerdict({ ...check, taker }, observed(there)).cause).toBeUndefined();
  });

  test('a location of nginx itself must not reach anybody', () => {
    const check: OwnerCheck = { ...ownerCheck('api'), owner: { kind: 'nginx' } };
    expect(ownerVerdict(check, observed(seen({ status: 204 }, { upstreamAddr: [] }))).status).toBe('pass');
    expect(ownerVerdict(check, observed(seen({ headers: API }, {}))).status).toBe('fail');
  });

  test.each([
    [true, 'access_log of its own'],
    [false, 'does nginx.conf include'],
  ])('without a line in the log nothing is judged (log works: %s)', (logWorks, hint) => {
    const verdict = ownerVerdict(ownerCheck('api'), {
      ...observed({ ...seen({ headers: API }), logged: null }),
      logWorks,
    });
    expect(verdict).toMatchObject({ status: 'error', hint: expect.stringContaining(hint) as string });
  });

  test('a request that was never sent is no pass', () => {
    expect(ownerVerdict(ownerCheck('api'), observed()).status).toBe('error');
  });

  test.each([
    ['internal: only nginx itself goes there', 'skip'],
    ['unknown: no path could be made from its regular expression', 'error'],
    ['shadowed by location ~ ^/x (default.conf:3)', 'fail'],
  ])('a location without a request: %s', (unreached, status) => {
    expect(ownerVerdict({ ...ownerCheck('api'), ask: null, unreached }, observed()).status).toBe(status);
  });

  test('nothing is sent outside', () => {
    const owner = { kind: 'outside', host: 'docs.example.test' } as const;
    expect(ownerVerdict({ ...ownerCheck('api'), owner }, observed()).status).toBe('skip');
  });

  test.each([
    [{ headers: API, body: '{"pid": 18, "status": "ok", "version": "1.5.0"}' }, 'pass'],
    [{ headers: API, body: '{"status": "error"}' }, 'fail'],
    [{ headers: API, body: '<!DOCTYPE html>' }, 'fail'],
    [{ headers: API, status: 404, body: '{"status": "ok"}' }, 'fail'],
    [{ headers: PLACEHOLDER }, 'skip'],
  ])('the health report %#', (answer, status) => {
    const check: OwnerCheck = { ...ownerCheck('api'), report: 'health' };
    expect(ownerVerdict(check, observed(seen(answer))).status).toBe(status);
  });

  test('a location missing for a path is told with the one that took it, and how to mend it', () => {
    const taker = {
      label: '/',
      where: 'default.conf:39',
      pass: { written: 'proxy_pass http://web:3000', where: 'default.conf:40' },
      owner: { kind: 'services' as const, services: ['web'], role: 'web' as const },
    };
    const web = seen({ status: 404, headers: WEB }, { upstreamAddr: ['10.0.0.6:3000'] });
    const check: OwnerCheck = { ...ownerCheck('api'), taker };
    expect(ownerVerdict(check, observed(web))).toMatchObject({
      message: expect.stringContaining('through location / (default.conf:40)') as string,
      hint: expect.stringContaining('make its first line: location /x {') as string,
      reference: 'default.conf:40',
    });
  });
});

test.each([
  [{ headers: { 'x-env': 'PRODUCTION' }, body: '' }, 'api'],
  [{ headers: { vary: 'RSC, Next-Router-State-Tree' }, body: '' }, 'web'],
  [{ headers: { vary: 'Cookie' }, body: '' }, null],
  [{ headers: {}, body: '404 page not found\n' }, 'plugin_daemon'],
  [{ headers: {}, body: GATEWAY }, 'nginx'],
])('marks %#', (answer, mark) => expect(markOf(answer)).toBe(mark));

describe('redirects keep the published port', () => {
  test.each([
    [307, '/apps', 'pass'],
    [308, 'http://127.0.0.1:32768/v1/', 'pass'],
    [308, 'http://127.0.0.1/v1/', 'fail'],
    [301, '//127.0.0.1/e/', 'fail'],
    [302, 'https://console.example.test/', 'pass'],
    [200, undefined, 'skip'],
    [null, undefined, 'fail'],
  ])('%s to %s', (status, location, expected) => {
    const answer = { status, headers: location === undefined ? {} : { location } };
    const check: RedirectCheck = { ...base, ask: ask('/x'), owner: null, where: 'proxy.conf:3' };
    expect(redirectVerdict(check, observed(seen(answer))).status).toBe(expected);
  });
});

describe('the body limit from above', () => {
  const location = {
    label: '/x',
    mirror: false,
    where: 'default.conf:4',
    pass: null,
    bodyLimit: { bytes: 1024 ** 2, where: null, promised: null },
  };
  const check: LimitCheck = { ...base, above: ask('/x'), location: location as unknown as RouteLocation };
  test.each([
    ['nginx refuses', { status: 413 }, { upstreamAddr: [] }, 'pass'],
    ['the owner refuses', { status: 413, headers: API }, {}, 'fail'],
    ['it is let in', { status: null, error: 'no answer' }, {}, 'fail'],
  ])('%s', (_, answer, logged, status) => {
    const none = { seen: new Map(), failures: new Map() };
    expect(limitVerdict(check, observed(seen(answer, logged)), none).status).toBe(status);
  });
});

test('a configuration that was not read is an error, never a pass', () => {
  const check = { ...base, nginx: 'nginx', locations: 0 };
  expect(configurationVerdict({ ...check, problem: 'not read' }).status).toBe('error');
  expect(configurationVerdict({ ...check, locations: 7, problem: null }).status).toBe('pass');
});

const base = { id: 'routes/x', title: 'x', level: 'must' } as const;

function ask(target: string) {
  return { entry: ENTRY, method: 'GET', target };
}

function ownerCheck(role: string): OwnerCheck {
  const owner = { kind: 'services', services: [role], role } as OwnerCheck['owner'];
  return { ...base, ask: ask('/x'), unreached: null, owner, taker: null, path: '/x', lost: null };
}

function seen(answer: Partial<RawAnswer>, logged: Partial<LoggedRequest> = {}): LiveAnswer {
  return {
    answer: { status: 200, headers: {}, body: '', continued: false, error: null, ...answer },
    sentTo: { host: '127.0.0.1', port: 32768 },
    logged: {
      id: 'a',
      requestId: 'b',
      timeMs: 0,
      method: 'GET',
      uri: '/x',
      status: 200,
      upstreamAddr: ['10.0.0.4:5001'],
      upstreamStatus: [200],
      upstreamSent: [],
      upstreamTimeMs: [],
      requestTimeMs: 1,
      host: '127.0.0.1',
      ...logged,
    },
  };
}

function observed(only?: LiveAnswer): LiveObservation {
  return {
    seen: new Map(only ? [[askKey(ask('/x')), only]] : []),
    addresses: { api: ['10.0.0.4', '10.0.0.5'], web: ['10.0.0.6'], plugin_daemon: ['10.0.0.7'] },
    logWorks: true,
  };
}
