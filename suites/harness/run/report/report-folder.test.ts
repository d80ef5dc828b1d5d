import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../fixtures/errors.ts';
import { startVerify } from '../../../../fixtures/testing/command.ts';
import { claimReport, MARK_FILE } from '../../../../fixtures/run/report/folder.ts';

let root: string;
let stack: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'report-folder-'));
  stack = path.join(root, 'stack');
  mkdirSync(stack);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function refusal(dir: string): string {
  try {
    claimReport(dir, stack);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  return 'not refused';
}

describe('what somebody else made stays', () => {
  test.for(['summary.json', 'junit.xml', 'evidence'])('%s without our mark', (name) => {
    const dir = path.join(root, 'results');
    mkdirSync(path.join(dir, 'evidence'), { recursive: true });
    rmSync(path.join(dir, name), { recursive: true, force: true });
    mkdirSync(path.join(dir, name));
    expect(refusal(dir)).toMatch(/no report of ours and would be written over/);
    expect(existsSync(path.join(dir, name))).toBe(true);
  });

  test('whatever else is in a folder of ours', () => {
    const dir = path.join(root, 'r');
    claimReport(dir, stack);
    for (const name of ['summary.json', 'mine.txt']) writeFileSync(path.join(dir, name), '{}');
    claimReport(dir, stack).clear();
    expect(readdirSync(dir).toSorted()).toEqual([MARK_FILE, 'mine.txt']);
  });

  test('a report of before the mark is known by its summary', () => {
    const dir = path.join(root, 'old');
    mkdirSync(path.join(dir, 'evidence'), { recursive: true });
    writeFileSync(path.join(dir, 'summary.json'), JSON.stringify({ schema: 1, verdict: 'pass', checks: [] }));
    claimReport(dir, stack).clear();
    expect(readdirSync(dir)).toEqual([MARK_FILE]);
  });
});

describe('a folder that is none', () => {
  test('in the stack directory, by a link, too; or the stack in it', () => {
    symlinkSync(stack, path.join(root, 'link'));
    expect(refusal(path.join(stack, 'reports/x'))).toMatch(/in the stack directory/);
    expect(refusal(path.join(root, 'link/x'))).toMatch(/in the stack directory/);
    expect(refusal(stack)).toMatch(/in the stack directory/);
    expect(refusal(root)).toMatch(/stack directory is in --report/);
    expect(readdirSync(stack)).toEqual([]);
  });

  test('below /proc: told at once', { timeout: 10_000 }, () => {
    expect(refusal('/proc/x/y')).toMatch(/--report \/proc\/x\/y cannot be written/);
  });

  test('below a file', () => {
    writeFileSync(path.join(root, 'file'), '');
    expect(refusal(path.join(root, 'file/x'))).toMatch(/it is no folder/);
    expect(refusal(path.join(root, 'file'))).toMatch(/it is no folder/);
  });

  test('a try that is given back leaves nothing', () => {
    claimReport(path.join(root, 'a/b/c'), stack).release();
    expect(readdirSync(root)).toEqual(['stack']);
  });
});

test('the command: after a usage error the report of before is as it was', { timeout: 60_000 }, async () => {
  const dir = path.join(root, 'r');
  claimReport(dir, null);
  writeFileSync(path.join(dir, 'summary.json'), 'kept');
  const run = startVerify(['--stack', stack, '--only', 'config', '--report', dir]);
  expect(await run.ended).toBe(2);
  expect(run.output().stderr).toMatch(/no compose file/);
  expect(readdirSync(dir).toSorted()).toEqual([MARK_FILE, 'summary.json']);
});
