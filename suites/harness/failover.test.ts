import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../fixtures/check/verdict.ts';
import type { AddressCheck, FailoverSubject, Promised, Scene } from '../../fixtures/contract/failover.ts';
import { judgeAddress } from '../../fixtures/failover/address-verdicts.ts';
import { connectIsBounded, resolveBudgetMs, waitBudget } from '../../fixtures/failover/budget.ts';
import { judgeBaseline, judgeScene } from '../../fixtures/failover/judge.ts';
import type { AddressRecord, Baseline, Replica, SceneRecord, Victim } from '../../fixtures/failover/record.ts';
import type { Joined } from '../../fixtures/traffic/ledger.ts';
import { A, B, C, joined, line, many } from './failover-samples.ts';

const D = '172.18.0.9';

const subject: FailoverSubject = {
  nginx: 'nginx',
  port: 80,
  service: 'api',
  restart: 'always',
  health: { test: ['CMD', 'curl'], timeoutMs: 3000 },
  upstream: {
    service: 'api',
    port: 5001,
    networks: ['default'],
    locations: [{ written: '/v1', probe: '/v1/verify-failover', at: 'default.conf:9' }],
    static: false,
    at: 'default.conf:10',
    validMs: 1000,
    budgetMs: 30_000,
  },
  targets: [],
  declared: { connectMs: 1000, connectAt: 'proxy.conf:17', readMs: 3_600_000, nextUpstream: 'error timeout' },
};
const asStatic: FailoverSubject = { ...subject, upstream: { ...subject.upstream, static: true, validMs: null } };
const unbounded: FailoverSubject = {
  ...subject,
  declared: { ...subject.declared, connectMs: 60_000, connectAt: null },
};

const replica = (address: string, over: Partial<Replica> = {}): Replica => ({
  id: address,
  name: `p-api-${address.slice(-1)}`,
  addresses: { default: address },
  running: true,
  restarts: 0,
  ...over,
});

const baseline: Baseline = {
  requests: [...many(70, { server: A }), ...many(70, { server: B }), ...many(70, { server: C })],
  replicas: [replica(A), replica(B), replica(C)],
  expected: { t: [200] },
  p99Ms: 12,
  perSecond: 100,
};

const back = (over: Partial<Victim> = {}): Victim => ({
  before: replica(A),
  after: replica(A),
  readyMs: 1200,
  servedMs: 80,
  waitedMs: 80,
  answeredMeanwhile: 4,
  ...over,
});

const scene = (name: Scene, over: Partial<SceneRecord> = {}): SceneRecord => ({
  scene: name,
  requests: [...many(40, { server: B }), ...many(40, { server: C }), ...many(20, { method: 'POST', server: B })],
  faultMs: 0,
  awayUntilMs: 2000,
  endMs: 3000,
  fault: { on: true, proof: 'p-api-4 is exited' },
  victims: [back()],
  others: [B, C],
  deadAtOnce: 1,
  heldMs: 0,
  health: null,
  nginx: { before: { startedAt: 't0', restarts: 0 }, after: { startedAt: 't0', restarts: 0 } },
  healed: [],
  ...over,
});

const judge = (promised: Promised, record: SceneRecord, of = subject): Verdict =>
  judgeScene(promised, record, of, baseline);

describe('budgets', () => {
  test('one dead replica costs one connection attempt: 2 s with the reference configuration', () => {
    expect(waitBudget(subject.declared, baseline, 1)).toBe(2000);
    expect(waitBudget(subject.declared, baseline, 2)).toBe(3000);
  });

  test('a busy machine gets room, within reason; nginx’s default of 60 s is nobody’s budget', () => {
    expect(waitBudget(subject.declared, { p99Ms: 300 }, 1)).toBe(4000);
    expect(waitBudget(subject.declared, { p99Ms: 60_000 }, 1)).toBe(11_000);
    expect(waitBudget(unbounded.declared, baseline, 1)).toBe(2000);
    expect(connectIsBounded(unbounded.declared)).toBe(false);
  });

  test('what is declared to be longer than anybody may wait is not waited for', () => {
    expect(resolveBudgetMs({ static: false, validMs: 30_000 })).toBe(33_000);
    expect(resolveBudgetMs({ static: false, validMs: 3_600_000 })).toBe(3000);
    expect(resolveBudgetMs({ static: true, validMs: 30_000 })).toBe(3000);
  });
});

