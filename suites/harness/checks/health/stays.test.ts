import { describe, expect, test } from 'vitest';
import { toolVerdict, type ContainerState } from '../../../../fixtures/checks/health/converge-verdicts.ts';
import { ofOtherProgram } from '../../../../fixtures/checks/health/truth-verdicts.ts';
import { blocked, fail, pass } from '../../../../fixtures/checks/verdict.ts';
import { staysVerdict } from '../../../../fixtures/checks/health/stays-verdict.ts';
import { judged } from '../../../../fixtures/checks/record.ts';
import { execInRunning, inRunning, NotRunning } from '../../../../fixtures/stack/not-running.ts';

const steady: ContainerState = {
  name: 'v-api-1',
  service: 'api',
  running: true,
  state: 'running',
  health: null,
  healthLog: [],
  exitCode: 0,
  oomKilled: false,
  restarts: 2,
  startedAt: '',
  finishedAt: '',
};
const check = { id: 'dns/api/resolver', title: '', level: 'must' as const };
/** As dockerode throws what the engine answers. */
const refusal = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) ${message}`), { statusCode });

describe('what is not there to be asked', () => {
  test.for<[number, string, RegExp | null]>([
    [409, 'Container a1 is restarting, wait until the container is running', /^v-api-1 is restarting/],
    [409, 'container a1 is not running', /^v-api-1 does not run/],
    [409, 'cannot join network namespace of a non running container: a1', /^v-api-1 does not run/],
    [404, 'No such container: a1', /^v-api-1 is gone/],
    [404, 'no such exec - No such exec instance: 4198235e8c58', /^v-api-1 does not run/],
    [404, 'No such image: verify/probe', null],
    [409, 'Conflict. The container name is already in use', null],
    [500, 'container a1 is not running', null],
    [
      500,
      "runc create failed: unable to start container process: can't get final child's PID from pipe: EOF",
      /does not run/,
    ],
    [500, 'failed to create task for container: no space left on device', null],
  ])('%i %s', async ([statusCode, message, words]) => {
    const asked = inRunning(steady, () => Promise.reject(refusal(statusCode, message)));
    const error: unknown = await asked.catch((thrown: unknown) => thrown);
    expect(error instanceof NotRunning).toBe(words !== null);
    if (words !== null) expect((error as Error).message).toMatch(words);
  });

  test.for<[number | null, string, boolean]>([
    [126, 'OCI runtime exec failed: exec failed: cannot exec in a stopped container: unknown', true],
    [126, 'cannot exec in a stopped state: unknown', true],
    [126, 'exec failed: unable to start container process: error executing setns process: exit status 1', true],
    [126, 'exec failed: unable to start container process: read init-p: connection reset by peer', true],
    [126, 'exec failed: unable to start container process: exec: "/x": permission denied', false],
    [1, 'cannot exec in a stopped container', false],
    [0, '', false],
  ])('a command that ended with %s and "%s"', async ([exitCode, stdout, never]) => {
    const ran = { exitCode, stdout, stderr: '', timedOut: false, durationMs: 1 };
    const asked: unknown = await execInRunning(steady, () => Promise.resolve(ran)).catch((error: unknown) => error);
    if (never) expect(asked).toBeInstanceOf(NotRunning);
    else expect(asked).toBe(ran);
  });

  test('a check that meets it is blocked by the one that tells why, and no error', async () => {
    const verdict = await judged(check, () => Promise.reject(new NotRunning('api', 'v-api-1 is restarting')));
    expect(verdict).toMatchObject({
      status: 'blocked',
      blockedBy: 'health/api/stays',
      message: 'v-api-1 is restarting',
    });
  });
});

test.for<[string, number, Partial<ContainerState>[], string, RegExp]>([
  ['gone', 0, [], 'fail', /no container any more/],
  [
    'in a restart loop',
    2,
    [{ running: false, state: 'restarting', exitCode: 1 }],
    'fail',
    /v-api-1 is restarting \(exit/,
  ],
  ['up again', 1, [{}], 'fail', /restarted 1 times meanwhile/],
  ['as it was', 2, [{}], 'error', /nothing tells why/],
])('%s', ([, before, containers, status, words]) => {
  const verdict = staysVerdict(
    'api',
    before,
    containers.map((more) => ({ ...steady, ...more })),
  );
  expect([verdict.status, verdict.message]).toEqual([status, expect.stringMatching(words)]);
});

test.for<[string, Partial<ContainerState>, string, string | undefined]>([
  ['a restart begins a new log', { restarts: 1 }, 'blocked', 'health/api/restarts'],
  ['it is still starting', { restarts: 0, health: 'starting' }, 'blocked', 'health/api/converges'],
  ['it ended', { restarts: 0, running: false }, 'blocked', 'health/api/converges'],
  ['it is healthy without a look', { restarts: 0, health: 'healthy' }, 'error', undefined],
])('a health check that was never run: %s', ([, more, status, by]) => {
  const verdict = toolVerdict({ ...check, service: 'api' }, { convergence: [], containers: [{ ...steady, ...more }] });
  expect([verdict.status, verdict.blockedBy]).toEqual([status, by]);
});

test('a truth that waits for a command which another version of the program fails is a skip, and no error', () => {
  const waits = blocked('health/db/truth/green', 'not green to begin with');
  const other = 'postgres:16 runs as PostgreSQL 17.6';
  expect(ofOtherProgram(waits, undefined)).toBe(waits);
  expect(ofOtherProgram(waits, other)).toMatchObject({ status: 'skip', message: expect.stringContaining(other) });
  for (const verdict of [pass(), fail('red')]) expect(ofOtherProgram(verdict, other)).toBe(verdict);
});
