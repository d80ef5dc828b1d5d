import { describe, expect, test } from 'vitest';
import type { ProxyParty } from '../../fixtures/contract/proxy.ts';
import { codePassesVerdict, codeRefusedVerdict } from '../../fixtures/reach/code-verdicts.ts';
import { programFor, reportOf, type CodeReport } from '../../fixtures/reach/code.ts';
import { connectVerdict, isRefused, passesVerdict, refusesVerdict } from '../../fixtures/reach/proxy-verdicts.ts';
import { takerOf, type ProxyRequest } from '../../fixtures/reach/proxy.ts';

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
    ['everything is refused', { requests: [denied], control: [denied] }, 'error'],
    ['the proxy is dead', { requests: [denied], control: [request({ status: null, error: 'ECONNREFUSED' })] }, 'error'],
    ['one of two got through', { requests: [denied, good], control: [good] }, 'fail'],
    [
      'a time-out is no refusal',
      { requests: [request({ status: null, error: 'no answer' })], control: [good] },
      'fail',
    ],
    ['nothing asked', { requests: [], control: [good] }, 'error'],
  ] as [string, { requests: ProxyRequest[]; control: ProxyRequest[] }, string][])('%s', ([, seen, status]) => {
    expect(refusesVerdict(refuses, { ...seen, owners: {} }).status).toBe(status);
  });

  const passes = { ...base, party, client: 'sandbox' };
  test('one stray answer of many is a failure, with who gave it', () => {
    const seen = {
      requests: [...Array.from({ length: 21 }, () => good), stray],
      mark: 'mark',
      owners: { '172.20.0.5': 'sandbox' },
    };
    const verdict = passesVerdict(passes, seen);
    expect(verdict).toMatchObject({ status: 'fail', reference: 'F077' });
    expect(verdict.message).toContain(
      '1 were not: sandbox: GET http://weaviate:8080/ 404 by FIRSTUP_PARENT/172.20.0.5 (sandbox)',
    );
  });

  test('a 200 of somebody else is a failure; no request is no verdict', () => {
    expect(passesVerdict(passes, { requests: [request({ body: 'hello' })], mark: 'mark', owners: {} }).status).toBe(
      'fail',
    );
    expect(passesVerdict(passes, { requests: [], mark: 'mark', owners: {} }).status).toBe('error');
    expect(passesVerdict(passes, { requests: [good], mark: 'mark', owners: {} }).status).toBe('pass');
  });

  test.for([
    [{ 443: 200, 8443: 403 }, 'pass'],
    [{ 443: 200, 8443: 200 }, 'fail'],
    [{ 443: 403, 8443: 403 }, 'fail'],
    [{}, 'error'],
  ] as [Record<number, number>, string][])('tunnels %j', ([tunnels, status]) => {
    const seen = Object.fromEntries(Object.entries(tunnels).map(([port, code]) => [port, request({ status: code })]));
    expect(connectVerdict({ ...base, party }, { tunnels: seen }).status).toBe(status);
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
  const it = { ...base, sandbox: 'sandbox', port: 8194, asker: 'api', target: { service: 'db', port: 5432 } };
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
    expect(reportOf(null, '', 'ECONNREFUSED').refusal).toBe('ECONNREFUSED');
  });

  test.for([
    ['all from the target', report([200, null, 'mark'], [200, null, 'mark']), 'pass', undefined],
    ['one by the peer', report([200, null, 'mark'], [404, null, 'not found']), 'fail', 'F077'],
    ['none', report([503, 'ERR_DNS_FAIL 0', '']), 'fail', 'F058'],
    ['nothing tried', report(), 'error', undefined],
    ['not run', null, 'fail', 'F094'],
  ] as [string, CodeReport | null, string, string | undefined][])('allowed: %s', ([, seen, status, reference]) => {
    const verdict = codePassesVerdict({ ...it, target: null }, { report: seen, refusal: seen ? null : '401' }, 'mark');
    expect(verdict.status).toBe(status);
    expect(verdict.reference).toBe(reference);
  });

  test.for([
    ['refused', report([403, 'ERR_ACCESS_DENIED 0', '']), 'pass'],
    ['through', report([403, 'ERR_ACCESS_DENIED 0', ''], [200, null, '']), 'fail'],
    ['no proxy at all', { ...report([null, null, '']), proxy: null }, 'error'],
    ['the proxy does not answer', report([null, null, '']), 'error'],
    ['one time-out beside a refusal', report([403, 'ERR_ACCESS_DENIED 0', ''], [null, null, '']), 'fail'],
    ['not run', null, 'error'],
  ] as [string, CodeReport | null, string][])('through the proxy: %s', ([, seen, status]) => {
    expect(codeRefusedVerdict(it, { report: seen, refusal: null }).status).toBe(status);
  });
});
