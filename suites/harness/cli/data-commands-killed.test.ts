import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { smallStack, startCommand } from '../../../fixtures/testing/command.ts';
import { FakeEngine } from '../../../fixtures/testing/fake-engine.ts';

/** A backup reads the directory by way of a folder of its own, which holds an env file: killed, it leaves none. */
let engine: FakeEngine;
let stack: string;
let work: string;
let before: string | undefined;

beforeAll(async () => {
  before = process.env['DOCKER_HOST'];
  engine = await FakeEngine.start();
  stack = smallStack();
  writeFileSync(path.join(stack, '.env'), 'REDIS_PASSWORD=of-the-operators\n');
  work = mkdtempSync(path.join(os.tmpdir(), 'data-killed-'));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

const below = (dir: string) => readdirSync(dir, { recursive: true, encoding: 'utf8' });

test.for([
  ['its folder', 0],
  ['something in its folder', 1],
  ['the env file', Infinity],
] as const)('kill -9 when there is %s: nothing is left', { timeout: 120_000 }, async ([moment, least]) => {
  const temporary = path.join(work, moment.replaceAll(' ', '-'));
  mkdirSync(temporary);
  const args = ['--stack', stack, '--project', 'nobody', '--to', path.join(work, 'to')];
  const command = startCommand('backup', args, { environment: { TMPDIR: temporary } });
  const come = (names: string[]) => names.length > least || names.some((name) => name.endsWith('.env'));
  const seen = await eventually(() => below(temporary), come, { withinMs: 60_000, everyMs: 1 });
  process.kill(-(command.child.pid ?? 0), 'SIGKILL');
  expect(seen.held).toBe(true);
  await command.ended;
  const left = await eventually(
    () => below(temporary),
    (names) => names.length === 0,
    { withinMs: 30_000 },
  );
  expect(left.last).toEqual([]);
});
