import { describe, expect, test } from 'vitest';
import type { ProxyParty } from '../../../../fixtures/checks/isolation/obligations-proxy.ts';
import {
  codeDeniedVerdict,
  codeOutsideVerdict,
  codePassesVerdict,
  codeRefusedVerdict,
} from '../../../../fixtures/checks/isolation/code-verdicts.ts';
import {
  leftOf,
  programFor,
  reportOf,
  requestFor,
  type CodeReport,
} from '../../../../fixtures/checks/isolation/code-program.ts';
import type { CodeObservation } from '../../../../fixtures/checks/isolation/code.ts';
import type { Attempt } from '../../../../fixtures/checks/isolation/matrix.ts';
import {
  connectVerdict,
  isRefused,
  passesVerdict,
  refusesVerdict,
} from '../../../../fixtures/checks/isolation/proxy-verdicts.ts';
import { takerOf, type ProxyRequest } from '../../../../fixtures/checks/isolation/proxy.ts';

const base = { id: '', title: 'ssrf_proxy refuses it', level: 'must' as const };

describe('the proxy', () => {
  const party: ProxyParty = { proxy: 'ssrf_proxy', port: 3128, clients: ['sandbox', 'api'] };
  const request = (more: Partial<ProxyRequest>): ProxyRequest => ({
    client: 'sandbox',
    method: 'GET',
    url: 'http://weaviate:8080/verify-00',
    status: 200,
    squidError: null,
    server: null,
    body: '',
    error: null,
    taken: null,
    ...more,
  });
  const denied = request({ status: 403, squidError: 'ERR_ACCESS_DENIED 0', server: 'squid/6.13' });
  const good = request({ body: 'mark\n' });
  const handed = request({ status: 503, squidError: 'ERR_CONNECT_FAIL 111', taken: 'ANY_OLD_PARENT/192.0.2.1' });
  const stray = request({ status: 404, body: '404 page not found', taken: 'FIRSTUP_PARENT/172.20.0.5' });

  test.for([
    ["squid's own page", denied, true],
    ['a server header alone', request({ status: 403, server: 'squid/5.7' }), true],
    ["the target's own 403", request({ status: 403, server: 'nginx' }), false],
    ['squid could not connect', request({ status: 503, squidError: 'ERR_CONNECT_FAIL 111', server: 'squid' }), false],
    ['403 with another error of squid', request({ status: 403, squidError: 'ERR_CANNOT_FORWARD 0' }), false],
    ['no answer', request({ status: null, error: 'ECONNRESET' }), false],
  ] as [string, ProxyRequest, boolean][])('refused by %s', ([, seen, expected]) => {
    expect(isRefused(seen)).toBe(expected);
  });

  const refuses = { ...base, party, target: { kind: 'hosts' as const, hosts: ['127.0.0.1'] } };
  test.for([
    ['all refused, an allowed one passed', { requests: [denied], control: [good] }, 'pass'],
    ['all refused, the allowed one went to the peer', { requests: [denied], control: [stray] }, 'pass'],
    ['all refused, the allowed one was handed to a parent outside', { requests: [denied], control: [handed] }, 'pass'],
    ['everything is refused', { requests: [denied], control: [denied] }, 'error'],
    ['the proxy is dead', { requests: [denied], control: [request({ status: null, error: 'ECONNREFUSED' })] }, 'error'],
    ['one of two got through', { requests: [denied, good], control: [good] }, 'fail'],
    [
      'a time-out is no refusal',
      { requests: [request({ status: null, error: 'no answer' })], control: [good] },
      'fail',
    ],
    ['nothing asked', { requests: [], control: [good] }, 'error'],
    ['one of two clients did not ask', { requests: [denied], control: [good] }, 'error', ['sandbox', 'api']],
  ] as [string, { requests: ProxyRequest[]; control: ProxyRequest[] }, string, string[]?][])(
    '%s',
    ([, seen, status, clients = ['sandbox']]) => {
      expect(
        refusesVerdict({ ...refuses, party: { ...party, clients } }, { ...seen, hosts: ['weaviate:8080'], owners: {} })
          .status,
      ).toBe(status);
    },
  );

  const passes = { ...base, party, client: 'sandbox' };
  test('one stray answer of many is a failure, with who gave it', () => {
    const seen = {
      requests: [...Array.from({ length: 21 }, () => good), stray],
      planned: 22,
      mark: 'mark',
      owners: { '172.20.0.5': 'sandbox' },
    };
    const verdict = passesVerdict(passes, seen);
    expect(verdict).toMatchObject({ status: 'fail', reference: 'F077' });
    expect(verdict.message).toContain(
      '1 were not: sandbox: GET http://weaviate:8080/ 404 by FIRSTUP_PARENT/172.20.0.5 (sandbox)',
    );
  });

  test('a parent proxy outside that the copy does not reach is not verified; a peer of the stack is a failure all the same', () => {
    const owners = { '172.20.0.5': 'sandbox' };
    const statusOf = (...requests: ProxyRequest[]) =>
      passesVerdict(passes, { requests, planned: requests.length, mark: 'mark', owners });
    expect(statusOf(handed, handed)).toMatchObject({
      status: 'skip',
      message: expect.stringContaining('a parent proxy outside the stack (ANY_OLD_PARENT/192.0.2.1)') as string,
    });
    expect(statusOf(handed, stray)).toMatchObject({ status: 'fail', cause: 'squid-peer-open' });
    expect(statusOf(request({ ...handed, taken: 'FIRSTUP_PARENT/172.20.0.5' })).status).toBe('fail');
    // Whatever answers itself is no dead parent.
    expect(statusOf(request({ ...handed, squidError: null, status: 404 })).status).toBe('fail');
    expect(statusOf(request({ ...handed, taken: 'HIER_NONE/-' })).status).toBe('fail');
  });

  test('a 200 of somebody else is a failure; no request is no verdict', () => {
    expect(
      passesVerdict(passes, { requests: [request({ body: 'hello' })], planned: 1, mark: 'mark', owners: {} }).status,
    ).toBe('fail');
    expect(passesVerdict(passes, { requests: [], planned: 1, mark: 'mark', owners: {} }).status).toBe('error');
    expect(passesVerdict(passes, { requests: [good], planned: 2, mark: 'mark', owners: {} }).status).toBe('error');
    expect(passesVerdict(passes, { requests: [good], planned: 1, mark: 'mark', owners: {} }).status).toBe('pass');
  });

  test.for([
    [{ 443: 200, 8443: 403 }, 'pass'],
    [{ 443: 200, 8443: 200 }, 'fail'],
    [{ 443: 403, 8443: 403 }, 'fail'],
    [{ 443: 200 }, 'error'],
    [{}, 'error'],
  ] as [Record<number, number>, string][])('tunnels %j', ([tunnels, status]) => {
    const seen = Object.fromEntries(Object.entries(tunnels).map(([port, code]) => [port, request({ status: code })]));
    expect(connectVerdict({ ...base, party }, { ports: [443, 8443], tunnels: seen }).status).toBe(status);
  });

  test("the taker in squid's log", () => {
    const log =
      '1732500000.123      5 172.20.0.3 TCP_MISS/404 230 GET http://a/verify-1 - FIRSTUP_PARENT/172.20.0.5 text/plain\n' +
      '1732500000.124      5 172.20.0.3 TCP_DENIED/403 230 GET http://a/verify-2 - HIER_NONE/- text/html\n';
    expect(takerOf(log, 'http://a/verify-1')).toBe('FIRSTUP_PARENT/172.20.0.5');
    expect(takerOf(log, 'http://a/verify-2')).toBe('HIER_NONE/-');
    expect(takerOf(log, 'http://a/verify-')).toBeNull();
  });
});

