import { describe, expect, test } from 'vitest';
import type { UploadCheck } from '../../../../fixtures/checks/routes/obligations.ts';
import type { Echoed } from '../../../../fixtures/engine/probe/echo-protocol.ts';
import type { EchoAnswer, MirrorAnswers } from '../../../../fixtures/checks/routes/mirror-observe.ts';
import {
  atMirror,
  bodyVerdict,
  headersVerdict,
  hookVerdict,
  streamVerdict,
  targetVerdict,
  upgradeVerdict,
} from '../../../../fixtures/checks/routes/mirror-verdicts.ts';
import { portVerdict, schemeVerdict, uploadVerdict } from '../../../../fixtures/checks/routes/wide-verdicts.ts';
import { ENTRY, LOCATION } from './samples.ts';

const HEADERS = {
  host: ['127.0.0.1:32768'],
  authorization: ['Bearer verify'],
  cookie: ['verify=1'],
  'x-forwarded-for': ['172.18.0.1'],
  'x-forwarded-proto': ['http'],
  'x-forwarded-port': ['80'],
  'dify-hook-url': ['http://127.0.0.1:32768/e/verify/body?x=1'],
};

describe('what stands between the mirror and a verdict', () => {
  const judge = () => ({ status: 'pass' as const });
  const of = (seen: Map<string, MirrorAnswers>, failures = new Map<string, string>()) => ({ seen, failures });

  test('a mirror that did not start is an error with its words', () => {
    const verdict = atMirror(
      { location: LOCATION },
      of(new Map(), new Map([['nginx', '[emerg] host not found']])),
      judge,
    );
    expect(verdict).toMatchObject({ status: 'error', message: expect.stringContaining('[emerg]') as string });
  });

  test('nothing sent is an error', () => {
    expect(atMirror({ location: LOCATION }, of(new Map()), judge).status).toBe('error');
  });

  test('an echo server that was never reached is an error', () => {
    const lost = seen({ targets: [{ what: 'a query', target: '/e/x', answer: answer(null, 502) }], methods: [] });
    const verdict = atMirror({ location: LOCATION }, of(new Map([['/e/', lost]])), judge);
    expect(verdict).toMatchObject({ status: 'error', message: expect.stringContaining('502') as string });
  });

  test('what has no name behind it is skipped', () => {
    expect(atMirror({ location: { ...LOCATION, mirror: false } }, of(new Map()), judge).status).toBe('skip');
  });
});

describe('targets and bodies', () => {
  test.each([
    ['unchanged', '/e/a%2Fb', {}, 'pass'],
    ['decoded on the way', '/e/a%2Fb', { target: '/e/a/b' }, 'fail'],
    ['prefix stripped', '/e/a', { target: '/a' }, 'fail'],
    ['query lost', '/e/a?b=1', { target: '/e/a' }, 'fail'],
    ['at the port of another owner', '/e/a', { port: 3000 }, 'fail'],
    ['not at all', '/e/a', null, 'fail'],
  ])('a target arrives %s', (_, target, arrived, status) => {
    const arriving = arrived === null ? answer(null, 404) : answer({ target, ...arrived });
    expect(targetVerdict(LOCATION, seen({ targets: [{ what: 'it', target, answer: arriving }] })).status).toBe(status);
  });

  test.each([
    ['unchanged', {}, 'pass'],
    ['as another method', { method: 'GET' }, 'fail'],
    ['without its body', { bodySha256: 'empty', bodyBytes: 0 }, 'fail'],
    ['not at all', null, 'fail'],
  ])('a POST arrives %s', (_, arrived, status) => {
    const arriving = arrived === null ? answer(null, 403) : answer({ method: 'POST', bodySha256: 'sum', ...arrived });
    const methods = [{ method: 'POST', bytes: 2048, sha256: 'sum', answer: arriving }];
    expect(bodyVerdict(LOCATION, seen({ methods })).status).toBe(status);
  });

  test('nothing tried is no pass', () => {
    expect(targetVerdict(LOCATION, seen({ targets: [] })).status).toBe('error');
    expect(bodyVerdict(LOCATION, seen({ methods: [] })).status).toBe('error');
  });
});

