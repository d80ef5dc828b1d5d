import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { RunContext } from '../../../fixtures/checks/run-context.ts';
import { run } from '../../../fixtures/engine/cli.ts';
import { commandLine } from '../../../fixtures/engine/command-line.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { FilesDriver } from '../../../fixtures/run/files-driver.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';

const verdicts = ({ checks }: Summary) =>
  checks.map((check) => ({ ...check, durationMs: 0 })).toSorted((one, other) => one.id.localeCompare(other.id));

test('files alone are judged as vitest judges them', { timeout: 120_000 * slowness }, async () => {
  const report = mkdtempSync(path.join(os.tmpdir(), 'verify-files-driver-'));
  const judge = async (command: string, before: string[] = []): Promise<Summary> => {
    const args = [...before, '--stack', path.join(projectRoot, 'compose'), '--only', 'config', '--report', report];
    await run(process.execPath, commandLine(command, args), { withinMs: 100_000 * slowness });
    return JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
  };
  try {
    const alone = await judge('verify');
    const byVitest = await judge('../fixtures/testing/synthetic-run', [path.join(projectRoot, 'suites')]);
    expect(alone.checks.length).toBeGreaterThan(80);
    expect(verdicts(alone)).toEqual(verdicts(byVitest));
  } finally {
    rmSync(report, { recursive: true, force: true });
  }
});

test('a suite that needs a running stack is not taken', async () => {
  await using driver = new FilesDriver(() => undefined);
  await expect(driver.run(['dns'], {} as RunContext, () => undefined)).rejects.toThrow('dns needs a running stack');
});
