import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { endsBefore, smallStack, startVerify, type Started } from '../../../fixtures/testing/command.ts';

/** A run that needs no engine is ended at any moment, by a signal or by kill -9: it leaves no folder with the secrets in it. */
const GONE_WITHIN_MS = 15_000;
const MOMENTS = 8;
let stack: string;
let work: string;
let runMs = 0;
let ownCode: number | null = null;

function start(name: string): Started & { temporary: string } {
  const temporary = path.join(work, name);
  mkdirSync(temporary);
  const args = ['--stack', stack, '--only', 'config', '--report', path.join(work, `${name}-report`)];
  return { ...startVerify(args, { TMPDIR: temporary }), temporary };
}

async function expectNothingIn(folder: string): Promise<void> {
  const left = await eventually(
    () => readdirSync(folder),
    (seen) => seen.length === 0,
    { withinMs: GONE_WITHIN_MS },
  );
  expect(left.last).toEqual([]);
}

beforeAll(async () => {
  stack = smallStack();
  writeFileSync(path.join(stack, '.env'), 'REDIS_PASSWORD=the-secret-of-somebody\n');
  work = mkdtempSync(path.join(os.tmpdir(), 'interrupted-'));
  const began = performance.now();
  ownCode = await start('whole').ended;
  runMs = performance.now() - began;
}, 120_000);

afterAll(() => {
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

/** Seeded: the same parts of a run each time. */
const moments = (seed: number) => fc.sample(fc.integer({ min: 2, max: 98 }), { seed, numRuns: MOMENTS });

describe.each([
  ['SIGTERM', 143, 15],
  ['SIGINT', 130, 2],
  ['SIGKILL', null, 9],
] as const)('%s', (signal, exit, seed) => {
  test.for(moments(seed).map((percent, at) => [percent, at] as const))(
    `at %i percent of a run leaves nothing, and ends it with its own code`,
    { timeout: 120_000 },
    async ([percent, at]) => {
      const run = start(`${signal}-${at}`);
      const ended = await endsBefore(run.child, (runMs * percent) / 100);
      if (!ended) process.kill(-(run.child.pid ?? 0), signal);
      const sent = performance.now();
      const code = await run.ended;
      // Before it has its handlers, the signal's own default ends it: the shell then says the same code.
      // One that comes when the verdict is out finds the process on its way out, with the verdict's own code.
      const out = run.output().stdout.includes('; report in ');
      if (!ended) expect(out ? [exit, ownCode] : [exit]).toContain(run.child.signalCode === signal ? exit : code);
      expect(performance.now() - sent).toBeLessThan(GONE_WITHIN_MS);
      expect(run.output().stderr).not.toMatch(/^\s+at /m);
      await expectNothingIn(run.temporary);
    },
  );
});

test('kill -9 in the moment in which the folder appears', { timeout: 120_000 }, async () => {
  const run = start('appears');
  const seen = await eventually(
    () => readdirSync(run.temporary),
    (names) => names.length > 0,
    { withinMs: 60_000, everyMs: 1 },
  );
  process.kill(-(run.child.pid ?? 0), 'SIGKILL');
  await run.ended;
  expect(seen.held).toBe(true);
  await expectNothingIn(run.temporary);
});

test(
  'a stdout that is closed in the middle ends the run with one line, and leaves nothing',
  { timeout: 120_000 },
  async () => {
    const run = start('closed');
    const seen = await eventually(
      () => readdirSync(run.temporary),
      (names) => names.length > 0,
      { withinMs: 60_000, everyMs: 5 },
    );
    expect(seen.held).toBe(true);
    run.child.stdout?.destroy();
    expect(await run.ended).toBe(2);
    expect(run.output().stderr).toBe('verify: stdout was closed: the run is ended, nobody would see its result\n');
    await expectNothingIn(run.temporary);
  },
);
