import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendHistory, readHistory, tryHistory } from '../../../../fixtures/run/history/file.ts';
import { historyLineOf, type HistoryLine } from '../../../../fixtures/run/history/line.ts';
import { trendsOf } from '../../../../fixtures/run/history/series.ts';
import { bars, grownLines, trendText } from '../../../../fixtures/run/history/text.ts';
import type { Convergence } from '../../../../fixtures/stack/convergence.ts';
import type { Summary } from '../../../../fixtures/run/report/summary.ts';

let scratch: string;
beforeAll(() => void (scratch = mkdtempSync(path.join(os.tmpdir(), 'history-'))));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const container = (service: string, startedMs: number | null, servingMs: number | null): Convergence => ({
  service,
  container: service,
  createdMs: 0,
  startedMs,
  healthyMs: servingMs,
  servingMs,
  restarts: 0,
  state: 'running',
  health: null,
  budgetMs: 20_000,
});

const summary = {
  schema: 2,
  verdict: 'fail',
  stack: { dir: path.resolve('compose'), project: 'verify-0', services: 2, releases: {} },
  images: { set: 'standin', list: [] },
  timing: { readMs: 1, bootMs: 2, suitesMs: 3, teardownMs: 4, totalMs: 10 },
  causes: [{ id: 'port-published:db' }],
  checks: [
    { id: 'dns/a', status: 'pass' },
    { id: 'dns/b', status: 'pass' },
    { id: 'failover/api/kill/in-time', status: 'fail', measured: { slowestMs: 1005 } },
  ],
  convergence: [container('api', 1000, 3000), container('api', 1000, 7000), container('db', 500, null)],
} as unknown as Summary;

const line = (at: number, more: Partial<HistoryLine> = {}): HistoryLine => ({
  ...historyLineOf(summary, new Date(Date.UTC(2026, 0, at))),
  ...more,
});

test('a line has the slowest replica, never for one that never served, and what checks measured', () => {
  expect(line(1)).toMatchObject({
    at: '2026-01-01T00:00:00.000Z',
    stack: 'compose',
    verdict: 'fail',
    checks: { pass: 2, fail: 1 },
    causes: ['port-published:db'],
    convergence: { api: { ms: 6000, budgetMs: 20_000 }, db: { ms: null } },
    measured: { 'failover/api/kill/in-time': { slowestMs: 1005 } },
  });
  expect(line(1).commit).toMatch(/^[0-9a-f]{40}$/);
});

test('outside a checkout there is no commit, and the directory is told as it is', () => {
  const dir = path.join(scratch, 'no-checkout');
  mkdirSync(dir);
  const told = historyLineOf({ ...summary, stack: { ...summary.stack, dir } }, new Date());
  expect(told).toMatchObject({ commit: null, stack: dir });
});

