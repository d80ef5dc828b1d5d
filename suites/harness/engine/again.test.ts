import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smallStack, startCommand, startVerify } from '../../../fixtures/testing/command.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';

/** Needs an engine. A kept stack is judged as it was made, and a directory that has changed since is not called sound by it. */
let stack: string;
let work: string;
let kept = '';

beforeAll(() => {
  stack = smallStack();
  work = mkdtempSync(path.join(os.tmpdir(), 'again-'));
});

afterAll(async () => {
  if (kept !== '') await startCommand('clean', [kept]).ended;
  for (const dir of [stack, work]) rmSync(dir, { recursive: true, force: true });
}, 120_000);

async function verify(...args: string[]) {
  const run = startVerify([...args, '--only', 'health', '--report', path.join(work, 'report')]);
  const code = await run.ended;
  return { code, ...run.output() };
}

test(
  'a changed directory ends with 2 and names what changed; --stale judges the copy all the same',
  { timeout: 300_000 },
  async () => {
    const first = await verify('--stack', stack, '--keep');
    kept = /clean -- (verify-[0-9a-f]{8})/.exec(first.stdout)?.[1] ?? '';
    expect(kept).not.toBe('');

    const same = await verify('--again', kept);
    expect(same.code).toBe(first.code);
    expect(same.stdout).toMatch(/the copy as of \d\d:\d\d\n/);
    // What was run is said of a kept stack, too.
    expect(same.stdout).toContain('stand-ins for 2 of 2 services; your images were not run');

    appendFileSync(path.join(stack, 'docker-compose.yaml'), '# changed\n');
    const changed = await verify('--again', kept);
    expect(changed.stderr).toMatch(
      /^verify: --again verify-\w+ judges the copy as of \d\d:\d\d, changed since: docker-compose\.yaml: verify the directory anew, or give --stale/,
    );
    expect(changed.stderr.trim().split('\n')).toHaveLength(1);
    expect(changed.code).toBe(2);

    const stale = await verify('--again', kept, '--stale');
    expect(stale.code).toBe(first.code);
    const { notes } = JSON.parse(readFileSync(path.join(work, 'report/summary.json'), 'utf8')) as Summary;
    expect(notes.join('\n')).toMatch(/judged again: the copy as of .* changed since: docker-compose\.yaml/);
  },
);
