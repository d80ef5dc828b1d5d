import { describe, expect, test } from 'vitest';
import type { LoggedRequest } from '../../../../fixtures/engine/probe/nginx-log.ts';
import { parseVerifyLog } from '../../../../fixtures/engine/probe/nginx-log.ts';
import { answeredBy, attemptsOf, reached, tried } from '../../../../fixtures/checks/failover/traffic/attempts.ts';
import {
  expectedOf,
  join,
  quantile,
  shares,
  type Joined,
  type Sent,
} from '../../../../fixtures/checks/failover/traffic/ledger.ts';
import { outcomeOf, scatter } from '../../../../fixtures/checks/failover/traffic/load.ts';
import {
  allAnswered,
  answeredWithin,
  attemptsGivenUpWithin,
  eachServes,
  fairlyShared,
  noneTwice,
  nothingLost,
} from '../../../../fixtures/checks/failover/traffic/verdicts.ts';
import { A, B, C, joined, line, many } from './samples.ts';

/** As nginx 1.26 wrote them: POST to a stopped replica, a GET and a POST in the hands of one that died. */
const RECORDED = [
  'verify {"id":"d1","request_id":"a","time":"1.5","method":"POST","uri":"/v1/chat-messages","status":"401","upstream_addr":"172.18.0.5:5001, 172.18.0.3:5001","upstream_status":"504, 401","upstream_time":"1.000, 0.002","upstream_sent":"0, 181","request_time":"1.002","host":"127.0.0.1","server_port":"80"}',
  'verify {"id":"g2","request_id":"b","time":"2.5","method":"GET","uri":"/v1/","status":"404","upstream_addr":"172.18.0.5:5001, 172.18.0.3:5001","upstream_status":"502, 404","upstream_time":"0.423, 0.029","upstream_sent":"105, 105","request_time":"0.451","host":"127.0.0.1","server_port":"80"}',
  'verify {"id":"z7","request_id":"c","time":"3.5","method":"POST","uri":"/v1/chat-messages","status":"502","upstream_addr":"172.18.0.5:5001","upstream_status":"502","upstream_time":"0.503","upstream_sent":"181","request_time":"0.502","host":"127.0.0.1","server_port":"80"}',
  '2026/11/25 02:29:50 [error] 7#7: *10 upstream timed out',
  'verify {"id":"torn","req',
].join('\n');

describe('who got a request', () => {
  const [passedOn, retried, died] = parseVerifyLog(RECORDED) as [LoggedRequest, LoggedRequest, LoggedRequest];

  test('an attempt that never connected has not been executed', () => {
    expect(attemptsOf(passedOn)).toMatchObject([
      { address: '172.18.0.5', status: 504, sent: false },
      { address: '172.18.0.3', status: 401, sent: true },
    ]);
    expect(attemptsOf(passedOn).map(({ tookMs }) => typeof tookMs)).toEqual(['number', 'number']);
    expect(reached(passedOn)).toEqual(['172.18.0.3']);
    expect(answeredBy(passedOn)).toBe('172.18.0.3');
    expect(tried(passedOn, '172.18.0.5')).toBe(true);
  });

  test('one that was written to a server that died may have been', () => {
    expect(reached(retried)).toEqual(['172.18.0.5', '172.18.0.3']);
    expect(reached(died)).toEqual(['172.18.0.5']);
  });

  test('a log without the bytes does not say', () => {
    const [old] = parseVerifyLog(RECORDED.replaceAll('upstream_sent', 'unknown'));
    expect(attemptsOf(old as LoggedRequest).map(({ sent }) => sent)).toEqual([null, null]);
  });

  test('nobody answered when no server was asked, or none could be reached', () => {
    expect(answeredBy(line({ tries: [] }))).toBeNull();
    expect(answeredBy(line({ tries: [[A, 504, 0]] }))).toBeNull();
    expect(answeredBy(line({ tries: [[A, null, null]] }))).toBeNull();
  });
});

