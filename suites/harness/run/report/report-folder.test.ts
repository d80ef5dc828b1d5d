import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../fixtures/errors.ts';
import { startVerify } from '../../../../fixtures/testing/command.ts';
import { HOST_LABEL, PID_LABEL, runLabels } from '../../../../fixtures/engine/labels.ts';
import { claimReport, MARK_FILE, RUNNING_FILE } from '../../../../fixtures/run/report/folder.ts';

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
    const folder = claimReport(dir, stack);
    folder.clear();
    folder.done();
    expect(readdirSync(dir).toSorted()).toEqual([MARK_FILE, 'mine.txt']);
  });

  test('a report of before the mark is known by its summary', () => {
    const dir = path.join(root, 'old');
    mkdirSync(path.join(dir, 'evidence'), { recursive: true });
    writeFileSync(path.join(dir, 'summary.json'), JSON.stringify({ schema: 1, verdict: 'pass', checks: [] }));
    const folder = claimReport(dir, stack);
    folder.clear();
    folder.done();
    expect(readdirSync(dir)).toEqual([MARK_FILE]);
  });
});

describe('a folder that another run has', () => {
  const noted = (file: Record<string, string>) => {
    const dir = path.join(root, 'r');
    mkdirSync(dir, { recursive: true });
    writeFileSync(path.join(dir, RUNNING_FILE), JSON.stringify(file));
    return dir;
  };

  test('is refused, and stays what it is', () => {
    const dir = noted({ ...runLabels('report'), [PID_LABEL]: ofProcess(process.ppid) });
    expect(refusal(dir)).toMatch(/^--report \S+ is in use by another run \(process \d+\): give another folder$/);
    expect(readdirSync(dir).toSorted()).toEqual([MARK_FILE, RUNNING_FILE]);
  });

  test('of another machine: it is said what to remove', () => {
    const dir = noted({ ...runLabels('report'), [PID_LABEL]: '1@1', [HOST_LABEL]: 'another' });
    expect(refusal(dir)).toMatch(/or remove \S+\.verify-running when no run is going on$/);
  });

  test.for([
    ['of a dead run', JSON.stringify({ ...runLabels('report'), [PID_LABEL]: '1@1' })],
    ['cut', '{"verify.pid"'],
  ])('%s: it is free', ([, text = '']) => {
    const dir = noted({});
    writeFileSync(path.join(dir, RUNNING_FILE), text);
    claimReport(dir, stack).done();
    expect(readdirSync(dir)).toEqual([MARK_FILE]);
  });
});

/** As a run names its process: its number and its start, in ticks since boot. */
function ofProcess(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return `${pid}@${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
}

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
  claimReport(dir, null).done();
  writeFileSync(path.join(dir, 'summary.json'), 'kept');
  const run = startVerify(['--stack', stack, '--only', 'config', '--report', dir]);
  expect(await run.ended).toBe(2);
  expect(run.output().stderr).toMatch(/no compose file/);
  expect(readdirSync(dir).toSorted()).toEqual([MARK_FILE, 'summary.json']);
});