describe('code in the sandbox', () => {
  const it = {
    ...base,
    sandbox: 'sandbox',
    port: 8194,
    runner: 'sandbox' as const,
    asker: 'api',
    target: { service: 'db', port: 5432 },
    proxy: 'ssrf_proxy',
    control: 'isolation/sandbox/code/allowed',
  };
  const report = (...answers: [number | null, string | null, string][]): CodeReport => ({
    direct: {},
    proxied: Object.fromEntries(
      answers.map(([status, squid, body], index) => [
        `http://x/${index}`,
        { status, squid, server: null, body, error: null },
      ]),
    ),
    proxy: 'http://ssrf_proxy:3128',
  });

  /** A report of which everything was planned. */
  const ran = (seen: CodeReport | null): CodeObservation => ({
    report: seen,
    refusal: seen ? null : '401',
    planned: Object.keys(seen?.proxied ?? {}),
  });

  test('a program holds its plan as text, whatever is in it', () => {
    const program = programFor({ direct: [[`a"b'c\\n`, 1]], proxied: [] });
    const literal = /json\.loads\((.*)\)\n/.exec(program)?.[1] ?? '';
    expect(JSON.parse(JSON.parse(literal) as string)).toEqual({ direct: [[`a"b'c\\n`, 1]], proxied: [] });
  });

  test('the answer of the sandbox', () => {
    const stdout = `noise\n${JSON.stringify(report())}\n`;
    expect(
      reportOf(200, JSON.stringify({ code: 0, message: 'success', data: { error: '', stdout } }), null).report,
    ).toEqual(report());
    expect(reportOf(401, '', null)).toEqual({ report: null, refusal: '401' });
    expect(reportOf(200, '{"code":-500,"data":null}', null).report).toBeNull();
    const output = 'a warning\r\n{"direct":{},"proxied":{},"proxy":null}\r\n';
    expect(reportOf(200, JSON.stringify({ job_id: 'x', done: true, output }), null).report).toMatchObject({
      proxy: null,
    });
    expect(reportOf(401, '{"error":{"code":"unauthorized"}}', null)).toMatchObject({
      report: null,
      refusal: expect.stringMatching(/^401/) as string,
    });
  });

  test('each kind of sandbox takes it by its own contract and key', () => {
    const plan = { direct: [], proxied: [] };
    expect(requestFor('sandbox', plan, 'k')).toMatchObject({ path: '/v1/sandbox/run', headers: { 'x-api-key': 'k' } });
    const job = requestFor('agent_sandbox', plan, 'k');
    expect(job).toMatchObject({ path: '/v1/jobs/run', headers: { authorization: 'Bearer k' } });
    expect((JSON.parse(job.body) as { script: string }).script).toMatch(/^#!\/usr\/bin\/env python3\nimport /);
    expect(requestFor('agent_sandbox', plan, null).headers).toEqual({ 'content-type': 'application/json' });
    expect(reportOf(null, '', 'ECONNREFUSED').refusal).toBe('ECONNREFUSED');
  });

  test.for([
    ['all from the target', report([200, null, 'mark'], [200, null, 'mark']), 'pass', undefined],
    ['one by the peer', report([200, null, 'mark'], [404, null, 'not found']), 'fail', 'F077'],
    ['none', report([503, 'ERR_DNS_FAIL 0', '']), 'fail', 'F058'],
    ['nothing tried', report(), 'error', undefined],
    ['not run', null, 'fail', 'F094'],
  ] as [string, CodeReport | null, string, string | undefined][])('allowed: %s', ([, seen, status, reference]) => {
    const verdict = codePassesVerdict({ ...it, target: null }, ran(seen), 'mark');
    expect(verdict.status).toBe(status);
    expect(verdict.reference).toBe(reference);
  });

  test.for([
    ['refused', report([403, 'ERR_ACCESS_DENIED 0', '']), 'pass'],
    ['through', report([403, 'ERR_ACCESS_DENIED 0', ''], [200, null, '']), 'fail'],
    ['one URL that was not tried', report([403, 'ERR_ACCESS_DENIED 0', '']), 'error', ['http://x/0', 'http://x/1']],
    ['no proxy at all', { ...report([null, null, '']), proxy: null }, 'blocked'],
    ['the proxy does not answer', report([null, null, '']), 'error'],
    ['one time-out beside a refusal', report([403, 'ERR_ACCESS_DENIED 0', ''], [null, null, '']), 'fail'],
    ['not run', null, 'blocked'],
  ] as [string, CodeReport | null, string, string[]?][])('through the proxy: %s', ([, seen, status, planned]) => {
    const allowed = { seen: ran(report([200, null, 'mark'])), mark: 'mark' };
    expect(codeRefusedVerdict(it, { seen: { ...ran(seen), ...(planned ? { planned } : {}) }, allowed }).status).toBe(
      status,
    );
  });

  test('a proxy that refuses the allowed target, too, refuses nothing', () => {
    const refused = ran(report([403, 'ERR_ACCESS_DENIED 0', '']));
    const verdict = codeRefusedVerdict(it, { seen: refused, allowed: { seen: refused, mark: 'mark' } });
    expect(verdict).toMatchObject({ status: 'blocked', blockedBy: 'isolation/sandbox/code/allowed' });
  });

  const places = ['db:5432', '172.19.0.7:5432'];
  const direct = (outcomes: Record<string, string>): CodeObservation => ({
    report: { ...report(), direct: outcomes },
    refusal: null,
    planned: places,
  });
  const opens = (...hosts: string[]): Attempt[] =>
    hosts.map((host) => ({
      from: 'api',
      host,
      port: 5432,
      connected: { outcome: 'open', address: host, error: null, durationMs: 1 },
    }));
  const both = { 'db:5432': 'no-name', '172.19.0.7:5432': 'timeout' };

  test.for<[string, CodeObservation, Attempt[], string]>([
    ['all places shut, each open to the control', direct(both), opens('db', '172.19.0.7'), 'pass'],
    ['one of two places tried', direct({ 'db:5432': 'no-name' }), opens('db', '172.19.0.7'), 'error'],
    ['no control', direct(both), [], 'error'],
    ['a control at one of two places', direct(both), opens('db'), 'error'],
    ['open', direct({ ...both, 'db:5432': 'open' }), [], 'fail'],
    ['nothing tried', direct({}), opens('db', '172.19.0.7'), 'error'],
    ['not run', { report: null, refusal: '401', planned: places }, opens('db', '172.19.0.7'), 'blocked'],
  ])('directly: %s', ([, seen, controls, status]) => {
    expect(codeDeniedVerdict(it, { seen, controls }).status).toBe(status);
    expect(codeOutsideVerdict(it, { seen, controls }).status).toBe(status);
  });

  test.for<[string, string | null]>([
    ['401', 'isolation/sandbox/key/refused'],
    ['ECONNREFUSED', null],
  ])('code that is not run without a control (%s) is told by the key where it is the key', ([refusal, by]) => {
    const seen = { report: null, refusal, planned: places };
    const verdict = codeOutsideVerdict({ ...it, control: null }, { seen, controls: [] });
    expect(verdict.status).toBe(by === null ? 'error' : 'blocked');
    expect(verdict.blockedBy ?? null).toBe(by);
  });

  test('what a run had no time for is left for the next one', () => {
    const plan = { direct: [['db', 5432] as [string, number]], proxied: ['http://x/0', 'http://x/1'] };
    expect(leftOf(plan, report([200, null, '']))).toEqual({ direct: [['db', 5432]], proxied: ['http://x/1'] });
  });
});
