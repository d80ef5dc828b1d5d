import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { statuses, SyntheticSuites, type Ran } from '../../../fixtures/testing/synthetic-suite.ts';

let synthetic: SyntheticSuites;
beforeAll(() => {
  synthetic = new SyntheticSuites();
});
afterAll(() => synthetic[Symbol.dispose]());

const verify = async (...call: Parameters<SyntheticSuites['verify']>): Promise<Ran> => synthetic.verify(...call);

const A_PASS = `check('sound', () => pass());`;

/** Each is a process of some seconds: what follows from the verdicts alone is in report.test.ts. */
describe.concurrent('from the judges to the exit code', { timeout: 120_000 * slowness }, () => {
  test.for<[string, string, string[], 0 | 1 | 2, Record<string, string>]>([
    ['one that passes', A_PASS, [], 0, { 'config/sound': 'pass' }],
    ['one that fails', `${A_PASS} check('a', () => fail('a red'));`, [], 1, { 'config/a': 'fail' }],
    [
      'one whose blocker is not selected',
      `check('a', () => fail('a red')); check('b', () => blocked('config/a', 'a is away')); ${A_PASS}`,
      ['--check', 'config/b', '--check', 'config/sound'],
      2,
      { 'config/b': 'error', 'config/sound': 'pass' },
    ],
    ['nothing but skips', `check('a', () => skip('none here'));`, [], 2, { 'config/a': 'skip' }],
    ['a suite without a check', '', [], 2, { 'config/nothing-to-check': 'skip' }],
    [
      'a judge that cannot, one that throws, and what they block',
      `check('a', () => cannotJudge('no tool')); check('b', () => { throw new Blocked('config/a', 'no a'); });
       check('c', () => { throw new Error('out of order'); }); ${A_PASS}`,
      [],
      2,
      { 'config/a': 'error', 'config/b': 'blocked', 'config/c': 'error', 'config/sound': 'pass' },
    ],
    [
      'a judge that does not end',
      `${A_PASS} check('a', () => new Promise(() => undefined), { limitMs: 300, sideBySide: false });`,
      [],
      2,
      { 'config/a': 'error', 'config/sound': 'pass' },
    ],
    [
      'a rejection that nobody handles',
      `check('sound', async () => { void Promise.reject(new Error('nobody looks')); for (let turn = 0; turn < 5; turn++) await new Promise((go) => setImmediate(go)); return pass(); });`,
      [],
      2,
      { 'config/sound': 'pass', 'config/harness/unhandled/1': 'error' },
    ],
    ['a suite that does not load', `throw new Error('does not load');`, [], 2, { 'config/harness/load': 'error' }],
    [
      'a test that is no check, and two checks of one id',
      `${A_PASS} ${A_PASS} vitest.test('loose', () => undefined);`,
      [],
      2,
      { 'config/harness/loose': 'error', 'config/sound': 'error' },
    ],
  ])('%s', async ([name, source, args, code, expected]) => {
    const ran = await verify(name.replace(/\W+/g, '-'), source, args);
    expect(statuses(ran)).toMatchObject(expected);
    expect(ran.code).toBe(code);
    expect(ran.summary).toMatchObject({ schema: 2, verdict: (['pass', 'fail', 'error'] as const)[code] });
  });

  test('judges whose probe was taken away: one cause, however it was wrapped; its words alone are none', async () => {
    const wrapped = `throw new Error('from api: nothing', { cause: new ProbeGone() });`;
    const ran = await verify(
      'probe-gone',
      `check('a', () => { throw new ProbeGone(); }); check('b', () => { ${wrapped} }); ${A_PASS}`,
    );
    expect(statuses(ran)).toMatchObject({ 'config/a': 'error', 'config/b': 'error', 'config/sound': 'pass' });
    const words = await verify(
      'probe-words',
      `check('a', () => { throw new Error(new ProbeGone().message); }); ${A_PASS}`,
    );
    expect(words.summary?.causes).toMatchObject([{ id: 'config/a' }]);
    expect(ran.summary?.causes).toMatchObject([{ id: 'probe-gone', checks: ['config/a', 'config/b'] }]);
    expect(ran.code).toBe(2);
  });

  test('nothing that is selected: one line, no report, exit 2', async () => {
    const ran = await verify('nothing-selected', A_PASS, ['--check', 'config/none/*']);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/^verify: --check config\/none\/\*: matches no check\n$/);
    expect(ran.summary).toBeNull();
  });

  test('what is blocked by a red is told with it in every report, and the run is as red', async () => {
    const source = `check('a', () => fail('a red')); check('b', () => blocked('config/a', 'no a'));`;
    const { code, summary, junit, stdout } = await verify('told', source);
    expect(code).toBe(1);
    expect(summary?.checks.find(({ id }) => id === 'config/b')).toMatchObject({
      status: 'blocked',
      blockedBy: 'config/a',
      message: 'no a',
    });
    expect(summary?.suites).toMatchObject([{ name: 'config', fail: 1, error: 0, blocked: 1 }]);
    expect(junit).toContain('tests="2" failures="1" errors="0" skipped="1"');
    expect(junit).toContain('<skipped message="blocked by config/a: no a"/>');
    expect(stdout).toMatch(/FIX THIS \(1 red\)[^]*config\/a[^]*1 check red, 1 not looked at/);
    expect(stdout).toMatch(/suite +pass +fail +error +blocked/);
  });

  test('what is blocked by nothing red is an error that names what failed', async () => {
    const { code, summary, junit } = await verify(
      'unsettled',
      `${A_PASS} check('b', () => blocked('config/sound', 'no sound'));`,
    );
    expect(code).toBe(2);
    const message = 'not looked at: no sound (config/sound is told as pass)';
    expect(summary?.checks.find(({ id }) => id === 'config/b')).toMatchObject({
      status: 'error',
      blockedBy: 'config/sound',
      message,
    });
    expect(junit).toContain(`<error message="${message}">`);
  });
});