describe('the undisturbed stack', () => {
  test('is the measure: a 5xx, an idle replica, an unfair share are red', () => {
    expect(judgeBaseline('answered', baseline).status).toBe('pass');
    expect(judgeBaseline('fair-share', baseline).status).toBe('pass');
    const error = joined({ end: 'failed', status: 500, server: A });
    expect(judgeBaseline('answered', { ...baseline, requests: [...baseline.requests, error] }).status).toBe('fail');
    const oneSided = { ...baseline, requests: many(210, { server: A }) };
    expect(judgeBaseline('each-replica-serves', oneSided).status).toBe('fail');
    expect(judgeBaseline('fair-share', oneSided).status).toBe('fail');
  });

  test('a replica on two networks counts once, by the address at which nginx asks it', () => {
    const both = baseline.replicas.map((one) => ({
      ...one,
      addresses: { inner: `10.9.9.${one.id.slice(-1)}`, ...one.addresses },
    }));
    expect(judgeBaseline('each-replica-serves', { ...baseline, replicas: both }).status).toBe('pass');
    expect(judgeBaseline('fair-share', { ...baseline, replicas: both }).status).toBe('pass');
  });
});

describe('scenes', () => {
  test('a fault that was not on proves nothing', () => {
    const off = scene('kill', { fault: { on: false, proof: 'p-api-4 is running' } });
    expect(judge('lost-nothing', off)).toMatchObject({
      status: 'error',
      message: 'the fault was not on: p-api-4 is running',
    });
  });

  test('what was mended before a scene is told with its verdict', () => {
    expect(judge('lost-nothing', scene('kill', { healed: ['nginx reloaded'] })).message).toContain('nginx reloaded');
  });

  test('hanging requests name the missing time-out', () => {
    const hung = many(9, {
      outcome: 'hung',
      end: 'unknown',
      status: null,
      server: null,
      log: line({ tries: [[A, null, 0]] }),
    });
    const record = scene('kill', { requests: [...many(60, { server: B }), ...hung] });
    for (const promised of ['lost-nothing', 'in-time'] as const) {
      expect(judge(promised, record, unbounded)).toMatchObject({
        status: 'fail',
        hint: expect.stringContaining('proxy_connect_timeout 1s') as string,
      });
    }
  });

  test('the budget of a crash includes the time for which it was held back', () => {
    const record = scene('crash', {
      requests: many(40, {
        tookMs: 2300,
        log: line({
          tries: [
            [A, 502, 9],
            [B, 200, 9],
          ],
        }),
      }),
    });
    expect(judge('in-time', { ...record, heldMs: 400 }).status).toBe('pass');
    expect(judge('in-time', record).status).toBe('fail');
  });

  test('a crash with nothing in hand is not judged', () => {
    expect(judge('lost-nothing', scene('crash')).message).toContain('no GET request was in the hands');
    const held = joined({ method: 'POST', end: 'unknown', status: 502, log: line({ tries: [[A, 502, 9]] }) });
    const record = scene('crash', {
      requests: [...many(20, { method: 'POST', server: B, log: line({ tries: [[B, 401, 9]] }) }), held],
    });
    expect(judge('no-post-twice', record).status).toBe('pass');
    const twice = {
      ...held,
      log: line({
        tries: [
          [A, 502, 9],
          [B, 401, 9],
        ],
      }),
    };
    expect(judge('no-post-twice', scene('crash', { requests: [...record.requests, twice] }))).toMatchObject({
      status: 'fail',
      hint: expect.stringContaining('non_idempotent') as string,
    });
  });

  test('every other replica takes a share while one is away', () => {
    expect(judge('others-serve', scene('stop')).status).toBe('pass');
    expect(judge('others-serve', scene('stop', { requests: many(60, { server: B }) })).message).toContain(
      `${C} answered none`,
    );
    // Answers after it came back do not count.
    expect(judge('others-serve', scene('kill', { requests: many(60, { server: B, sentMs: 2500 }) })).status).toBe(
      'error',
    );
  });

  test.each<[string, Victim, Verdict['status'], string]>([
    ['restarted once', back({ after: replica(A, { restarts: 1 }) }), 'pass', 'once'],
    ['in a loop', back({ after: replica(A, { restarts: 4 }) }), 'fail', 'restarted 4 times'],
    ['stayed away', back({ after: replica(A, { running: false }), readyMs: null }), 'fail', 'stayed away'],
    ['is gone', back({ after: null, readyMs: null }), 'fail', 'stayed away'],
  ])('a crashed replica that %s', (_, victim, status, words) => {
    const verdict = judge('restart-policy', scene('crash', { victims: [victim] }));
    expect(verdict.status).toBe(status);
    expect(verdict.message).toContain(words);
  });

  test('coming back means being asked by nginx; at another address only if it is another', () => {
    const ignored = back({ after: replica(D), servedMs: null, waitedMs: 3000, answeredMeanwhile: 280 });
    expect(judge('serves-again', scene('recreate', { victims: [ignored] }), asStatic)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('got none of the 280 requests') as string,
      reference: 'default.conf:10 (F001)',
    });
    expect(judge('serves-again', scene('recreate', { victims: [back({ after: replica(D) })] })).status).toBe('pass');
    expect(judge('serves-again', scene('recreate', { victims: [back()] })).message).toContain('kept its address');
    expect(judge('serves-again', scene('kill')).status).toBe('pass');
    expect(judge('serves-again', scene('kill', { victims: [back({ readyMs: null })] })).message).toContain(
      'did not become ready',
    );
    expect(judge('serves-again', scene('rolling', { victims: [] })).status).toBe('error');
    // One of three is enough to fail.
    expect(judge('serves-again', scene('rolling', { victims: [back({ after: replica(D) }), ignored] })).status).toBe(
      'fail',
    );
  });

  test('nginx that was started again is not untouched', () => {
    const again = { before: { startedAt: 't0', restarts: 0 }, after: { startedAt: 't1', restarts: 0 } };
    expect(judge('nginx-untouched', scene('kill', { nginx: again })).status).toBe('fail');
    expect(judge('nginx-untouched', scene('kill', { nginx: { ...again, after: null } })).status).toBe('fail');
    expect(judge('nginx-untouched', scene('kill')).status).toBe('pass');
  });
});

