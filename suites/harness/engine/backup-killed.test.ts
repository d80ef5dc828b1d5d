import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commandLine } from '../../../fixtures/engine/command-line.ts';
import { docker } from '../../../fixtures/engine/cli.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { keys, run } from '../../../fixtures/testing/data-state.ts';
import { startCommand } from '../../../fixtures/testing/command.ts';
import { engineUser } from '../../../fixtures/testing/engine-user.ts';
import { dataStack } from '../../../fixtures/testing/data-stack.ts';

/** Needs an engine. A setting of the live Redis that a backup changes for its copy is set back also when it is killed. */
const project = `k${randomBytes(3).toString('hex')}-live`;
const DELAY = 'repl-diskless-sync-delay';
const OWN_DELAY = '7';
let stack: Awaited<ReturnType<typeof dataStack>>;
let work: string;

beforeAll(async () => {
  work = mkdtempSync(path.join(os.tmpdir(), 'backup-killed-'));
  stack = await dataStack('volumes');
  await run('compose', '--project-name', project, '--project-directory', stack.dir, 'up', '--detach');
  const up = await eventually(
    async () => docker(['exec', `${project}-db-1`, 'pg_isready', '-h', '127.0.0.1']),
    ({ exitCode }) => exitCode === 0,
    { withinMs: 60_000 },
  );
  expect(up.held).toBe(true);
  await keys(project, 'config', 'set', DELAY, OWN_DELAY);
}, 180_000);

afterAll(async () => {
  await run('compose', '--project-name', project, 'down', '--volumes', '--timeout', '1', '--remove-orphans');
  await stack.remove();
  rmSync(work, { recursive: true, force: true });
}, 60_000);

const delay = async () => (await keys(project, 'config', 'get', DELAY)).trim().split('\n').at(-1);

test('after kill -9 the live Redis has its own setting again', { timeout: 120_000 }, async () => {
  const to = path.join(work, 'backup');
  const args = ['--project', project, '--stack', stack.dir, '--to', to];
  const child = spawn(process.execPath, commandLine('backup', args), {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'exit');
  // A setting of the server, not what is told of it: only then is there something to set back.
  const changed = await eventually(delay, (seen) => seen === '0' || child.exitCode !== null, {
    withinMs: 60_000,
    everyMs: 10,
  });
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await ended;
  expect(`${changed.last} ${changed.held ? '' : said}`.trim()).toBe('0');
  const after = await eventually(delay, (seen) => seen === OWN_DELAY, { withinMs: 30_000 });
  expect(after.last).toBe(OWN_DELAY);
  expect(existsSync(to)).toBe(false);
});

test(
  'a user who is not root, and may use the engine, backs up the stack of another',
  { timeout: 120_000 },
  async () => {
    chmodSync(stack.dir, 0o755);
    const somebody = engineUser(work);
    const to = path.join(somebody.home, 'backup');
    const backup = startCommand('backup', ['--project', project, '--stack', stack.dir, '--to', to], somebody);
    const code = await backup.ended;
    const { stdout, stderr } = backup.output();
    expect(stderr).toBe('');
    expect(stdout).toMatch(/: 5 parts, .*, whole$/m);
    expect(code).toBe(0);
    const { uid, mode } = statSync(to);
    expect([uid, mode & 0o777]).toEqual([somebody.user?.uid ?? process.getuid?.(), 0o700]);
  },
);