describe('the ledger', () => {
  const sent = (over: Partial<Sent>): Sent => ({
    id: 'x',
    target: 't',
    method: 'GET',
    dueMs: 0,
    sentMs: 0,
    endedMs: 10,
    outcome: 'answered',
    status: 200,
    stoodMs: 0,
    ...over,
  });
  const endOf = (over: Partial<Sent>, log: LoggedRequest | null) =>
    join([sent(over)], new Map(log ? [['x', log]] : []), { t: [200] }, 50)[0]?.end;

  test.each<[string, Partial<Sent>, LoggedRequest | null, string | undefined]>([
    ['the expected answer', {}, line({ tries: [[A, 200, 9]] }), 'ok'],
    ['the expected answer without a line in the log', {}, null, 'ok'],
    [
      'after a retry',
      {},
      line({
        tries: [
          [A, 504, 0],
          [B, 200, 9],
        ],
      }),
      'ok',
    ],
    ['an unexpected answer of the replica', { status: 500 }, line({ tries: [[A, 500, 9]] }), 'failed'],
    [
      'nobody could be reached',
      { status: 502 },
      line({
        tries: [
          [A, 502, 0],
          [B, 502, 0],
        ],
      }),
      'failed',
    ],
    ['the server died with it', { status: 502 }, line({ tries: [[A, 502, 9]] }), 'unknown'],
    ['refused by nginx itself', { outcome: 'refused', status: null }, null, 'failed'],
    ['given up while connecting', { outcome: 'hung', status: null }, line({ tries: [[A, null, 0]] }), 'failed'],
    ['given up, already with a server', { outcome: 'hung', status: null }, line({ tries: [[A, null, 9]] }), 'unknown'],
    ['given up, nothing in the log', { outcome: 'hung', status: null }, null, 'unknown'],
    ['the connection broke', { outcome: 'broken', status: null }, null, 'unknown'],
    ['still under way', { outcome: 'open', status: null, endedMs: null }, null, 'open'],
  ])('%s', (_, over, log, end) => {
    expect(endOf(over, log)).toBe(end);
  });

  test('takes the time that nginx measured, so that a stall of this process is not the stack’s', () => {
    const [answered] = join(
      [sent({ endedMs: 900 })],
      new Map([['x', line({ tries: [[A, 200, 9]], ms: 12 })]]),
      {},
      1000,
    );
    const [open] = join([sent({ outcome: 'open', endedMs: null, sentMs: 100 })], new Map(), {}, 1000);
    expect([answered?.tookMs, open?.tookMs]).toEqual([12, 900]);
  });

  test('expects what the replicas answer undisturbed, never a 5xx, never a stranger’s answer', () => {
    const seen = [
      joined({ server: A, status: 200 }),
      joined({ server: A, status: 500 }),
      joined({ server: '9.9.9.9', status: 404 }),
    ];
    expect(expectedOf(seen, [A, B])).toEqual({ t: [200] });
  });

  test('counts only good answers as shares', () => {
    expect(shares([joined({ server: A }), joined({ server: A }), joined({ server: B, end: 'failed' })])).toEqual({
      [A]: 2,
    });
    expect(quantile([], 0.99)).toBe(0);
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
  });

  test.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'refused'],
    [Object.assign(new Error('x'), { code: 'UND_ERR_SOCKET' }), 'broken'],
    [Object.assign(new Error('x'), { name: 'TimeoutError' }), 'hung'],
    ['no error at all', 'broken'],
  ])('%s ends as %s', (error, outcome) => {
    expect(outcomeOf(error)).toBe(outcome);
  });
});

test('targets are mixed evenly, and not in step with servers that are taken in turn', () => {
  const counted = Array.from({ length: 9 }, () => 0);
  for (let n = 0; n < 900; n++) {
    const cell = Math.floor(scatter(n) * 3) * 3 + (n % 3);
    counted[cell] = (counted[cell] ?? 0) + 1;
  }
  expect(Math.min(...counted)).toBeGreaterThan(70);
});

describe('connection attempts to who is gone', () => {
  const answered = (took: number, sent: number | null = 0) =>
    many(20, {
      log: line({
        tries: [
          [A, 504, sent, took],
          [B, 200, 9, 4],
        ],
      }),
    });

  test.for([
    ['given up in time', answered(1001), 'pass'],
    ['given up too late, though the client got its answer', answered(3064), 'fail'],
    ['slow after the connection came about is another matter', answered(3064, 120), 'pass'],
    ['a log that does not say', answered(3064, null), 'pass'],
    ['no attempt failed', many(20, {}), 'pass'],
  ] as const)('%s', ([, requests, status]) => {
    expect(attemptsGivenUpWithin(requests, 2000).status).toBe(status);
  });
});

