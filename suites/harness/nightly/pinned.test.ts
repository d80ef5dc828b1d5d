import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import type { ReportedCheck } from '../../../fixtures/run/reported-check.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { makeOfficialImages, officialStack } from '../../../fixtures/testing/official-images.ts';

/** Each run of all suites takes two minutes (two cores). */
const LIMIT_MS = 900_000 * slowness;

const undo: (() => void | Promise<void>)[] = [];
afterAll(async () => {
  for (const step of undo) await step();
});

const temporary = (dir: string) => {
  undo.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
};

/** Runs the gate and returns its summary. */
async function judged(...flags: string[]): Promise<Summary> {
  const report = temporary(mkdtempSync(path.join(os.tmpdir(), 'pinned-report-')));
  const run = startVerify([...flags, '--report', report]);
  const code = await run.ended;
  const { stdout, stderr } = run.output();
  if (code !== 0)
    throw new Error(`the gate ended with ${code ?? 'a signal'}: ${stderr.slice(-2000)}${stdout.slice(-6000)}`);
  return JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
}

const isJudged = ({ status }: ReportedCheck) => status === 'pass' || status === 'fail';

test(
  'images under official contracts are green on the reference stack, and judged by every check that judges stand-ins',
  { timeout: LIMIT_MS },
  async () => {
    const made = process.env['REFERENCE_SUMMARY'];
    const reference = made ? (JSON.parse(readFileSync(made, 'utf8')) as Summary) : await judged('--stack', 'compose');
    undo.push(await makeOfficialImages(reference.images.list));
    const only = ['--only', [...new Set(reference.checks.map(({ suite }) => suite))].join(',')];
    const stack = temporary(officialStack());
    const pinned = await judged('--stack', stack, ...only, '--images', 'pinned', '--pull', 'never');

    expect(pinned.verdict).toBe('pass');
    // That nothing stood in is part of the proof.
    expect(pinned.images.list.filter(({ is, ref, used }) => is !== 'pinned' || used !== ref)).toEqual([]);
    expect(pinned.checks.filter(({ status }) => status === 'error')).toEqual([]);
    const those = new Map(pinned.checks.map((check) => [check.id, check]));
    const wanted = reference.checks.filter(isJudged);
    const missed = wanted.filter(({ id }) => !isJudged(those.get(id) ?? ({ status: 'skip' } as ReportedCheck)));
    console.log(`judged in the pinned run: ${wanted.length - missed.length} of ${wanted.length}`);
    // Nothing that is judged needs a stand-in's echo: what nginx hands on is read by echo servers of the run's own.
    expect(missed.map(({ id }) => `${id}: ${those.get(id)?.message ?? 'not in the run'}`)).toEqual([]);
    expect(wanted.length).toBeGreaterThan(500);
  },
);
