import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallStack, startCommand } from '../../../fixtures/testing/command.ts';

/** A user who owns neither this checkout nor the stack directory, and who may not use the engine. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;

let stack: string;
let work: string;
let temporary: string;
let socket: Server;

beforeAll(async () => {
  stack = smallStack();
  chmodSync(stack, 0o755);
  work = mkdtempSync(path.join(os.tmpdir(), 'other-user-'));
  chmodSync(work, 0o755);
  temporary = path.join(work, 'tmp');
  mkdirSync(temporary);
  if (isRoot) chownSync(temporary, NOBODY.uid, NOBODY.gid);
  socket = createServer();
  await new Promise<void>((done) => {
    socket.listen(path.join(work, 'docker.sock'), done);
  });
  chmodSync(path.join(work, 'docker.sock'), 0o600);
});

afterAll(() => {
  socket.close();
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

async function asNobody(name: string, args: string[]) {
  const environment = { TMPDIR: temporary, HOME: temporary, DOCKER_HOST: `unix://${path.join(work, 'docker.sock')}` };
  const run = startCommand(name, args, { environment, user: NOBODY });
  const code = await run.ended;
  return { code, ...run.output() };
}

test.runIf(isRoot)(
  'a checkout of another user is used as it is: config is judged, nothing is left',
  { timeout: 120_000 },
  async () => {
    const { code, stdout, stderr } = await asNobody('verify', [
      '--stack',
      stack,
      '--only',
      'config',
      '--report',
      path.join(temporary, 'report'),
    ]);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/config: \d+ pass/);
    expect([0, 1]).toContain(code);
    expect(readdirSync(temporary)).toEqual(['report']);
  },
);

test.runIf(isRoot).for([
  ['verify', ['--only', 'dns', '--report', 'REPORT']],
  ['backup', ['--project', 'x', '--to', 'TO']],
  ['clean', []],
] as const)('%s without rights on the engine says what set-up says', { timeout: 60_000 }, async ([name, args]) => {
  const { code, stderr } = await asNobody(
    name,
    args.map((arg) => (arg === arg.toUpperCase() && !arg.startsWith('-') ? path.join(temporary, arg) : arg)),
  );
  expect(stderr).toBe(`${name}: the engine refuses this user: run "sudo usermod -aG docker $USER", log in again\n`);
  expect(code).toBe(2);
});
