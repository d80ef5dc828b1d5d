import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { compareRuns, comparisonText } from '../../../fixtures/run/report/compare.ts';
import { readJudgedRun } from '../../../fixtures/run/report/judged-run.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { slowStack } from '../../../fixtures/testing/slow-stack.ts';

/**
 * Real programs stand in for the stores in the major versions of Dify's own directory (PostgreSQL 15, Redis 6), and Dify's
 * images come up as the real ones do: api migrates under load and closes connections for a while before it answers, takes
 * memory, and does not heed TERM.
 */
const SUITES = 'dns,health,isolation,datapath';
const STORES = ['docker-compose.yaml', 'docker-compose.stock-stores.yaml'];
const AS_REAL = {
  STANDIN_MIGRATION_SECONDS: '3',
  STANDIN_502_SECONDS: '3',
  STANDIN_MEMORY_MB: '200',
  STANDIN_IGNORE_TERM: 'true',
};
/** A minute for each of the two runs (two cores), and what a machine takes that makes the images of these majors first. */
const LIMIT_MS = 900_000 * slowness;

const made: string[] = [];
const kept = (dir: string) => {
  made.push(dir);
  return dir;
};
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** Runs the gate and returns where its summary is. */
async function judged(stack: string, ...flags: string[]): Promise<string> {
  const report = kept(mkdtempSync(path.join(os.tmpdir(), 'stock-stores-report-')));
  const run = startVerify(['--stack', stack, '--only', SUITES, '--report', report, ...flags]);
  const code = await run.ended;
  if (code === null || code > 1)
    throw new Error(`the gate ended with ${code ?? 'a signal'}:\n${run.output().stdout}\n${run.output().stderr}`);
  return path.join(report, 'summary.json');
}

test(
  'the reference stack with the stores of a stock directory gets the verdicts that it gets with its own',
  { timeout: LIMIT_MS },
  async () => {
    const own = process.env['REFERENCE_SUMMARY'] || (await judged('compose'));
    const dir = kept(slowStack('compose', { variables: { api: AS_REAL, worker: AS_REAL } }));
    const stock = await judged(dir, ...STORES.flatMap((file) => ['--file', file]));
    const { images } = JSON.parse(readFileSync(stock, 'utf8')) as Summary;
    const used = (service: string) => images.list.find((image) => image.service === service)?.used;
    // That the stores were others is part of the proof.
    expect([used('db'), used('redis')]).toEqual([
      expect.stringContaining('PostgreSQL 15.'),
      expect.stringContaining('Redis 6.'),
    ]);
    const [first, second] = await Promise.all([readJudgedRun(own), readJudgedRun(stock)]);
    const comparison = compareRuns(first, second);
    expect(comparison.common).toBeGreaterThan(100);
    // The reference run may have judged more suites; what both have judged has to be the same.
    if (comparison.changed.length > 0) throw new Error(comparisonText(first, second, comparison));
  },
);
