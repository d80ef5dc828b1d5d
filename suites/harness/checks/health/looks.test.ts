import { describe, expect, test } from 'vitest';
import type { Convergence } from '../../../../fixtures/stack/convergence.ts';
import type { OrderObligation } from '../../../../fixtures/checks/health/obligations.ts';
import {
  convergesVerdict,
  exitsVerdict,
  orderVerdict,
  restartsVerdict,
  toolVerdict,
  type ContainerState,
} from '../../../../fixtures/checks/health/converge-verdicts.ts';
import { answersVerdict, logVerdict } from '../../../../fixtures/checks/health/log-verdict.ts';

const up: ContainerState = {
  name: 'x-db-1',
  service: 'db',
  running: true,
  state: 'running',
  health: 'healthy',
  healthLog: [{ exitCode: 0, output: '' }],
  exitCode: 0,
  oomKilled: false,
  restarts: 0,
  startedAt: '2026-01-01T00:00:10Z',
  finishedAt: '0001-01-01T00:00:00Z',
};
const boot: Convergence = {
  service: 'db',
  container: 'x-db-1',
  createdMs: 100,
  startedMs: 1_000,
  healthyMs: 3_000,
  servingMs: 3_000,
  restarts: 0,
  state: 'running',
  health: 'healthy',
  budgetMs: 10_000,
};
const db = { id: 'health/db/x', title: '', level: 'must' as const, service: 'db' };

