import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../../../../fixtures/engine/cli.ts';
import { commandLine } from '../../../../fixtures/engine/command-line.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'backup-command-'));
  writeFileSync(path.join(root, 'there'), '');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What cannot be done ends with one clear line on stderr, exit code 2, and nothing on the disk. */
test.for<[string, string[], RegExp]>([
  ['no project', ['--to', 'ROOT/b'], /^backup: say what to back up/],
  ['no target', ['--project', 'dify'], /^backup: say where the backup goes/],
  ['an unknown flag', ['--from', 'x'], /^backup: Unknown option '--from'/],
  ['a target that exists', ['--project', 'dify', '--to', 'ROOT/there'], /there exists already/],
  ['a target without a parent', ['--project', 'dify', '--to', 'ROOT/no/b'], /no: it is no directory; make it/],
  ['no engine', ['--project', 'dify', '--to', 'ROOT/b'], /^backup: no Docker engine answers/],
])('%s', async ([, args, message]) => {
  const real = args.map((arg) => arg.replace('ROOT', root));
  const done = await run(process.execPath, commandLine('backup', real), {
    env: { ...process.env, DOCKER_HOST: 'unix:///nowhere.sock' },
    withinMs: 60_000,
  });
  expect(done.exitCode).toBe(2);
  expect(done.stderr).toMatch(message);
  expect(done.stderr.trim().split('\n')).toHaveLength(1);
  expect(readdirSync(root)).toEqual(['there']);
});