describe('verdicts over traffic', () => {
  test('too little traffic is no proof of anything', () => {
    for (const verdict of [
      allAnswered(many(3, {})),
      nothingLost(many(19, {})),
      answeredWithin([], 1000),
      noneTwice(many(9, { method: 'POST' })),
      eachServes(many(5, { server: A }), [A]),
      fairlyShared(many(100, { server: A }), [A, B, C]),
    ]) {
      expect(verdict.status).toBe('error');
    }
    expect(eachServes(many(50, { server: A }), []).status).toBe('error');
    expect(fairlyShared(many(500, { server: A }), [A]).status).toBe('error');
  });

  test('one lost GET in a thousand is a loss; a POST without an answer is told, not judged', () => {
    const posts = many(20, { method: 'POST', end: 'unknown', status: 502 });
    expect(nothingLost([...many(999, {}), ...posts])).toMatchObject({
      status: 'pass',
      message: expect.stringContaining('20 POST') as string,
    });
    const lost = joined({ end: 'failed', status: 502, log: line({ tries: [[A, 502, 9]] }) });
    expect(nothingLost([...many(999, {}), lost])).toMatchObject({
      status: 'fail',
      message: '1 of 1000 idempotent requests were lost: 1 × status 502, tried 172.18.0.4',
    });
  });

  test.each(['failed', 'unknown', 'open'] as const)('a GET that is %s is lost', (end) => {
    expect(nothingLost([...many(30, {}), joined({ end })]).status).toBe('fail');
  });

  test('late and never are told apart', () => {
    expect(answeredWithin(many(30, { tookMs: 1005 }), 2000)).toMatchObject({ status: 'pass' });
    expect(answeredWithin([...many(30, {}), joined({ tookMs: 2500 })], 2000).message).toContain('the slowest 2500 ms');
    const hung = joined({ outcome: 'hung', end: 'unknown', tookMs: 1500, status: null });
    expect(answeredWithin([...many(30, {}), hung], 2000).message).toContain('no answer when they were given up');
  });

  test('requests beside a late one that never met the fault tell how busy the machine was just then', () => {
    const slow = joined({ sentMs: 1000, endedMs: 3500, tookMs: 2500 });
    const judged = (tookMs: number, sentMs: number) =>
      answeredWithin([...many(30, {}), slow], 2000, many(5, { sentMs, endedMs: sentMs + tookMs, tookMs })).status;
    expect(judged(700, 1200)).toBe('pass');
    expect(judged(20, 1200)).toBe('fail');
    expect(judged(2400, 1200)).toBe('error');
    // Before and after it the machine may do what it likes.
    expect(judged(900, 0)).toBe('fail');
    expect(judged(2400, 3600)).toBe('fail');
    // Given up is given up.
    const hung = joined({ outcome: 'hung', tookMs: 1500, endedMs: 1500 });
    expect(answeredWithin([...many(30, {}), hung], 2000, many(5, { tookMs: 700 })).status).toBe('fail');
  });

  test('the time in which the machine stood still is granted, and says nothing where it is longer than what is allowed', () => {
    const judged = (over: Partial<Joined>) => answeredWithin([...many(30, {}), joined(over)], 1000).status;
    expect(judged({ tookMs: 1700, stoodMs: 800 })).toBe('pass');
    expect(judged({ tookMs: 1900, stoodMs: 800 })).toBe('fail');
    expect(judged({ tookMs: 1700, stoodMs: 0 })).toBe('fail');
    expect(judged({ tookMs: 2600, stoodMs: 2500 })).toBe('error');
    expect(judged({ outcome: 'hung', tookMs: 8000, stoodMs: 800 })).toBe('fail');
    const attempt = (ms: number, stoodMs: number) => {
      const log = line({
        tries: [
          [A, 504, 0, ms],
          [B, 200, 9],
        ],
      });
      return attemptsGivenUpWithin([...many(30, {}), joined({ log, stoodMs })], 2000).status;
    };
    expect(attempt(2900, 1000)).toBe('pass');
    expect(attempt(3100, 1000)).toBe('fail');
    expect(attempt(4400, 2500)).toBe('error');
    expect(attempt(4600, 2500)).toBe('fail');
  });

  test('a POST that connected nowhere before counts once; one that was written twice counts twice', () => {
    const once = joined({
      method: 'POST',
      log: line({
        tries: [
          [A, 504, 0],
          [B, 401, 9],
        ],
      }),
    });
    const twice = joined({
      method: 'POST',
      log: line({
        tries: [
          [A, 502, 9],
          [B, 401, 9],
        ],
      }),
    });
    const rest = many(20, { method: 'POST', log: line({ tries: [[A, 401, 9]] }) });
    expect(noneTwice([...rest, once])).toMatchObject({ status: 'pass' });
    expect(noneTwice([...rest, twice]).message).toContain('1 of 21 POST were written to two replicas');
  });

  test('without the log nobody knows whether a POST was executed twice', () => {
    expect(noneTwice(many(20, { method: 'POST', log: null })).status).toBe('error');
    const untold = many(20, { method: 'POST', log: line({ tries: [[A, 401, null]] }) });
    expect(noneTwice(untold).status).toBe('error');
  });

  test('an idle replica and an unfair share have names', () => {
    const two = [...many(100, { server: A }), ...many(100, { server: B })];
    expect(eachServes(two, [A, B, C])).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('172.18.0.6 answered none of 200') as string,
    });
    expect(fairlyShared([...two, ...many(20, { server: C })], [A, B, C]).message).toContain('172.18.0.6 got 20 of 220');
    expect(fairlyShared([...two, ...many(50, { server: C })], [A, B, C]).status).toBe('pass');
    expect(fairlyShared([...two, ...many(90, { server: '172.18.0.99' })], [A, B]).message).toContain('172.18.0.99');
  });
});