describe('a service comes up', () => {
  const obligation = { ...db, replicas: 1, budgetMs: 10_000 };
  test.for<[string, Partial<ContainerState>[], Partial<Convergence>[], string, RegExp]>([
    ['healthy in time', [{}], [{}], 'pass', /2\.0 s/],
    ['without a time of the boot', [{}], [], 'error', /times of 0 of 1 containers/],
    ['too late', [{}], [{ healthyMs: 12_500 }], 'fail', /took 11\.5 s/],
    [
      'later than its looks as declared allow',
      [{}],
      [{ asDeclared: { seenMs: 6_000, givenUpMs: 1_500 } }],
      'fail',
      /took 2\.0 s, and its looks as declared give it up after 1\.5 s/,
    ],
    [
      'seen later by its looks as declared',
      [{}],
      [{ asDeclared: { seenMs: 6_000, givenUpMs: 9_000 } }],
      'pass',
      /as declared after 6\.0 s/,
    ],
    ['late counts from its own start', [{}], [{ startedMs: 40_000, healthyMs: 45_000 }], 'pass', /5\.0 s/],
    ['never in the boot', [{}], [{ healthyMs: null }], 'fail', /never seen healthy/],
    ['sick again', [{ health: 'unhealthy' }], [{}], 'fail', /x-db-1 is unhealthy \(its last check exited with 0/],
    ['looping', [{ running: true, state: 'restarting', exitCode: 1, restarts: 4 }], [{}], 'fail', /restarting \(1, 4/],
    ['gone', [], [{}], 'fail', /found 0/],
    ['ended', [{ running: false, state: 'exited', exitCode: 3 }], [{}], 'fail', /exited \(3\)/],
  ])('%s', ([, containers, convergence, status, message]) => {
    const verdict = convergesVerdict(obligation, {
      containers: containers.map((change) => ({ ...up, ...change })),
      convergence: convergence.map((change) => ({ ...boot, ...change })),
    });
    expect(verdict.status).toBe(status);
    expect(verdict.message).toMatch(message);
  });

  test('a missing replica is named by number', () => {
    const verdict = convergesVerdict({ ...obligation, replicas: 3 }, { containers: [up], convergence: [] });
    expect(verdict.message).toMatch(/expected 3 running containers of db, found 1/);
  });

  test('a slow machine has more time', () => {
    const late = { containers: [up], convergence: [{ ...boot, healthyMs: 15_000 }] };
    expect([convergesVerdict(obligation, late).status, convergesVerdict(obligation, late, 2).status]).toEqual([
      'fail',
      'pass',
    ]);
  });

  test('without a health check it only has to run', () => {
    const verdict = convergesVerdict(
      { ...obligation, budgetMs: null },
      { containers: [{ ...up, health: null }], convergence: [{ ...boot, healthyMs: null }] },
    );
    expect(verdict.status).toBe('pass');
  });
});

describe('restarts, exits, tools', () => {
  test.for<[string, Partial<ContainerState>, Partial<Convergence>, string, RegExp]>([
    ['none', {}, {}, 'pass', /^$/],
    ['one now', { restarts: 1 }, {}, 'fail', /x-db-1 restarted 1 times/],
    ['one in the boot, recreated since', {}, { restarts: 2 }, 'fail', /restarted 2 times/],
    ['killed for memory', { oomKilled: true }, {}, 'fail', /want of memory/],
  ])('restarts: %s', ([, container, convergence, status, message]) => {
    const verdict = restartsVerdict(db, {
      containers: [{ ...up, ...container }],
      convergence: [{ ...boot, ...convergence }],
    });
    expect(verdict.status).toBe(status);
    expect(verdict.message ?? '').toMatch(message);
  });

  test.for<[string, Partial<ContainerState>[], string]>([
    ['done', [{ running: false, state: 'exited' }], 'pass'],
    ['failed', [{ running: false, state: 'exited', exitCode: 1 }], 'fail'],
    ['still at it', [{}], 'fail'],
    ['never made', [], 'fail'],
  ])('exits: %s', ([, containers, status]) => {
    const seen = { containers: containers.map((change) => ({ ...up, ...change })), convergence: [] };
    expect(exitsVerdict(db, seen).status).toBe(status);
  });

  test.for<[string, ContainerState['healthLog'], string]>([
    ['green', [{ exitCode: 0, output: '' }], 'pass'],
    ['red, but it ran', [{ exitCode: 7, output: 'curl: (7)' }], 'pass'],
    ['shell: not found', [{ exitCode: 127, output: 'sh: curl: not found' }], 'fail'],
    [
      'engine: not found',
      [
        { exitCode: 0, output: '' },
        { exitCode: -1, output: 'OCI runtime exec failed: exec: "curl": executable file not found in $PATH' },
      ],
      'fail',
    ],
    ['not run yet', [], 'error'],
  ])('tool: %s', ([, healthLog, status]) => {
    expect(toolVerdict(db, { containers: [{ ...up, healthLog }], convergence: [] }).status).toBe(status);
  });
});

describe('start order', () => {
  const order = (awaits: OrderObligation['awaits']): OrderObligation => ({
    ...db,
    service: 'api',
    dependency: 'db',
    condition: 'service_started',
    awaits,
  });
  const api = (startedMs: number | null): Convergence => ({ ...boot, service: 'api', container: 'x-api-1', startedMs });
  const seen = (...convergence: Convergence[]) => ({ convergence, containers: [] });

  test.for<[string, OrderObligation['awaits'], Convergence[], Convergence[], string, RegExp]>([
    ['after it', 'healthy', [api(3_500)], [boot], 'pass', /0\.5 s after/],
    ['before it', 'healthy', [api(2_000)], [boot], 'fail', /started 1\.0 s before \(it asks for service_started\)/],
    ['the first replica counts', 'healthy', [api(3_500), api(1_500)], [boot], 'fail', /1\.5 s before/],
    [
      'the last replica of the other counts',
      'healthy',
      [api(3_500)],
      [boot, { ...boot, healthyMs: 9_000 }],
      'fail',
      /./,
    ],
    [
      'before its looks as declared would have been green',
      'healthy',
      [api(3_500)],
      [{ ...boot, asDeclared: { seenMs: 30_000, givenUpMs: 90_000 } }],
      'fail',
      /27\.5 s before/,
    ],
    ['never healthy', 'healthy', [api(3_500)], [{ ...boot, healthyMs: null }], 'fail', /never was healthy/],
    ['only started', 'started', [api(1_100)], [boot], 'pass', /./],
    ['itself never started', 'healthy', [api(null)], [boot], 'error', /never started/],
    ['no boot was seen', 'healthy', [], [], 'error', /no times/],
  ])('%s', ([, awaits, dependent, dependency, status, message]) => {
    const verdict = orderVerdict(order(awaits), seen(...dependent), seen(...dependency));
    expect(verdict.status).toBe(status);
    expect(verdict.message).toMatch(message);
  });

  test('what compose waits for is healthy when the copy sees it', () => {
    const paced = { ...boot, asDeclared: { seenMs: 30_000, givenUpMs: 90_000 } };
    const waiting = { ...order('healthy'), condition: 'service_healthy' as const };
    expect(orderVerdict(waiting, seen(api(3_500)), seen(paced)).status).toBe('pass');
  });

  test('one that was made anew into a kept copy has no place in the order of the boot, on either side', () => {
    const anew = { ...boot, startedMs: 9_000, healthyMs: 9_500, madeAnew: true as const };
    expect(
      orderVerdict(order('healthy'), seen(api(3_500)), seen({ ...anew, madeAnew: undefined as never })).status,
    ).toBe('fail');
    expect(orderVerdict(order('healthy'), seen(api(3_500)), seen(anew)).status).toBe('skip');
    expect(orderVerdict(order('healthy'), seen({ ...api(100), madeAnew: true as const }), seen(boot)).status).toBe(
      'skip',
    );
  });

  test.for<[string, Partial<ContainerState>, string]>([
    ['done before', { state: 'exited', running: false, finishedAt: '2026-01-01T00:00:09Z' }, 'pass'],
    ['done after', { state: 'exited', running: false, finishedAt: '2026-01-01T00:00:12Z' }, 'fail'],
    ['still at it', {}, 'fail'],
  ])('a one-shot: %s', ([, change, status]) => {
    const dependent = { convergence: [], containers: [{ ...up, service: 'api' }] };
    const dependency = { convergence: [], containers: [{ ...up, ...change }] };
    expect(orderVerdict(order('completed'), dependent, dependency).status).toBe(status);
  });
});

describe('logs and ports', () => {
  const log = (...lines: [number, string][]) => ({
    steadyMs: 1_000,
    logs: [{ container: 'x-db-1', lines: lines.map(([atMs, text]) => ({ atMs, text })) }],
  });
  test.for<[string, [number, string][], string]>([
    ['nothing written', [], 'pass'],
    ['a refusal while it starts', [[900, 'FATAL:  the database system is starting up']], 'pass'],
    ['a missing database while it starts', [[900, 'FATAL:  database "dify_plugin" does not exist']], 'pass'],
    ['a role that is refused for ever', [[2_000, 'FATAL:  role "root" does not exist']], 'fail'],
    ['a panic while it starts', [[10, '[PANIC] failed to init config']], 'fail'],
    ['a word that only looks like one', [[2_000, 'GET /docs/non-FATALITY panic-button fatal']], 'pass'],
    ['a traceback in the steady state', [[2_000, 'Traceback (most recent call last):']], 'fail'],
  ])('%s', ([, lines, status]) => {
    expect(logVerdict(db, log(...lines)).status).toBe(status);
  });

  test('no log at all is no proof: why there is none is told by its start', () => {
    expect(logVerdict(db, { logs: [], steadyMs: 0 })).toMatchObject({
      status: 'blocked',
      message: expect.stringMatching(/no container whose log/),
    });
  });

  test('every replica has to accept; a container that does not run is named with its state', () => {
    const port = { ...db, port: 80, because: 'it is published' };
    const open = { container: 'x-1', state: 'running', outcome: 'open' as const, address: '10.0.0.2' };
    expect(answersVerdict(port, [open]).status).toBe('pass');
    expect(answersVerdict(port, []).status).toBe('fail');
    const looping = { container: 'x-2', state: 'restarting', outcome: 'none' as const, address: null };
    expect(answersVerdict(port, [open, looping]).message).toMatch(/x-2 is restarting/);
    expect(answersVerdict(port, [{ ...open, outcome: 'refused' }]).message).toMatch(/10\.0\.0\.2:80: refused/);
  });
});
