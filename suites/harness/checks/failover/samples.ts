import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { FailoverSubject, Scenario, ScenarioPromise } from '../../../../fixtures/checks/failover/obligations.ts';
import { judgeScenario } from '../../../../fixtures/checks/failover/judge.ts';
import type { Baseline, Replica, ScenarioRecord, Victim } from '../../../../fixtures/checks/failover/record.ts';
import type { LoggedRequest } from '../../../../fixtures/engine/probe/nginx-log.ts';
import type { Joined } from '../../../../fixtures/checks/failover/traffic/ledger.ts';

export const A = '172.18.0.4';
export const B = '172.18.0.5';
export const C = '172.18.0.6';

/** A line of nginx's log; each try is address, status, bytes written and (5 where it does not matter) milliseconds. */
export function line({
  tries,
  ms = 5,
  id = 'x',
}: {
  tries: [string, number | null, number | null, number?][];
  ms?: number;
  id?: string;
}): LoggedRequest {
  return {
    id,
    requestId: '',
    timeMs: 0,
    method: 'GET',
    uri: '/v1/chat-messages',
    status: 200,
    upstreamAddr: tries.map(([address]) => `${address}:5001`),
    upstreamStatus: tries.map(([, status]) => status),
    upstreamSent: tries.map(([, , bytes]) => bytes),
    upstreamTimeMs: tries.map(([, , , took = 5]) => took),
    requestTimeMs: ms,
    host: '127.0.0.1',
  };
}

/** An answered GET, with what a case needs to be different. */
export function joined(over: Partial<Joined>): Joined {
  return {
    id: 'x',
    target: 't',
    method: 'GET',
    dueMs: 0,
    sentMs: 0,
    endedMs: 5,
    outcome: 'answered',
    status: 200,
    stoodMs: 0,
    log: line({ tries: [[over.server ?? A, 200, 9]] }),
    end: 'ok',
    tookMs: 5,
    server: A,
    ...over,
  };
}

/** So many alike. */
export function many(count: number, over: Partial<Joined>): Joined[] {
  return Array.from({ length: count }, () => joined(over));
}

export const D = '172.18.0.9';

export const subject: FailoverSubject = {
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
  },
  targets: [],
  declared: { connectMs: 1000, connectAt: 'proxy.conf:17', readMs: 3_600_000, nextUpstream: 'error timeout' },
};
export const asStatic: FailoverSubject = { ...subject, upstream: { ...subject.upstream, static: true, validMs: null } };
export const unbounded: FailoverSubject = {
  ...subject,
  declared: { ...subject.declared, connectMs: 60_000, connectAt: null },
};

export const replica = (address: string, over: Partial<Replica> = {}): Replica => ({
  id: address,
  name: `p-api-${address.slice(-1)}`,
  addresses: { default: address },
  running: true,
  restarts: 0,
  ...over,
});

export const baseline: Baseline = {
  requests: [...many(70, { server: A }), ...many(70, { server: B }), ...many(70, { server: C })],
  replicas: [replica(A), replica(B), replica(C)],
  expected: { t: [200] },
  p99Ms: 12,
  perSecond: 100,
};

export const back = (over: Partial<Victim> = {}): Victim => ({
  before: replica(A),
  after: replica(A),
  readyMs: 1200,
  servedMs: 80,
  waitedMs: 80,
  answeredMeanwhile: 4,
  ...over,
});

export const scenario = (name: Scenario, over: Partial<ScenarioRecord> = {}): ScenarioRecord => ({
  scenario: name,
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

export const judge = (promised: ScenarioPromise, record: ScenarioRecord, of = subject): Verdict =>
  judgeScenario(promised, record, of, baseline);
