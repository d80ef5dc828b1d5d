import { randomInt } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { endsBefore, fingerprint, leftovers, smallStack, startVerify } from '../../../fixtures/testing/command.ts';
import { RUN_PREFIX } from '../../../fixtures/stack/sweep.ts';

/** Needs an engine, and no other run that begins meanwhile: what was there before (a kept stack) does not count. */
let there: Awaited<ReturnType<typeof leftovers>>;

/** The promise to users, on a machine that is not busy: there, less than a whole run of this stack takes. */
const GONE_WITHIN_MS = 5_000;
const MOMENTS = Number(process.env['VERIFY_KILLS'] ?? 10);

let dir: string;
let before: string;
/** Of the run that nobody disturbed: the moments of the kills are spread over it, and it tells how busy the machine is. */
let runMs = 0;

beforeAll(async () => {
  there = await leftovers();
  dir = smallStack();
  before = fingerprint(dir);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function expectNothingLeft(when: string): Promise<void> {
  const left = await eventually(leftovers, (seen) => isDeepStrictEqual(seen, there), {
    withinMs: Math.max(GONE_WITHIN_MS, runMs),
  });
  expect(left.last, `left ${when}`).toEqual(there);
}

describe('a run leaves nothing behind', () => {
  test('after a clean end, and the stack directory is byte for byte as it was', { timeout: 120_000 }, async () => {
    const began = performance.now();
    const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
    const code = await run.ended;
    runMs = performance.now() - began;
    const { stdout, stderr } = run.output();
    expect(stdout + stderr).toContain('up after');
    expect([0, 1]).toContain(code);
    expect(await leftovers()).toEqual(there);
    expect(fingerprint(dir)).toBe(before);
  });

  test.for(Array.from({ length: MOMENTS }, (_, i) => i + 1))(
    `after kill -9 of the whole process group in part %i of ${MOMENTS} of a run`,
    { timeout: 120_000 },
    async (part) => {
      const moment = Math.round((runMs * (part - randomInt(100) / 100)) / MOMENTS);
      const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
      if (!(await endsBefore(run.child, moment))) process.kill(-(run.child.pid ?? 0), 'SIGKILL');
      await run.ended;
      await expectNothingLeft(`killed after ${moment} ms`);
      expect(fingerprint(dir), `killed after ${moment} ms`).toBe(before);
    },
  );

  test('after kill -9 in the moment in which its folder appears', { timeout: 120_000 }, async () => {
    const folders = () => readdirSync(os.tmpdir()).filter((name) => name.startsWith(RUN_PREFIX)).length;
    const known = folders();
    const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
    const seen = await eventually(folders, (now) => now > known, { withinMs: 60_000, everyMs: 2 });
    process.kill(-(run.child.pid ?? 0), 'SIGKILL');
    await run.ended;
    expect(seen.held).toBe(true);
    await expectNothingLeft('after its folder appeared');
  });

  test('after Ctrl-C, with exit code 130', { timeout: 120_000 }, async () => {
    const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
    await eventually(
      () => run.output().stdout,
      (text) => text.includes('booting') || text.includes('up after'),
      { withinMs: 60_000 },
    );
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    expect(await run.ended).toBe(130);
    await expectNothingLeft('after Ctrl-C');
  });
});
