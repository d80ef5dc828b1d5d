import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { addDays, dayOf } from '../../../../fixtures/model/policy/day.ts';
import { statuses, SyntheticSuites, type Ran } from '../../../../fixtures/testing/synthetic-suite.ts';

/** Decisions through the whole command, from the policy file to the exit code. */
const SUITE = `check('sound', () => pass());
check('a/one', () => fail('one as it was seen', { cause: 'no-health-check' }));
check('a/two', () => fail('two as it was seen'));`;
const ONE_MORE = `${SUITE} check('a/three', () => fail('three as it was seen', { cause: 'no-health-check' }));`;

const inDays = (number: number) => addDays(dayOf(Date.now()), number);
const waiver = (about: string, until = inDays(60)) => `  - { ${about}, reason: known, until: ${until} }\n`;

let synthetic: SyntheticSuites;
let file: string;
beforeEach(() => {
  synthetic = new SyntheticSuites();
  file = path.join(synthetic.stack, 'verify.yaml');
});
afterEach(() => synthetic[Symbol.dispose]());

const gate = async (
  source: string,
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<Ran> => synthetic.verify('gate', source, args, environment);

describe('a gate with decisions', { timeout: 120_000 * slowness }, () => {
  test.for<[string, string, string, 0 | 1 | 2, Record<string, string>]>([
    [
      'all that fails is waived',
      SUITE,
      `waivers:\n${waiver('check: "config/a/*"')}`,
      0,
      { 'config/a/one': 'waived', 'config/a/two': 'waived' },
    ],
    [
      'nothing is left that passes, but all was looked at',
      `check('a/two', () => fail('two'));`,
      `waivers:\n${waiver('check: config/a/two')}`,
      0,
      { 'config/a/two': 'waived' },
    ],
    [
      'by its cause',
      SUITE,
      `waivers:\n${waiver('cause: no-health-check')}`,
      1,
      { 'config/a/one': 'waived', 'config/a/two': 'fail' },
    ],
    [
      'a waiver is over',
      SUITE,
      `waivers:\n${waiver('check: "config/a/*"', inDays(-2))}`,
      1,
      { 'config/a/one': 'fail', 'config/a/two': 'fail' },
    ],
    [
      'what could not be judged is not waived',
      `check('sound', () => pass()); check('a/two', () => cannotJudge('no tool'));`,
      `waivers:\n${waiver('check: config/a/two')}`,
      2,
      { 'config/a/two': 'error' },
    ],
    ['the level says advice', SUITE, `levels: { 'config/a/*': advice }\n`, 0, { 'config/a/one': 'fail' }],
    ['a waiver for longer than a year', SUITE, `waivers:\n${waiver('check: config/a/two', inDays(400))}`, 2, {}],
  ])('%s', async ([, source, policy, code, expected]) => {
    writeFileSync(file, policy);
    const ran = await gate(source);
    expect({ code: ran.code, stderr: ran.stderr }).toMatchObject({ code });
    expect(statuses(ran)).toMatchObject(expected);
    // The policy is read, never written.
    expect(readFileSync(file, 'utf8')).toBe(policy);
  });

  test('every report tells what is waived, what is over and what nobody needs', async () => {
    writeFileSync(
      file,
      `waivers:\n${waiver('check: config/a/one')}${waiver('check: config/a/two', inDays(-2))}${waiver('check: config/b')}`,
    );
    const { code, summary, junit, stdout } = await gate(SUITE, [], { GITHUB_ACTIONS: 'true' });
    expect(code).toBe(1);
    expect(summary?.suites).toMatchObject([{ name: 'config', pass: 1, fail: 1, waived: 1 }]);
    expect(summary?.waivers.map(({ state, checks }) => [state, checks])).toEqual([
      ['active', ['config/a/one']],
      ['expired', ['config/a/two']],
      ['unused', []],
    ]);
    expect(summary?.policy?.told).toHaveLength(2);
    expect(junit).toContain('tests="3" failures="1" errors="0" skipped="1"');
    expect(junit).toMatch(/<skipped message="waived until \S+ by verify\.yaml:2 \(known\): one as it was seen"\/>/);
    expect(junit).toMatch(/its waiver expired on/);
    expect(stdout).toMatch(/WAIVED \(1 check by 1 waiver; /);
    expect(stdout).toMatch(
      /FIX THIS \(1 red\)[^]*config\/a\/two[^]*note +its waiver expired on \S+ \(verify\.yaml:3: known\)/,
    );
    expect(stdout).toMatch(/POLICY \([^]*verify\.yaml:4: matches no check/);
    expect(stdout).toMatch(/1 not passed, 0 advice, 1 waived/);
    expect(stdout).toMatch(/::error [^\n]*title=config\/a\/two[^\n]*expired/);
    expect(stdout).toMatch(/::warning file=[^\n]*verify\.yaml,line=4,[^\n]*matches no check/);
    expect(stdout).not.toMatch(/::error [^\n]*config\/a\/one/);
  });
});

describe('a baseline', { timeout: 240_000 * slowness }, () => {
  test('makes the gate green at once and in the next run; one more failure is red, alone', async () => {
    const before = '# ours\nlevels:\n  config/sound: must # as ever\n';
    writeFileSync(file, before);
    const written = await gate(SUITE, ['--baseline']);
    expect({ code: written.code, stderr: written.stderr }).toEqual({ code: 0, stderr: '' });
    expect(written.summary?.baseline).toMatchObject({ waivers: 2, checks: 2, until: inDays(90) });
    expect(written.stdout).toMatch(/2 waivers for 2 checks, until \S+, written into .*verify\.yaml/);
    const text = readFileSync(file, 'utf8');
    for (const line of before.split('\n')) expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+verify\.schema\.json\n/);

    const again = await gate(SUITE);
    expect(again.code).toBe(0);
    expect(statuses(again)).toEqual({ 'config/sound': 'pass', 'config/a/one': 'waived', 'config/a/two': 'waived' });

    // Of a cause that is waived, but of another subject.
    const more = await gate(ONE_MORE);
    expect(more.code).toBe(1);
    expect(Object.entries(statuses(more)).filter(([, status]) => status === 'fail')).toEqual([
      ['config/a/three', 'fail'],
    ]);

    const none = await gate(SUITE, ['--baseline']);
    expect(none.code).toBe(0);
    expect(none.stdout).toMatch(/nothing fails that is not waived yet/);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('makes the file that --policy names, and nothing in the stack directory', async () => {
    const own = path.join(synthetic.folder, 'own.yaml');
    const { code } = await gate(SUITE, ['--baseline', '--policy', own]);
    expect(code).toBe(0);
    expect(readFileSync(own, 'utf8')).toMatch(/cause: no-health-check\n +of:\n +- config\/a\/one/);
    expect(() => readFileSync(file)).toThrow(/ENOENT/);
    rmSync(own);
    const missing = await gate(SUITE, ['--policy', own]);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/own\.yaml does not exist/)]);
  });

  test('does not accept what could not be judged, and says so', async () => {
    const { code, stdout } = await gate(`${SUITE} check('b', () => cannotJudge('no tool'));`, ['--baseline']);
    expect(code).toBe(2);
    expect(stdout).toMatch(/2 waivers for 2 checks[^\n]*; 1 that could not be judged or accepted is not among them/);
  });

  test('is refused where it cannot be written, before anything is run', async () => {
    const { code, stderr, summary } = await gate(SUITE, ['--baseline', '--policy', '/proc/verify.yaml']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^verify: --baseline: \/proc\/verify\.yaml cannot be written .*--policy\n$/);
    expect(summary).toBeNull();
  });
});