describe('headers', () => {
  test.each([
    ['all there', {}, 'pass', ''],
    ['host without its port is advice of another check', { host: ['127.0.0.1'] }, 'pass', ''],
    ['no host', { host: undefined }, 'fail', 'host: expected 127.0.0.1, got none'],
    ['the upstream as host', { host: ['api:5001'] }, 'fail', 'got api:5001'],
    ['no client address', { 'x-forwarded-for': undefined }, 'fail', 'x-forwarded-for'],
    ['a chain of addresses', { 'x-forwarded-for': ['203.0.113.7, fd00::1'] }, 'pass', ''],
    ['a name for an address', { 'x-forwarded-for': ['203.0.113.7, '] }, 'fail', 'x-forwarded-for'],
    ['the wrong scheme', { 'x-forwarded-proto': ['https'] }, 'fail', 'expected http'],
    ['an empty port', { 'x-forwarded-port': [''] }, 'fail', 'x-forwarded-port'],
    ['a port that is a variable', { 'x-forwarded-port': ['$server_port'] }, 'fail', 'x-forwarded-port'],
    ['a static nginx that writes no port', { 'x-forwarded-port': undefined }, 'pass', '-Proto arrived'],
    ['credentials dropped', { authorization: undefined }, 'fail', 'authorization'],
    ['cookie dropped', { cookie: undefined }, 'fail', 'cookie'],
  ])('%s', (_, headers, status, words) => {
    const verdict = headersVerdict(LOCATION, seen({ plain: answer({ headers: { ...HEADERS, ...headers } }) }));
    expect(verdict.status).toBe(status);
    expect(verdict.message).toContain(words);
  });

  test.each([
    ['http://127.0.0.1:32768/e/verify/body?x=1', 'pass'],
    ['http://127.0.0.1/e/verify/body?x=1', 'pass'],
    ['https://127.0.0.1/e/verify/body?x=1', 'fail'],
    ['://', 'fail'],
    [undefined, 'fail'],
  ])('hook url %s', (value, status) => {
    const headers = { ...HEADERS, 'dify-hook-url': value === undefined ? undefined : [value] };
    expect(hookVerdict(LOCATION, seen({ plain: answer({ headers }) })).status).toBe(status);
  });

  test.each([
    ['kept', {}, 'pass'],
    ['lost in Host', { host: ['127.0.0.1'] }, 'fail'],
    ['lost in the hook url', { 'dify-hook-url': ['http://127.0.0.1/e/verify/body?x=1'] }, 'fail'],
  ])('the port is %s', (_, headers, status) => {
    const plain = answer({ headers: { ...HEADERS, ...headers } });
    expect(portVerdict(ENTRY_CHECK, mirrors(seen({ plain }))).status).toBe(status);
  });

  test.each([
    [['https'], 'pass'],
    [['https, http'], 'pass'],
    [['http'], 'fail'],
    [undefined, 'fail'],
  ])('outer scheme arrives as %s', (value, status) => {
    const forwarded = answer({ headers: { ...HEADERS, 'x-forwarded-proto': value } });
    expect(schemeVerdict(ENTRY_CHECK, mirrors(seen({ forwarded }))).status).toBe(status);
  });
});

describe('streams and sockets', () => {
  test.each([
    ['one by one', { oneByOne: 3, total: 3 }, 'pass'],
    ['all at the end', { oneByOne: 0, total: 3 }, 'fail'],
    ['the first alone', { oneByOne: 1, total: 3 }, 'fail'],
    ['broken off', { oneByOne: 1, total: 1, error: 'ECONNRESET' }, 'fail'],
    ['never begun', { begun: false, oneByOne: 0, total: 0 }, 'error'],
  ])('events %s', (_, stream, status) => {
    const whole = { framing: 'stream-to-close' as const, status: 200, error: null, begun: true, ...stream };
    const good = { ...whole, framing: 'stream-chunked' as const, begun: true, oneByOne: 3, total: 3 };
    expect(streamVerdict(LOCATION, seen({ streams: [good, whole] })).status).toBe(status);
  });

  test('no stream at all is no pass', () => {
    expect(streamVerdict(LOCATION, seen({ streams: [] })).status).toBe('error');
  });

  test.each([
    [{ status: 101, error: null, bothWays: true }, 'pass'],
    [{ status: 101, error: 'closed', bothWays: false }, 'fail'],
    [{ status: 200, error: null, bothWays: false }, 'fail'],
    [null, 'error'],
  ])('upgrade %#', (upgrade, status) => expect(upgradeVerdict(LOCATION, seen({ upgrade })).status).toBe(status));
});

test.each([
  [15, 15, 'pass'],
  [100, 15, 'fail'],
  [100, null, 'pass'],
])('uploads of %s MB through %s MB', (allowed, limit, status) => {
  const bytes = limit === null ? null : limit * 1024 ** 2;
  const check: UploadCheck = {
    ...CHECK,
    largest: { bytes: allowed * 1024 ** 2, variable: 'UPLOAD_VIDEO_FILE_SIZE_LIMIT' },
    locations: [{ ...LOCATION, bodyLimit: { bytes, where: null, promised: null } }],
  };
  expect(uploadVerdict(check).status).toBe(status);
});

const CHECK = { id: 'routes/x', title: 'x', level: 'must' } as const;
const ENTRY_CHECK = { ...CHECK, entry: ENTRY, locations: [LOCATION] };

function answer(echoed: Partial<Echoed> | null, status = 200): EchoAnswer {
  const whole: Echoed = {
    mark: 'echo-1',
    port: 5002,
    method: 'GET',
    target: '/e/x',
    headers: HEADERS,
    bodyBytes: 0,
    bodySha256: '',
  };
  return { status, continued: false, error: null, echoed: echoed && { ...whole, ...echoed } };
}

function seen(more: Partial<MirrorAnswers>): MirrorAnswers {
  return {
    planned: { targets: 1, methods: 1, streams: 1 },
    targets: [{ what: 'it', target: '/e/x', answer: answer({}) }],
    methods: [],
    sent: { target: '/e/verify/body?x=1', host: '127.0.0.1:32768', authorization: 'Bearer verify', cookie: 'verify=1' },
    plain: answer({}),
    forwarded: answer({ headers: { ...HEADERS, 'x-forwarded-proto': ['https'] } }),
    streams: [],
    upgrade: null,
    atLimit: { bytes: 1024, whole: false, sha256: '', answer: answer(null) },
    ...more,
  };
}

function mirrors(own: MirrorAnswers) {
  return { seen: new Map([['/e/', own]]), failures: new Map<string, string>() };
}
