import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fingerprint, onEngineOf, smallStack, startCommand } from '../../../fixtures/testing/command.ts';
import { engineUser, type EngineUser } from '../../../fixtures/testing/engine-user.ts';

/** Needs an engine. Who is in its group need not be root; backup and restore: backup-killed.test.ts and restore.test.ts. */
let stack: string;
let work: string;
let somebody: EngineUser;

beforeAll(() => {
  stack = smallStack();
  chmodSync(stack, 0o755);
  // As the data of a live database is: only its own user may look into it.
  chmodSync(path.join(stack, 'volumes/redis/data'), 0o700);
  work = mkdtempSync(path.join(os.tmpdir(), 'engine-user-'));
  somebody = engineUser(work);
});
afterAll(() => {
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

test('a user who is not root, and may use the engine, runs the stack of another; nothing is left', async () => {
  const before = fingerprint(stack);
  const report = path.join(somebody.home, 'report');
  const run = startCommand('verify', ['--stack', stack, '--only', 'health', '--report', report], somebody);
  const code = await run.ended;
  const { stdout, stderr } = run.output();
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^health +\d+ +0 +0 +0 /m);
  expect(code).toBe(0);
  expect(await onEngineOf(run.child.pid ?? 0)).toEqual([]);
  expect(readdirSync(somebody.home)).toEqual(['report']);
  expect(fingerprint(stack)).toBe(before);
});