describe('a frozen replica', () => {
  const waited = (over: Partial<Joined>) =>
    many(5, { server: A, tookMs: 1500, log: line({ tries: [[A, 200, 9]] }), ...over });
  const toB = many(30, { server: B, log: line({ tries: [[B, 200, 9]] }) });
  const toC = many(30, { server: C, log: line({ tries: [[C, 200, 9]] }) });

  test('the others are not held up by it', () => {
    const record = scene('freeze', { requests: [...toB, ...toC, ...waited({})] });
    expect(judge('others-serve', record).status).toBe('pass');
    const slow = many(1, { server: B, tookMs: 1900, log: line({ tries: [[B, 200, 9]] }) });
    expect(judge('others-serve', scene('freeze', { requests: [...record.requests, ...slow] })).status).toBe('fail');
  });

  test.each<[string, Partial<Joined>, Verdict['status']]>([
    ['end when it thaws', {}, 'pass'],
    ['end with 504 at the declared time-out', { status: 504, end: 'unknown', server: null }, 'pass'],
    ['never end', { outcome: 'hung', end: 'unknown', status: null }, 'fail'],
    ['are under way still', { outcome: 'open', end: 'open', status: null }, 'fail'],
    ['end long after', { tookMs: 9000 }, 'fail'],
  ])('its own requests that %s', (_, over, status) => {
    const record = scene('freeze', { requests: [...toB, ...toC, ...waited(over)] });
    expect(judge('own-requests-end', record).status).toBe(status);
  });

  test('without a request of its own nothing is proved', () => {
    expect(judge('own-requests-end', scene('freeze', { requests: [...toB, ...toC] })).status).toBe('error');
  });

  test.each<[string, SceneRecord['health'], FailoverSubject, Verdict['status']]>([
    ['does not end', { command: 'curl', exitCode: null, durationMs: 1000 }, subject, 'pass'],
    ['fails', { command: 'curl', exitCode: 28, durationMs: 900 }, subject, 'pass'],
    ['is green', { command: 'true', exitCode: 0, durationMs: 40 }, subject, 'fail'],
    ['was not run', null, subject, 'error'],
    ['does not exist', null, { ...subject, health: null }, 'fail'],
  ])('a health check that %s', (_, health, of, status) => {
    expect(judge('reported-unhealthy', scene('freeze', { health }), of).status).toBe(status);
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
