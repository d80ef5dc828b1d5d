import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../../../fixtures/engine/cli.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { smallStack, startVerify, type Started } from '../../../fixtures/testing/command.ts';
import { run } from '../../../fixtures/testing/data-state.ts';

/** Needs an engine. What somebody's clean-up takes away from a run is no fault of the stack. */
let stack: string;
let work: string;

beforeAll(() => {
  stack = smallStack();
  work = mkdtempSync(path.join(os.tmpdir(), 'removed-'));
});
afterAll(() => {
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

/** A run up to the moment in which its stack is up, its folder and its project. */
async function startedRun(
  name: string,
  suite: string,
  moment: RegExp,
): Promise<{ verify: Started; folder: string; project: string; report: string }> {
  const temporary = path.join(work, name);
  mkdirSync(temporary);
  const report = `${temporary}-report`;
  const verify = startVerify(['--stack', stack, '--only', suite, '--report', report], { TMPDIR: temporary });
  const seen = await eventually(
    () => verify.output().stdout,
    (text) => moment.test(text),
    { withinMs: 90_000, everyMs: 5 },
  );
  expect(seen.held).toBe(true);
  const [folder = ''] = readdirSync(temporary);
  return {
    verify,
    folder: path.join(temporary, folder),
    project: /^verify-[0-9a-f]{8}/.exec(folder)?.[0] ?? '',
    report,
  };
}

const containers = async (project: string, service: string) =>
  (
    await run(
      'ps',
      '-aq',
      '--filter',
      `label=com.docker.compose.project=${project}`,
      '--filter',
      `label=com.docker.compose.service=${service}`,
    )
  )
    .split('\n')
    .filter((id) => id !== '');

const TAKES: [string, string, (of: { project: string; folder: string }) => Promise<void>, RegExp][] = [
  [
    'a container',
    'health',
    async ({ project }) => {
      await run('rm', '--force', ...(await containers(project, 'redis')));
    },
    /the container of redis was removed while the run went on/,
  ],
  [
    'a network',
    'dns',
    async ({ project }) => {
      const name = `${project}_default`;
      for (const service of ['redis', 'nginx'])
        for (const id of await containers(project, service))
          await docker(['network', 'disconnect', '--force', name, id]);
      await run('network', 'rm', name);
    },
    /(the network verify-\w+_default|the connection of (redis|nginx) in default).* was removed while the run went on/,
  ],
  [
    'the folder',
    'dns',
    async ({ folder }) => rmSync(folder, { recursive: true, force: true }),
    /its folder \S+ was removed while the run went on/,
  ],
];

test.for(TAKES)(
  '%s: exit code 2 with its reason, and no verdict on the stack',
  { timeout: 150_000 },
  async ([name, suite, take, said]) => {
    const { verify, folder, project, report } = await startedRun(name.replace(' ', '-'), suite, /up after/);
    await take({ project, folder });
    const code = await verify.ended;
    const { stdout, stderr } = verify.output();
    expect(stdout + stderr).not.toMatch(/^\s+at /m);
    // What is gone after the last look at it was not missed by anybody: then the run is as good as it was.
    if (code === 0) return expect(name).toBe('the folder');
    expect(stderr).toMatch(said);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
    expect(existsSync(path.join(report, 'summary.json'))).toBe(false);
    expect(await containers(project, 'nginx')).toEqual([]);
  },
);
