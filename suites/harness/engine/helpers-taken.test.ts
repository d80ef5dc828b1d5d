import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../../../fixtures/engine/cli.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { PID_LABEL, RUN_LABEL } from '../../../fixtures/engine/labels.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';

/**
 * Needs an engine. Somebody's clean-up takes away what a run looks with, as soon as it is there: probes, canaries, mirrors.
 * `VERIFY_TAKEN_SUITES` (with commas) names other suites than the two that every run of the tests affords.
 */
const SUITES = (process.env['VERIFY_TAKEN_SUITES'] ?? 'isolation,failover').split(',');
let work: string;
beforeAll(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'helpers-taken-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Containers of a run that are none of the stack's. */
async function helpersOf(pid: number): Promise<string[]> {
  const format = `{{.ID}} {{.Label "${PID_LABEL}"}} {{.Label "com.docker.compose.service"}}`;
  const { stdout } = await docker(['ps', '--filter', `label=${RUN_LABEL}`, '--format', format], { withinMs: 30_000 });
  return stdout.split('\n').flatMap((line) => {
    const [id = '', owner = '', service = ''] = line.split(' ');
    return owner.startsWith(`${pid}@`) && service === '' ? [id] : [];
  });
}

test.for(SUITES)('%s: what it looked with is gone, and no verdict comes of it', { timeout: 900_000 }, async (suite) => {
  const report = path.join(work, suite);
  const stack = path.join(projectRoot, 'compose');
  const verify = startVerify(['--stack', stack, '--only', suite, '--report', report]);
  const up = await eventually(
    () => verify.output().stdout,
    (text) => text.includes('up after'),
    { withinMs: 240_000 },
  );
  expect(up.held).toBe(true);
  let taken = 0;
  const over = await eventually(
    async () => {
      const found = await helpersOf(verify.child.pid ?? 0);
      if (found.length > 0) await docker(['rm', '--force', ...found], { withinMs: 60_000 });
      taken += found.length;
      return verify.child.exitCode;
    },
    (code) => code !== null,
    { withinMs: 600_000, everyMs: 300 },
  );
  expect(over.held).toBe(true);
  expect(taken).toBeGreaterThan(0);
  const { stdout, stderr } = verify.output();
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  const { checks, causes, verdict } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
  const red = checks.filter(({ status, level }) => status === 'fail' && level === 'must');
  expect(red.map(({ id, message }) => [id, message])).toEqual([]);
  expect(causes.filter(({ level }) => level === 'must').map(({ id }) => id)).toContain('probe-gone');
  expect([verdict, await verify.ended]).toEqual(['error', 2]);
});
