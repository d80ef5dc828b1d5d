import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

const INTO_NGINX = './conf:/etc/nginx/conf.d:ro';
const OF_OTHERS = `services: { nginx: { image: 'nginx:1.28', volumes: ['${INTO_NGINX}'] } }\n`;

/** By the place that the user may not read, and its mode. What a run does not see is never taken for what is not there. */
test.runIf(isRoot).for([
  ['.', 0o711, /^verify: permission denied: \S+ may not be read by this user\n$/],
  ['docker-compose.yaml', 0o600, /^verify: \S+docker-compose\.yaml cannot be read: permission denied\n$/],
  ['.env', 0o600, /^verify: \S+\.env cannot be read: permission denied\n$/],
  ['verify.yaml', 0o600, /^verify: policy file \S+verify\.yaml cannot be read: permission denied\n$/],
  ['conf/a.conf', 0o600, /conf\/a\.conf may not be read by this user/],
  ['conf/deep', 0o700, /conf\/deep may not be read by this user/],
  ['conf', 0o700, /conf may not be read by this user/],
] as const)(
  '%s that this user may not read: exit code 2, and what it is',
  { timeout: 60_000 },
  async ([name, mode, said]) => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'of-others-'));
    mkdirSync(path.join(dir, 'conf/deep'), { recursive: true });
    for (const [file, text] of [
      ['docker-compose.yaml', OF_OTHERS],
      ['.env', 'A=1\n'],
      ['verify.yaml', ''],
      ['conf/a.conf', 'server { listen 80; }\n'],
    ] as const)
      writeFileSync(path.join(dir, file), text, { mode: 0o644 });
    chmodSync(dir, 0o755);
    chmodSync(path.join(dir, name), mode);
    const report = path.join(temporary, 'denied');
    const check = ['--check', 'config/mount/*'];
    const { code, stdout, stderr } = await asNobody('verify', ['--stack', dir, ...check, '--report', report]);
    rmSync(dir, { recursive: true, force: true });
    rmSync(report, { recursive: true, force: true });
    expect(stdout + stderr).toMatch(said);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
    expect(code).toBe(2);
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
