import { mkdtempSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { endsBefore, onEngineOf, fingerprint, smallStack, startVerify } from '../../../fixtures/testing/command.ts';

/** Needs an engine. TERM and INT end a run at every moment of it, with their own code, and nothing is left. */
const SIGNALS = Math.ceil(Number(process.env['VERIFY_KILLS'] ?? 10) / 3);
const GONE_WITHIN_MS = 5_000;
/** The tear-down of this stack takes some seconds on a machine that is not busy. */
const ENDS_WITHIN_MS = 20_000;

let stack: string;
let before: string;
let work: string;
/** Of a run that nobody disturbed: the moments are spread over it, and it tells how busy the machine is. */
let runMs = 0;

function start(name: string) {
  const temporary = path.join(work, name);
  mkdirSync(temporary);
  const args = ['--stack', stack, '--only', 'health', '--report', path.join(work, `${name}-report`)];
  return { ...startVerify(args, { TMPDIR: temporary }), temporary };
}

beforeAll(async () => {
  stack = smallStack();
  before = fingerprint(stack);
  work = mkdtempSync(path.join(os.tmpdir(), 'signals-'));
  const began = performance.now();
  const whole = start('whole');
  await whole.ended;
  expect(whole.output().stdout).toContain('up after');
  runMs = performance.now() - began;
}, 240_000);

afterAll(() => {
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
});

/** Seeded: the same parts of a run each time. */
const moments = (seed: number) => fc.sample(fc.integer({ min: 2, max: 98 }), { seed, numRuns: SIGNALS });

test.for([
  ...moments(15).map((percent) => ['SIGTERM', 143, percent] as const),
  ...moments(2).map((percent) => ['SIGINT', 130, percent] as const),
])(
  'after %s at a moment of a run, with exit code %i (%i percent)',
  { timeout: 240_000 },
  async ([signal, exit, percent]) => {
    const run = start(`${signal}-${percent}`);
    const pid = run.child.pid ?? 0;
    const ended = await endsBefore(run.child, (runMs * percent) / 100);
    if (!ended) process.kill(-pid, signal);
    const sent = performance.now();
    const code = await run.ended;
    expect(performance.now() - sent, 'ms from the signal to the end').toBeLessThan(Math.max(ENDS_WITHIN_MS, runMs));
    // Before its handlers are there the signal ends it by itself; when its verdict is out, it has its own code.
    const out = run.output().stdout.includes('; report in ');
    if (!ended && !out) expect(run.child.signalCode === signal ? exit : code).toBe(exit);
    expect(run.output().stderr).not.toMatch(/^\s+at /m);
    const left = await eventually(
      async () => [...(await onEngineOf(pid)), ...readdirSync(run.temporary)],
      (seen) => seen.length === 0,
      { withinMs: Math.max(GONE_WITHIN_MS, runMs) },
    );
    expect(left.last, `left after ${signal} at ${percent} percent`).toEqual([]);
    expect(fingerprint(stack)).toBe(before);
  },
);
