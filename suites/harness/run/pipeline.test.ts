import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { commandLine } from '../../../fixtures/engine/command-line.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';

/**
 * Synthetic suites through the whole pipeline, from the flags to the exit code: the real command, driver and reports, in a
 * process of their own. They stand in the place of `config`, which needs no engine.
 */
const ROOT = projectRoot;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'verify-pipeline-'));
  mkdirSync(path.join(folder, 'stack'));
  writeFileSync(
    path.join(folder, 'stack/docker-compose.yaml'),
    'services:\n  api:\n    image: langgenius/dify-api:1.5.0\n',
  );
  // The suites import vitest as those of the project do.
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  code: number | null;
  summary: Summary | null;
  junit: string;
  stdout: string;
  stderr: string;
}

/** Runs a suite of the given source. In it: `check(id, judge, options?)`, the verdicts' constructors, and `vitest`. */
async function verify(name: string, source: string, args: readonly string[] = []): Promise<Ran> {
  const suites = path.join(folder, name);
  const report = path.join(suites, 'report');
  mkdirSync(suites);
  writeFileSync(path.join(suites, 'config.test.ts'), `${HEAD}\n${source}\n`);
  const line = commandLine('../fixtures/testing/synthetic-run', [
    suites,
    '--stack',
    path.join(folder, 'stack'),
    '--only',
    'config',
    '--report',
    report,
    ...args,
  ]);
  const child = spawn(process.execPath, line, { cwd: ROOT, env: { ...process.env, NO_COLOR: '1' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const read = (file: string) => {
    const full = path.join(report, file);
    return existsSync(full) ? readFileSync(full, 'utf8') : null;
  };
  const summary = read('summary.json');
  return {
    code,
    summary: summary === null ? null : (JSON.parse(summary) as Summary),
    junit: read('junit.xml') ?? '',
    stdout,
    stderr,
  };
}

const HEAD = `
import * as vitest from 'vitest';
import { checks } from '${path.join(ROOT, 'fixtures/checks/checks.ts')}';
import { blocked, Blocked, cannotJudge, fail, pass, skip } from '${path.join(ROOT, 'fixtures/checks/verdict.ts')}';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
void [vitest, blocked, Blocked, cannotJudge, fail, pass, skip];
const check = (id, judge, { level = 'must', ...options } = {}) => checks([{ id: 'config/' + id, title: id, level }], judge, options);
`;
const A_PASS = `check('sound', () => pass());`;

/** Status by id, as reported. */
const statuses = ({ summary }: Ran) =>
  Object.fromEntries((summary?.checks ?? []).map(({ id, status }) => [id, status]));

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
    expect(stdout).toMatch(/FAIL {2}config\/a[^]*blocks config\/b \(not looked at\)/);
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
