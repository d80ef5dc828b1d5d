import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { defectiveStack } from '../../../fixtures/testing/defective-stack.ts';

const stack = defectiveStack('fork');
const reports = mkdtempSync(path.join(os.tmpdir(), 'fix-reports-'));
afterAll(() => {
  for (const dir of [stack, reports]) rmSync(dir, { recursive: true, force: true });
});

async function fix(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { ended, output } = startVerify(['fix', ...args]);
  return { code: await ended, ...output() };
}

/** A report of a run of a directory that found one cause in it. */
function reportOf(name: string, dir: string, cause: { id: string; fix: string; checks: string[] }): string {
  const folder = path.join(reports, name);
  mkdirSync(folder, { recursive: true });
  const causes = [{ title: 'seen by a run', level: 'must', blocked: 0, ...cause }];
  writeFileSync(path.join(folder, 'summary.json'), JSON.stringify({ schema: 2, stack: { dir }, causes }));
  return folder;
}

describe.concurrent('npm run verify -- fix', { timeout: 120_000 * slowness }, () => {
  test('standard output is what git reads, progress goes to standard error', async () => {
    const { code, stdout, stderr } = await fix('--print', '--stack', stack, '--cause', 'squid-private-open');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^# 1 cause: 1 mended below\. Nothing was written\.\n/);
    expect(stdout).toContain(
      '\n# squid-private-open: Squid lets requests through to private addresses (1 check)\n--- a/ssrf_proxy/',
    );
    expect(stderr).toMatch(/^\[ +\d+\.\d s\] .*: 10 services\n/);
    execFileSync('git', ['apply', '--unidiff-zero', '--check', '-'], { cwd: stack, input: stdout });
  });

  test('what a run of the same directory found is among the causes, with its words where there is no patch', async () => {
    const cause = { id: 'crash-hidden:api', fix: 'read the first log', checks: ['health/api/starts-once'] };
    const { code, stdout } = await fix(
      '--print',
      '--stack',
      stack,
      '--report',
      reportOf('own', stack, cause),
      '--cause',
      cause.id,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('# crash-hidden:api: seen by a run (1 check)\n#   read the first log\n');
  });

  test('a route that only a run finds is taken from a location of its owner, headers included', async () => {
    const cause = { id: 'route-wrong-owner:/health', fix: '', checks: ['routes/public:/health/owner'] };
    const { stdout } = await fix(
      '--print',
      '--stack',
      stack,
      '--report',
      reportOf('route', stack, cause),
      '--cause',
      cause.id,
    );
    expect(stdout).toContain(
      '+    location = /health {\n+      proxy_pass http://api:5001;\n+      include proxy.conf;\n+    }\n',
    );
  });

  test.for<[string, string[], RegExp]>([
    ['without --print', ['--stack', stack], /^fix: fix needs --print: it prints patches and writes nothing/],
    ['an unknown flag', ['--print', '--write'], /^fix: Unknown option '--write' \(see --help\)\n$/],
    [
      'a cause that is not there, with the nearest',
      ['--print', '--stack', stack, '--cause', 'no-helth-check'],
      /^.*\nfix: --cause no-helth-check: no such cause in this directory; did you mean no-health-check\?\n$/,
    ],
    ['no directory', ['--print', '--stack', '/nowhere'], /^fix: \/nowhere is no directory/],
    [
      'a report that is not there',
      ['--print', '--stack', stack, '--report', '/nowhere'],
      /^fix: --report \/nowhere: no summary\.json/,
    ],
    [
      'a report of another directory',
      ['--print', '--stack', stack, '--report', reportOf('other', '/other', { id: 'a', fix: '', checks: [] })],
      /^fix: --report .*: it is of \/other, not of /,
    ],
  ])('%s: one line and exit 2', async ([, args, line]) => {
    const { code, stdout, stderr } = await fix(...args);
    expect(stderr).toMatch(line);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});
