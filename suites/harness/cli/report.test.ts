import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { writeReports } from '../../../fixtures/run/report/write.ts';
import { startCommand } from '../../../fixtures/testing/command.ts';
import { checkOf, summaryOf } from '../../../fixtures/testing/summary-of.ts';

const reports = mkdtempSync(path.join(os.tmpdir(), 'report-again-'));
afterAll(() => rmSync(reports, { recursive: true, force: true }));

async function report(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { ended, output } = startCommand('report', args);
  return { code: await ended, ...output() };
}

/** A folder with this summary.json; text: as it is. */
function folderWith(name: string, summary: unknown): string {
  const folder = path.join(reports, name);
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'summary.json'), typeof summary === 'string' ? summary : JSON.stringify(summary));
  return folder;
}

const summary = summaryOf([checkOf('dns/api/resolves/db', 'fail', { message: 'it did not' })]);

describe.concurrent('npm run report', { timeout: 60_000 * slowness }, () => {
  test('makes the page of the run again, byte for byte', async () => {
    const dir = path.join(reports, 'run');
    mkdirSync(path.join(dir, 'evidence/records'), { recursive: true });
    writeFileSync(path.join(dir, 'evidence/db-1.log'), 'a line\n');
    writeFileSync(
      path.join(dir, 'evidence/records/failover-kill.json'),
      JSON.stringify({
        scenario: 'kill',
        service: 'api',
        fault: null,
        endMs: 9,
        replicas: [],
        requests: [[1, 2, 0, -1]],
      }),
    );
    writeReports(summary, { shown: summary, reportDir: dir, strict: false });
    const made = readFileSync(path.join(dir, 'index.html'), 'utf8');
    expect(made).toContain('evidence/db-1.log');
    const { code, stdout } = await report('--from', dir, '--out', path.join(reports, 'again.html'), '--lang', 'en');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/again\.html written: 1 checks, \d+ bytes\n$/)]);
    expect(readFileSync(path.join(reports, 'again.html'), 'utf8')).toBe(made);
  });

  test('a record that is none of ours is told and left out', async () => {
    const dir = folderWith('foreign-record', summary);
    mkdirSync(path.join(dir, 'evidence/records'), { recursive: true });
    writeFileSync(path.join(dir, 'evidence/records/failover-kill.json'), '{"scenario": 7}');
    const { code, stdout } = await report('--from', dir);
    expect(code).toBe(0);
    expect(stdout).toMatch(/evidence\/records\/failover-kill\.json is no record of ours: left out\n/);
  });

  test.for<[string, () => string[], RegExp]>([
    ['nothing given', () => [], /^report: --from DIR is needed/],
    ['a folder that is not there', () => ['--from', '/nowhere/at/all'], /--from \/nowhere\/at\/all does not exist/],
    ['a file', () => ['--from', 'package.json'], /--from package\.json is no folder/],
    ['a folder without a summary', () => ['--from', 'scripts'], /--from scripts holds no summary\.json/],
    ['no JSON', () => ['--from', folderWith('cut', '{"schema": 2, "ver')], /summary\.json is no JSON: it was cut/],
    ['JSON of others', () => ['--from', folderWith('foreign', [1])], /is no summary of a run: it has no "schema"/],
    [
      'an old schema',
      () => ['--from', folderWith('old', { schema: 1 })],
      /has schema 1, .*: run the verification again/,
    ],
    [
      'a schema to come',
      () => ['--from', folderWith('later', { schema: 3 })],
      /has schema 3, .*the release that wrote it/,
    ],
    [
      'half a summary',
      () => ['--from', folderWith('half', { ...summary, checks: 3 })],
      /no summary of a run: checks is missing/,
    ],
    [
      'a file of others in the place of the page',
      () => ['--from', folderWith('over', summary), '--out', path.join(folderOf('over'), 'summary.json')],
      /--out .*summary\.json is there and no page of ours/,
    ],
    [
      'a folder that cannot be written',
      () => ['--from', folderWith('nowhere', summary), '--out', '/proc/x/y.html'],
      /cannot be written/,
    ],
    ['an unknown flag', () => ['--form', 'x'], /Unknown option '--form'/],
  ])('refuses %s in one line, exit 2', async ([, args, message]) => {
    const { code, stdout, stderr } = await report(...args());
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

function folderOf(name: string): string {
  return path.join(reports, name);
}
