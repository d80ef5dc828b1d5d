import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { AddressCheck, FailoverSubject } from '../../../../fixtures/checks/failover/obligations.ts';
import { judgeAddress } from '../../../../fixtures/checks/failover/address-verdicts.ts';
import type { AddressRecord, ScenarioRecord } from '../../../../fixtures/checks/failover/record.ts';
import type { Joined } from '../../../../fixtures/checks/failover/traffic/ledger.ts';
import { A, asStatic, B, C, D, judge, line, many, replica, scenario, subject } from './samples.ts';

describe('a frozen replica', () => {
  const waited = (over: Partial<Joined>) =>
    many(5, { server: A, tookMs: 1500, log: line({ tries: [[A, 200, 9]] }), ...over });
  const toB = many(30, { server: B, log: line({ tries: [[B, 200, 9]] }) });
  const toC = many(30, { server: C, log: line({ tries: [[C, 200, 9]] }) });

  test('the others are not held up by it', () => {
    const record = scenario('freeze', { requests: [...toB, ...toC, ...waited({})] });
    expect(judge('others-serve', record).status).toBe('pass');
    const slow = many(1, { server: B, tookMs: 1900, log: line({ tries: [[B, 200, 9]] }) });
    expect(judge('others-serve', scenario('freeze', { requests: [...record.requests, ...slow] })).status).toBe('fail');
    const still = slow.map((request) => ({ ...request, stoodMs: 950 }));
    expect(judge('others-serve', scenario('freeze', { requests: [...record.requests, ...still] })).status).toBe('pass');
  });

  test.each<[string, Partial<Joined>, Verdict['status']]>([
    ['end when it thaws', {}, 'pass'],
    ['end with 504 at the declared time-out', { status: 504, end: 'unknown', server: null }, 'pass'],
    ['never end', { outcome: 'hung', end: 'unknown', status: null }, 'fail'],
    ['are under way still', { outcome: 'open', end: 'open', status: null }, 'fail'],
    ['end long after', { tookMs: 9000 }, 'fail'],
    ['end long after a machine that stood still for a moment', { tookMs: 9000, stoodMs: 500 }, 'fail'],
    ['end when a machine that stood still goes on', { tookMs: 9000, stoodMs: 8000 }, 'pass'],
  ])('its own requests that %s', (_, over, status) => {
    const record = scenario('freeze', { requests: [...toB, ...toC, ...waited(over)] });
    expect(judge('own-requests-end', record).status).toBe(status);
  });

  test('without a request of its own nothing is proved', () => {
    expect(judge('own-requests-end', scenario('freeze', { requests: [...toB, ...toC] })).status).toBe('error');
  });

  test.each<[string, ScenarioRecord['health'], FailoverSubject, Verdict['status']]>([
    ['does not end', { command: 'curl', exitCode: null, durationMs: 1000 }, subject, 'pass'],
    ['fails', { command: 'curl', exitCode: 28, durationMs: 900 }, subject, 'pass'],
    ['is green', { command: 'true', exitCode: 0, durationMs: 40 }, subject, 'fail'],
    ['was not run', null, subject, 'error'],
    ['does not exist', null, { ...subject, health: null }, 'fail'],
  ])('a health check that %s', (_, health, of, status) => {
    expect(judge('reported-unhealthy', scenario('freeze', { health }), of).status).toBe(status);
  });
});

describe('new addresses', () => {
  const held = { held: true, elapsedMs: 200, attempts: 1, status: 404, tried: [D], error: null };
  const lost = { held: false, elapsedMs: 3100, attempts: 18, status: 502, tried: [A], error: null };
  const record = (over: Partial<AddressRecord> = {}): AddressRecord => ({
    service: 'api',
    moved: [{ before: replica(A), after: replica(D), readyMs: 900 }],
    trouble: null,
    locations: { '/v1': held },
    nginxRestarted: false,
    ...over,
  });
  const check = (location: boolean, of = subject): AddressCheck => ({
    id: 'failover/api/new-address',
    title: '',
    level: 'must',
    service: 'api',
    upstream: of.upstream,
    location: location ? (of.upstream.locations[0] ?? null) : null,
  });

  test.each<[string, Partial<AddressRecord>, Verdict['status'], string]>([
    ['answered from there', {}, 'pass', `${A} → ${D}`],
    ['the old address is asked', { locations: { '/v1': lost } }, 'fail', `502 (nginx tried ${A})`],
    [
      'it kept its address',
      { moved: [{ before: replica(A), after: replica(A), readyMs: 900 }] },
      'error',
      'kept an address',
    ],
    [
      'nothing came in its place',
      { moved: [{ before: replica(A), after: null, readyMs: null }] },
      'error',
      'kept an address',
    ],
    [
      'it never became ready',
      { moved: [{ before: replica(A), after: replica(D), readyMs: null }] },
      'fail',
      'did not become ready',
    ],
    ['it had no replica', { moved: [] }, 'error', 'no replica'],
    ['the change was not made', { trouble: 'the address could not be taken' }, 'error', 'could not be taken'],
    ['nginx restarted', { nginxRestarted: true }, 'fail', 'nginx restarted'],
    ['nothing was asked', { locations: {} }, 'error', 'asked'],
  ])('%s', (_, over, status, words) => {
    for (const location of [false, true]) {
      const verdict = judgeAddress(check(location, asStatic), record(over));
      expect(verdict.status).toBe(status);
      expect(verdict.message).toContain(words);
      if (status === 'fail' && over.locations) expect(verdict.reference).toBe('default.conf:10 (F001)');
    }
  });
});
