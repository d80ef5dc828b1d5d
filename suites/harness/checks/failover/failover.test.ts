import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { playJudgeable } from '../../../../fixtures/checks/failover/again.ts';
import { connectIsBounded, resolveBudgetMs, waitBudget } from '../../../../fixtures/checks/failover/budget.ts';
import { judgeBaseline } from '../../../../fixtures/checks/failover/judge.ts';
import type { Victim } from '../../../../fixtures/checks/failover/record.ts';
import { enoughToJudge } from '../../../../fixtures/checks/failover/traffic/verdicts.ts';
import {
  A,
  asStatic,
  B,
  back,
  baseline,
  C,
  D,
  joined,
  judge,
  line,
  many,
  replica,
  scenario,
  subject,
  unbounded,
} from './samples.ts';

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

describe('scenarios', () => {
  test.for([
    ['judged: once', [['pass', 'pass']], 1],
    [
      'not judged: once more',
      [
        ['pass', 'error'],
        ['pass', 'pass'],
      ],
      2,
    ],
    ['not judged twice: stays so', [['error'], ['error']], 2],
    ['failed: once, whatever else was not judged', [['error', 'fail']], 1],
  ] as const)('%s', async ([, times, plays]) => {
    let played = 0;
    const record = await playJudgeable(
      async () => scenario('kill', { endMs: played++, healed: ['nginx reloaded'] }),
      ({ endMs }) => (times[endMs] ?? []).map((status): Verdict => ({ status, message: 'too busy' })),
    );
    expect(played).toBe(plays);
    expect(record.healed).toEqual([...(plays === 2 ? ['played once and not judged: too busy'] : []), 'nginx reloaded']);
  });

  test('a window is long enough when it has requests of both kinds for every verdict on it', () => {
    const sent = (gets: number, posts: number) => [
      ...many(gets, { method: 'GET' }),
      ...many(posts, { method: 'POST' }),
    ];
    expect(enoughToJudge(sent(20, 10))).toBe(true);
    expect(enoughToJudge(sent(40, 9))).toBe(false);
    expect(enoughToJudge(sent(12, 8))).toBe(false);
  });

  test('a fault that was not on proves nothing', () => {
    const off = scenario('kill', { fault: { on: false, proof: 'p-api-4 is running' } });
    expect(judge('lost-nothing', off)).toMatchObject({
      status: 'error',
      message: 'the fault was not on: p-api-4 is running',
    });
  });

  test('what was mended before a scenario is told with its verdict', () => {
    expect(judge('lost-nothing', scenario('kill', { healed: ['nginx reloaded'] })).message).toContain('nginx reloaded');
  });

  test('hanging requests name the missing time-out', () => {
    const hung = many(9, {
      outcome: 'hung',
      end: 'unknown',
      status: null,
      server: null,
      log: line({ tries: [[A, null, 0]] }),
    });
    const record = scenario('kill', { requests: [...many(60, { server: B }), ...hung] });
    for (const promised of ['lost-nothing', 'in-time'] as const) {
      expect(judge(promised, record, unbounded)).toMatchObject({
        status: 'fail',
        hint: expect.stringContaining('proxy_connect_timeout 1s') as string,
      });
    }
  });

  test('the budget of a crash includes the time for which it was held back', () => {
    const record = scenario('crash', {
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
    expect(judge('lost-nothing', scenario('crash')).message).toContain('no GET request was in the hands');
    const held = joined({ method: 'POST', end: 'unknown', status: 502, log: line({ tries: [[A, 502, 9]] }) });
    const record = scenario('crash', {
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
    expect(judge('no-post-twice', scenario('crash', { requests: [...record.requests, twice] }))).toMatchObject({
      status: 'fail',
      hint: expect.stringContaining('non_idempotent') as string,
    });
  });

  test('every other replica takes a share while one is away', () => {
    expect(judge('others-serve', scenario('stop')).status).toBe('pass');
    expect(judge('others-serve', scenario('stop', { requests: many(60, { server: B }) })).message).toContain(
      `${C} answered none`,
    );
    // Answers after it came back do not count.
    expect(judge('others-serve', scenario('kill', { requests: many(60, { server: B, sentMs: 2500 }) })).status).toBe(
      'error',
    );
  });

  test.each<[string, Victim, Verdict['status'], string]>([
    ['restarted once', back({ after: replica(A, { restarts: 1 }) }), 'pass', 'once'],
    ['in a loop', back({ after: replica(A, { restarts: 4 }) }), 'fail', 'restarted 4 times'],
    ['stayed away', back({ after: replica(A, { running: false }), readyMs: null }), 'fail', 'stayed away'],
    ['is gone', back({ after: null, readyMs: null }), 'fail', 'stayed away'],
  ])('a crashed replica that %s', (_, victim, status, words) => {
    const verdict = judge('restart-policy', scenario('crash', { victims: [victim] }));
    expect(verdict.status).toBe(status);
    expect(verdict.message).toContain(words);
  });

  test('coming back means being asked by nginx; at another address only if it is another', () => {
    const ignored = back({ after: replica(D), servedMs: null, waitedMs: 3000, answeredMeanwhile: 280 });
    expect(judge('serves-again', scenario('recreate', { victims: [ignored] }), asStatic)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('got none of the 280 requests') as string,
      reference: 'default.conf:10 (F001)',
    });
    expect(judge('serves-again', scenario('recreate', { victims: [back({ after: replica(D) })] })).status).toBe('pass');
    expect(judge('serves-again', scenario('recreate', { victims: [back()] })).message).toContain('kept its address');
    // Whether the engine hands the old address out again is chance, unless it is seen to that it cannot.
    for (const name of ['kill', 'crash'] as const) {
      expect(judge('serves-again', scenario(name, { victims: [back({ after: replica(D) })] })).status).toBe('pass');
      expect(judge('serves-again', scenario(name)).message).toContain('kept its address');
    }
    expect(judge('serves-again', scenario('kill', { victims: [back({ readyMs: null })] })).message).toContain(
      'did not become ready',
    );
    expect(judge('serves-again', scenario('rolling', { victims: [] })).status).toBe('error');
    // One of three is enough to fail.
    expect(judge('serves-again', scenario('rolling', { victims: [back({ after: replica(D) }), ignored] })).status).toBe(
      'fail',
    );
  });

  test('nginx that was started again is not untouched', () => {
    const again = { before: { startedAt: 't0', restarts: 0 }, after: { startedAt: 't1', restarts: 0 } };
    expect(judge('nginx-untouched', scenario('kill', { nginx: again })).status).toBe('fail');
    expect(judge('nginx-untouched', scenario('kill', { nginx: { ...again, after: null } })).status).toBe('fail');
    expect(judge('nginx-untouched', scenario('kill')).status).toBe('pass');
  });
});
