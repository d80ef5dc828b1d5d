import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { judged as Judged } from '../../../fixtures/checks/record.ts';
import { cannotJudge, fail, pass, type Verdict } from '../../../fixtures/checks/verdict.ts';
import type { HelperContainer as Helper } from '../../../fixtures/engine/helper-container.ts';
import { ProbeGone } from '../../../fixtures/errors.ts';
import { FakeEngine } from '../../../fixtures/testing/fake-engine.ts';

/** What a run looks with is taken away under it: whatever a judge makes of that is no verdict on the stack. */
let engine: FakeEngine;
let before: string | undefined;
beforeAll(async () => {
  before = process.env['DOCKER_HOST'];
  engine = await FakeEngine.start();
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

/** Each in a harness of its own: that something was taken is remembered to its end. */
async function harness() {
  vi.resetModules();
  const { HelperContainer, takenAway } = await import('../../../fixtures/engine/helper-container.ts');
  const { judged } = await import('../../../fixtures/checks/record.ts');
  const { Probe } = await import('../../../fixtures/engine/probe/client.ts');
  const spec = { image: 'verify-probe', labels: {}, network: 'none' };
  const start = (standing?: string) =>
    HelperContainer.start({ ...spec, ...(standing === undefined ? {} : { standing }) });
  return { start, takenAway, judged, Probe };
}

const obligation = { id: 'dns/api/resolves/db', title: 'api resolves db', level: 'must' as const };
const told = async (judged: typeof Judged, verdict: Verdict) => judged(obligation, () => verdict);

type Take = [name: string, take: (helper: Helper) => Promise<void> | void, gone: boolean];
const TAKES: Take[] = [
  ['removed by somebody', ({ id }) => engine.remove(id), true],
  ['killed by somebody', ({ id }) => engine.end(id, 137), true],
  ['paused by somebody', ({ id }) => engine.pause(id), true],
  ['that runs', () => undefined, false],
  ['that ended by itself', ({ id }) => engine.end(id, 1), false],
  ['that we removed', (helper) => helper[Symbol.asyncDispose](), false],
];

describe.each(TAKES)('a helper %s', (_, take, gone) => {
  test.each<[string, Verdict, string, string]>([
    ['a red', fail('db was not found'), 'fail', 'error'],
    ['what could not be judged', cannotJudge('the control failed'), 'error', 'error'],
    ['what passed', pass(), 'pass', 'pass'],
  ])('%s', async (_name, verdict, else_, then) => {
    const { start, judged } = await harness();
    await take(await start('the canary'));
    const seen = await told(judged, verdict);
    expect(seen.status).toBe(gone ? then : else_);
    if (!gone || verdict.status === 'pass') return expect(seen).toEqual(verdict);
    expect(seen.cause).toBe('probe-gone');
    expect(seen.message).toBe(
      `the canary of this run was taken away while it looked, so this is no verdict: ${verdict.message ?? ''}`,
    );
  });
});

test('what was taken is remembered when it is cleared away before the verdict', async () => {
  const { start, judged } = await harness();
  const helper = await start('the sender of signals');
  engine.remove(helper.id);
  await helper[Symbol.asyncDispose]();
  expect(await told(judged, fail('red'))).toMatchObject({ status: 'error', cause: 'probe-gone' });
});

test('a helper that is not said to stay may end', async () => {
  const { start, judged } = await harness();
  engine.remove((await start()).id);
  expect((await told(judged, fail('red'))).status).toBe('fail');
});

test('a probe that is taken away while it is asked says so by the class of its error', async () => {
  const { Probe } = await harness();
  const probe = await Probe.start('a-container', 'verify-probe', {});
  const asked = probe.ask('network', {});
  engine.remove(probe.standpoint.container);
  await expect(asked).rejects.toMatchObject({ name: 'ProbeGone' });
  expect(new ProbeGone()).toMatchObject({ exitCode: 2 });
});

test('an engine that does not answer is left to the end of the run', async () => {
  const { start, judged } = await harness();
  await start('the canary');
  await engine.stop();
  expect(await told(judged, fail('red'))).toEqual(fail('red'));
});
