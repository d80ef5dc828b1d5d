import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/check/eventually.ts';
import { fingerprint, leftovers, smallStack, startVerify } from '../../../fixtures/harness/command.ts';

/** Needs an engine, and no other run that begins meanwhile: what was there before (a kept stack) does not count. */
let there: Awaited<ReturnType<typeof leftovers>>;

/** The promise to users is 5 s; every limit grows with VERIFY_SLOW. */
const GONE_WITHIN_MS = 5_000;

/** A run of the small stack takes about this long: the moments of the kills are spread over it. */
const RUN_MS = 12_000;
const MOMENTS = Number(process.env['VERIFY_KILLS'] ?? 10);

let dir: string;
let before: string;

beforeAll(async () => {
  there = await leftovers();
  dir = smallStack();
  before = fingerprint(dir);
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function expectNothingLeft(): Promise<void> {
  const left = await eventually(leftovers, (seen) => isDeepStrictEqual(seen, there), { withinMs: GONE_WITHIN_MS });
  expect(left.last).toEqual(there);
}

describe('a run leaves nothing behind', () => {
  test('after a clean end, and the stack directory is byte for byte as it was', { timeout: 120_000 }, async () => {
    const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
    const code = await run.ended;
    const { stdout, stderr } = run.output();
    expect(stdout + stderr).toContain('up after');
    expect([0, 1]).toContain(code);
    expect(await leftovers()).toEqual(there);
    expect(fingerprint(dir)).toBe(before);
  });

  const moments = Array.from({ length: MOMENTS }, (_, i) =>
    Math.round((RUN_MS * (i + randomInt(100) / 100)) / MOMENTS),
  );
  test.for(moments)(
    'after kill -9 of the whole process group %d ms into a run',
    { timeout: 120_000 },
    async (moment) => {
      const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
      await Promise.race([run.ended, new Promise((resume) => setTimeout(resume, moment))]);
      if (run.child.exitCode === null) process.kill(-(run.child.pid ?? 0), 'SIGKILL');
      await run.ended;
      await expectNothingLeft();
      expect(fingerprint(dir)).toBe(before);
    },
  );

  test('after Ctrl-C, with exit code 130', { timeout: 120_000 }, async () => {
    const run = startVerify(['--stack', dir, '--only', 'health', '--report', `${dir}-report`]);
    await eventually(
      () => run.output().stdout,
      (text) => text.includes('booting') || text.includes('up after'),
      { withinMs: 60_000 },
    );
    process.kill(-(run.child.pid ?? 0), 'SIGINT');
    expect(await run.ended).toBe(130);
    await expectNothingLeft();
  });
});