describe('the file', () => {
  test('runs come back in the order of their times; what a killed run cut is a line that is left out', () => {
    const file = path.join(scratch, 'a.jsonl');
    appendHistory(file, line(2));
    appendFileSync(file, JSON.stringify(line(9)).slice(0, 40));
    appendHistory(file, line(1));
    const { runs, leftOut } = readHistory(file);
    expect(runs.map(({ at }) => at)).toEqual([line(1).at, line(2).at]);
    expect(leftOut).toEqual([`${file}:2 is left out: it is no JSON (cut?)`]);
  });

  test('what is no history is refused before anything is run, and stays as it was', () => {
    const stack = path.join(scratch, 'stack');
    mkdirSync(stack);
    const other = path.join(scratch, 'other');
    writeFileSync(other, 'mine\n');
    symlinkSync(stack, path.join(scratch, 'link'));
    expect(() => tryHistory(other, stack)).toThrow(/is no history of runs \(first line: it is no JSON/);
    expect(() => tryHistory(path.join(stack, 'h'), stack)).toThrow(/in the stack directory, which is never written/);
    expect(() => tryHistory(path.join(scratch, 'link/h'), stack)).toThrow(/in the stack directory/);
    expect(() => tryHistory(path.join(scratch, 'none/h'), stack)).toThrow(/there is no folder/);
    expect(() => tryHistory('/dev/null', stack)).toThrow(/no ordinary file/);
    expect(() => tryHistory(stack, scratch)).toThrow(/in the stack directory|cannot be written/);
    expect(() => tryHistory(path.join(scratch, 'new'), stack)).not.toThrow();
    expect(readFileSync(other, 'utf8')).toBe('mine\n');
  });

  test('a FIFO does not keep a run waiting', async () => {
    const fifo = path.join(scratch, 'fifo');
    await execa('mkfifo', [fifo]);
    expect(() => tryHistory(fifo, path.join(scratch, 'nowhere'))).toThrow(/no ordinary file/);
  });
});

describe('the trend', () => {
  const runs = (convergenceMs: (run: number) => number, number = 20) =>
    Array.from({ length: number }, (_, run) =>
      line(run + 1, {
        convergence: { api: { ms: convergenceMs(run), budgetMs: 20_000 }, db: { ms: 900, budgetMs: null } },
      }),
    );

  test('a service that grows is told with its budget and when it reaches it', () => {
    const [trend] = trendsOf(runs((run) => 6000 + run * 300));
    expect(trend && grownLines(trend)).toEqual([
      expect.stringMatching(
        /^GREW {2}api: 11\.4 s in the last runs, .* its budget is 20\.0 s, reached in about 29 runs at this pace$/,
      ),
    ]);
    expect(trend && trendText(trend)).toMatch(/api +▁.*█ .* GREW/);
  });

  test('too few runs say so, steady ones too', () => {
    const told = (number: number) => trendsOf(runs(() => 6000, number)).flatMap(grownLines);
    expect(told(5)).toEqual(['what grows is told from 11 runs on: fewer have no spread of their own']);
    expect(told(20)).toEqual(['nothing grew beyond its own spread']);
  });

  test('directories and image sets are apart, --last takes of each', () => {
    const mixed = [...runs(() => 1), ...runs(() => 2).map((one) => ({ ...one, images: 'pinned' }))];
    expect(trendsOf(mixed, 3).map((trend) => [trend.images, trend.runs.length])).toEqual([
      ['standin', 3],
      ['pinned', 3],
    ]);
  });

  test('bars: smallest to largest, a blank for none, no more than the width', () => {
    expect(bars([1, null, 8])).toBe('▁ █');
    expect(bars([5, 5])).toBe('▁▁');
    expect(bars(Array.from({ length: 1000 }, (_, index) => index)).length).toBeLessThanOrEqual(40);
  });
});

/** Runs of the reference stack of this project, on machines of two cores that did other things beside, on 2026-11-28 and -29. */
const RECORDED = 'suites/harness/run/history/recorded.jsonl';

describe('over 30 recorded runs of ours', () => {
  const { runs: recorded } = readHistory(RECORDED);
  /** The recorded runs with one service that takes so many times as long, by the run. */
  const slowed = (service: string, times: (run: number) => number): HistoryLine[] =>
    recorded.map((run, index) => {
      const { ms = null, budgetMs = null } = run.convergence[service] ?? {};
      const slower = ms === null ? null : Math.round(ms * times(index));
      return { ...run, convergence: { ...run.convergence, [service]: { ms: slower, budgetMs } } };
    });
  const drift = (service: string) => slowed(service, (run) => 1 + 0.15 * run);
  const grown = (runs: readonly HistoryLine[]) =>
    trendsOf(runs).flatMap(({ convergence }) => convergence.filter(({ growth }) => growth).map(({ name }) => name));

  test('their own noise is no growth', () => {
    expect(recorded).toHaveLength(30);
    expect(grown(recorded)).toEqual([]);
  });

  test.for(Object.keys(recorded[0]?.convergence ?? {}))(
    '%s six times as slow in the last three is found, and no other',
    (service) => {
      const runs = slowed(service, (run) => (run < 27 ? 1 : 6));
      expect(grown(runs)).toEqual([service]);
      const { ms = null, budgetMs = null } = runs.at(-1)?.convergence[service] ?? {};
      expect(ms).toBeLessThan(budgetMs ?? 0);
    },
  );

  // Not api, worker and plugin_daemon: in these two days the program itself made them faster, by as much.
  test.for(['db', 'redis', 'sandbox', 'weaviate', 'web'])(
    '%s a little slower each time is found, and no other',
    (service) => {
      expect(grown(drift(service))).toEqual([service]);
    },
  );

  test('npm run trend shows the figures, and is red with the service that grows', async () => {
    const file = path.join(scratch, 'grown.jsonl');
    writeFileSync(
      file,
      drift('web')
        .map((run) => `${JSON.stringify(run)}\n`)
        .join(''),
    );
    const [sound, slower] = await Promise.all([trend(RECORDED), trend(file)]);
    expect(sound).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('whole run') });
    expect(slower).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^GREW {2}web: .* budget/m) });
  });
});

const trend = (...args: string[]) => execa('node', ['scripts/start.mjs', 'trend', ...args], { reject: false });

describe('npm run trend', () => {
  test.for([
    [[], /expected a history/],
    [['nowhere.jsonl'], /nowhere\.jsonl.*npm run verify -- --history FILE/],
    [['package.json'], /package\.json:1 is left out: it is no JSON/],
    [['package.json', '--last', '0'], /--last 0: a number of runs/],
  ] as const)('%o is one line and exit 2', async ([args, message]) => {
    const { exitCode, stderr } = await trend(...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(1);
  });
});
