import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAction, type ActionRun } from '../../../fixtures/testing/action-steps.ts';

const action = path.resolve('.github/actions/verify');
/** Needs a registry and would replace the packages under these very tests; `.ci/run` does it. */
const without = { 'Install the gate': {} };
let scratch: string;
let workspace: string;

/** Somebody's repository: a copy of the reference stack in `deploy/dify umlaut ü`. */
beforeAll(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'action-'));
  workspace = path.join(scratch, 'workspace');
  cpSync('compose', path.join(workspace, 'deploy/dify ü'), { recursive: true });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const run = (inputs: Record<string, string>): Promise<ActionRun> =>
  runAction({
    action,
    workspace,
    temp: mkdtempSync(path.join(scratch, 'temp-')),
    without,
    inputs: { only: 'config', ...inputs },
  });

test('a sound directory: green, a summary of the job, outputs, no image is asked for', async () => {
  const ran = await run({ directory: 'deploy/dify ü' });
  expect(ran.log).toContain('PASS');
  expect(ran.outputs).toMatchObject({ verdict: 'pass', 'exit-code': '0' });
  expect(existsSync(path.join(ran.outputs['report'] ?? '', 'summary.json'))).toBe(true);
  expect(ran.summary).not.toBe('');
  expect(ran.steps).toMatchObject({ Verify: 0, 'Keep the report': 'uses' });
  expect(Object.keys(ran.steps)).not.toContain('Make the machine ready');
});

test('a defect: red, annotated at its line in the caller’s repository, accepted by a baseline', async () => {
  const file = path.join(workspace, 'deploy/dify ü/docker-compose.yaml');
  const before = readFileSync(file, 'utf8');
  try {
    writeFileSync(file, before.replace(/^(\s*)image: nginx:.*$/m, '$1image: nginx:latest'));
    const line =
      readFileSync(file, 'utf8')
        .split('\n')
        .findIndex((one) => one.includes('nginx:latest')) + 1;
    const ran = await run({ directory: 'deploy/dify ü', strict: 'true' });
    expect(ran.outputs).toMatchObject({ verdict: 'fail', 'exit-code': '1' });
    expect(ran.log).toContain(`::error file=deploy/dify ü/docker-compose.yaml,line=${line},`);
    expect(ran.steps).toMatchObject({ Verify: 1, 'Keep the report': 'uses' });
    writeFileSync(
      path.join(workspace, 'accepted.yaml'),
      'waivers:\n  - { check: "config/**", reason: known, until: 2027-06-30 }\n',
    );
    const accepted = await run({ directory: 'deploy/dify ü', strict: 'true', baseline: 'accepted.yaml' });
    expect(accepted.outputs).toMatchObject({ verdict: 'pass' });
  } finally {
    writeFileSync(file, before);
  }
});

test('several checks, files and histories, one a line; what is no directory is exit 2 without a report', async () => {
  const ran = await run({
    directory: 'deploy/dify ü',
    files: '  deploy/dify ü/docker-compose.yaml  \n\n',
    checks: 'config/secret/*\nconfig/port/*\n',
    history: 'true',
  });
  expect(ran.log).toContain('PASS');
  expect(ran.steps).toMatchObject({ Verify: 0, 'How the figures went': 0 });
  const none = await run({ directory: 'nowhere $(touch escaped) `touch escaped`' });
  expect(none.outputs).toEqual({ verdict: '', 'exit-code': '2', report: '' });
  expect(none.log).toContain('nowhere $(touch escaped) `touch escaped`');
  expect(existsSync(path.join(workspace, 'escaped'))).toBe(false);
});

/** The part of the reusable workflow that is a script of ours. */
test.for([
  ['a change below the directory', 'dify/compose.yaml', true, 'true'],
  ['a change beside it', 'README.md', true, 'false'],
  ['a change of a file that is named', 'prod.env', true, 'true'],
  ['a change beside it where every change counts', 'README.md', false, 'true'],
] as const)('%s', async ([, changed, only, expected]) => {
  const repository = mkdtempSync(path.join(scratch, 'repository-'));
  const git = (...args: string[]) =>
    execa('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main', ...args], {
      cwd: repository,
    });
  await git('init', '-q');
  await git('commit', '-q', '--allow-empty', '-m', 'base');
  await execa('mkdir', ['-p', path.join(repository, 'dify')]);
  writeFileSync(path.join(repository, changed), 'x\n');
  await git('add', '.');
  await git('commit', '-q', '-m', 'change');
  const output = path.join(scratch, 'output');
  writeFileSync(output, '');
  await execa('bash', [path.join(action, 'changed.sh')], {
    cwd: repository,
    env: {
      GITHUB_OUTPUT: output,
      GATE_CHANGED_ONLY: String(only),
      GATE_DIRECTORY: 'dify',
      GATE_FILES: '',
      GATE_ENV_FILES: 'prod.env\n',
      GATE_BASELINE: '',
    },
  });
  expect(readFileSync(output, 'utf8')).toBe(`changed=${expected}\n`);
});
