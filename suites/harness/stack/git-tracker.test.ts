import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitTracker } from '../../../fixtures/stack/state.ts';

/** Whether git tracks a file decides whether it is configuration or state: asked of any checkout, and nothing of it is run. */
let dir: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'tracker-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', dir, ...args], { stdio: 'ignore' });
  git('init', '--quiet');
  mkdirSync(path.join(dir, 'nginx'));
  writeFileSync(path.join(dir, 'nginx/default.conf'), '');
  writeFileSync(path.join(dir, 'untracked'), '');
  git('add', 'nginx');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const seen = () => {
  const tracked = gitTracker(dir);
  return [tracked(path.join(dir, 'nginx')), tracked(path.join(dir, 'untracked')), tracked('/elsewhere')];
};

test('what git tracks, what it does not, and what is outside of the checkout', () => {
  expect(seen()).toEqual([true, false, null]);
});

test('a checkout of another user is asked, too', () => {
  const other = 65_534;
  // Only root can give a folder away; anybody else meets the same refusal by git's own switch for tests.
  if (process.getuid?.() === 0) for (const entry of ['', '.git']) chownSync(path.join(dir, entry), other, other);
  else process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'] = '1';
  try {
    expect(seen()).toEqual([true, false, null]);
  } finally {
    delete process.env['GIT_TEST_ASSUME_DIFFERENT_OWNER'];
  }
});

test('a program that the checkout names is not run', () => {
  const ran = path.join(dir, 'ran');
  const program = path.join(dir, 'program');
  writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\n`);
  chmodSync(program, 0o755);
  execFileSync('git', ['-C', dir, 'config', 'core.fsmonitor', program]);
  seen();
  expect(existsSync(ran)).toBe(false);
});
