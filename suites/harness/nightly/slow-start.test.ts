import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { compareRuns, comparisonText, isSame } from '../../../fixtures/run/report/compare.ts';
import { readJudgedRun } from '../../../fixtures/run/report/judged-run.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { slowStack } from '../../../fixtures/testing/slow-stack.ts';

/** What the real images need at a first start, and about the longest that the health checks of the reference stack allow. */
const ALL_SLOW = Number(process.env['VERIFY_START_SECONDS'] ?? 20);
/** Real api at its first start with three replicas on two cores: 40 to 100 s. */
const API_SLOW = 40;
const REFERENCE = 'compose';
/** A run of all suites takes 3 minutes, with slow services 8 (two cores). */
const RUN_LIMIT_MS = 1_800_000 * slowness;

const made: string[] = [];
const reportDir = () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'slow-start-report-'));
  made.push(dir);
  return dir;
};
const slow = (...args: Parameters<typeof slowStack>) => {
  const dir = slowStack(...args);
  made.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** Runs the gate and returns where its summary is. */
async function judged(stack: string, ...flags: string[]): Promise<string> {
  const report = reportDir();
  const run = startVerify(['--stack', stack, '--report', report, ...flags]);
  const code = await run.ended;
  // What could not be judged is said on standard output, by the check; only a run that did not happen says why on the other.
  if (code === null || code > 1)
    throw new Error(
      `the gate ended with ${code ?? 'a signal'}: ${run.output().stderr.slice(-2000)}${run.output().stdout.slice(-6000)}`,
    );
  return path.join(report, 'summary.json');
}

const summaryIn = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Summary;

describe('what takes its time to serve is judged when it does', () => {
  test(
    'the reference stack with every service slow gets the verdicts that it gets at once',
    { timeout: 2 * RUN_LIMIT_MS },
    async () => {
      // A run of the reference stack that was made before need not be made again.
      const atOnce = process.env['REFERENCE_SUMMARY'] || (await judged(REFERENCE));
      const services = ['api', 'worker', 'web', 'plugin_daemon', 'sandbox'];
      const seconds = Object.fromEntries(services.map((name) => [name, ALL_SLOW]));
      const late = await judged(slow(REFERENCE, { seconds }));
      for (const service of services) {
        const entries = summaryIn(late).convergence.filter((entry) => entry.service === service);
        expect(entries).not.toEqual([]);
        // That it was slow is part of the proof.
        const quick = entries.filter(
          ({ servingMs, startedMs }) => (servingMs ?? 0) - (startedMs ?? 0) <= ALL_SLOW * 1000 - 500,
        );
        expect(quick).toEqual([]);
      }
      const [first, second] = await Promise.all([readJudgedRun(atOnce), readJudgedRun(late)]);
      const comparison = compareRuns(first, second);
      if (!isSame(comparison)) throw new Error(comparisonText(first, second, comparison));
    },
  );

  test(
    'a stock directory, whose api has no health check and needs 40 s, gets no false red',
    { timeout: RUN_LIMIT_MS },
    async () => {
      const dir = slow(REFERENCE, { seconds: { api: API_SLOW }, withoutCheck: ['api'] });
      const { checks, convergence } = summaryIn(await judged(dir, '--only', 'dns,routes,health,isolation,datapath'));
      const red = checks.filter(({ status, level }) => level === 'must' && (status === 'fail' || status === 'error'));
      expect(red.map(({ id, message }) => `${id}: ${message ?? ''}`)).toEqual([]);
      // Those that were red when the boot counted as done as soon as api ran.
      expect(Object.fromEntries(checks.map(({ id, status }) => [id, status]))).toMatchObject({
        'routes/public:/v1/owner': 'pass',
        'dns/plugin_daemon/environment/DIFY_INNER_API_URL': 'pass',
        'health/api/answers/5001': 'pass',
      });
      const took = convergence.filter(({ service }) => service === 'api').map(({ servingMs }) => servingMs ?? 0);
      expect(took.length).toBeGreaterThan(0);
      for (const ms of took) expect(ms).toBeGreaterThan(API_SLOW * 1000 - 500);
    },
  );
});
