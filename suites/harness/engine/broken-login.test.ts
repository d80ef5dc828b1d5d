import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultFiles } from '../../../fixtures/mutation/fault.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';

/** A stack that comes up and lets nobody log in: no suite that needs a login may end green on it. Needs an engine. */
let root: string;
let dir: string;

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'broken-login-'));
  dir = path.join(root, 'stack');
  cpSync('compose', dir, { recursive: true, filter: (entry) => !entry.startsWith(path.join('compose', 'images')) });
  const files = new FaultFiles(dir);
  const answer = `location = /console/api/login { default_type application/json; return 500 '{"code":"unknown"}'; }`;
  files.replace(
    'nginx/conf.d/default.conf.template',
    'location /console/api {',
    `${answer}\n    location /console/api {`,
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Suite, and the check that tells that nobody logs in. */
const SUITES = [
  ['datapath', 'datapath/login'],
  ['backup', 'backup/use/login'],
] as const;

test.for(SUITES)('--only %s ends, and is not green', { timeout: 600_000 }, async ([suite, tells]) => {
  const report = path.join(root, `report-${suite}`);
  const run = startVerify(['--stack', dir, '--only', suite, '--report', report]);
  const code = await run.ended;
  const { checks } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
  expect(checks.find(({ id }) => id === 'health/boot')?.status).toBe('pass');
  expect([1, 2]).toContain(code);
  const told = checks.find(({ id }) => id === tells);
  expect(['fail', 'error', 'blocked']).toContain(told?.status);
  expect(told?.message).toContain('500');
  // Something was looked at all the same: the run did not end for another reason.
  expect(checks.filter(({ suite: of, status }) => of === suite && status === 'pass').length).toBeGreaterThan(3);
});
