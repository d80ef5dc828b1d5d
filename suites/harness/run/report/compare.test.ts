import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { execa } from 'execa';
import { compareRuns, comparisonText, isSame } from '../../../../fixtures/run/report/compare.ts';
import { judgedRun } from '../../../../fixtures/run/report/judged-run.ts';
import { commandLine } from '../../../../fixtures/engine/command-line.ts';

const run = (name: string, checks: Record<string, string>) => judgedRun(name, JSON.stringify({ checks }));
const summary = (checks: { id: string; status: string; level?: string }[], schema = 1) =>
  JSON.stringify({ schema, verdict: 'fail', images: { set: 'standin', list: [] }, checks });

describe('two runs', () => {
  test('agreement counts what both have; the rest is new or missing', () => {
    const seen = compareRuns(
      run('a', { 'dns/x': 'pass', 'dns/y': 'fail', 'health/z': 'pass', 'health/gone': 'skip' }),
      run('b', { 'dns/x': 'pass', 'dns/y': 'pass', 'health/z': 'pass', 'health/new': 'blocked' }),
    );
    expect(seen).toEqual({
      common: 3,
      same: 2,
      changed: [{ suite: 'dns', common: 2, checks: [{ id: 'dns/y', from: 'fail', to: 'pass' }] }],
      added: [{ id: 'health/new', verdict: 'blocked' }],
      missing: [{ id: 'health/gone', verdict: 'skip' }],
    });
  });

  test.for([
    ['the same', { 'dns/x': 'pass' }, { 'dns/x': 'pass' }, true],
    ['another verdict', { 'dns/x': 'pass' }, { 'dns/x': 'fail' }, false],
    ['a new check', { 'dns/x': 'pass' }, { 'dns/x': 'pass', 'dns/y': 'pass' }, false],
    ['a missing check', { 'dns/x': 'pass', 'dns/y': 'pass' }, { 'dns/x': 'pass' }, false],
    ['no check in common', { 'dns/x': 'pass' }, { 'dns/y': 'pass' }, false],
  ] as const)('%s', ([, a, b, same]) => {
    expect(isSame(compareRuns(run('a', a), run('b', b)))).toBe(same);
  });

  test('100 % is said only of runs that do not differ', () => {
    const ids = Array.from({ length: 3000 }, (_, at) => [`dns/${at}`, 'pass'] as const);
    const a = run('a', Object.fromEntries(ids));
    const b = run('b', { ...Object.fromEntries(ids), 'dns/7': 'fail' });
    expect(comparisonText(a, b, compareRuns(a, b))).toContain('agreement 99.9 % (2999 of 3000');
    expect(comparisonText(a, a, compareRuns(a, a))).toContain('agreement 100.0 % (3000 of 3000');
  });

  test('nothing in common is no agreement', () => {
    const [a, b] = [run('a', { 'dns/x': 'pass' }), run('b', { 'dns/y': 'pass' })];
    expect(comparisonText(a, b, compareRuns(a, b))).toContain('agreement unknown (0 of 0');
  });
});

describe('the verdicts of a run', () => {
  test.for([1, 2])('of a summary of schema %i: failed advice is advice, every other status is itself', (schema) => {
    const checks = [
      { id: 'dns/a', status: 'fail', level: 'advice' },
      { id: 'dns/b', status: 'fail', level: 'must' },
      { id: 'dns/c', status: 'pass', level: 'advice' },
      { id: 'dns/d', status: 'blocked', level: 'must' },
      { id: 'dns/e', status: 'waived', level: 'must' },
    ];
    const { verdicts, about } = judgedRun('s', summary(checks, schema));
    expect([...verdicts.values()]).toEqual(['advice', 'fail', 'pass', 'blocked', 'waived']);
    expect(about).toEqual(['standin images', 'verdict fail']);
  });

  test.for([
    ['no JSON', 'services:', /s is no JSON/],
    ['other JSON', '[1]', /s is no summary of a run: expected "checks"/],
    ['a status that is no text', '{"checks":{"dns/a":1}}', /no summary of a run/],
    ['no checks', summary([]), /s holds no checks/],
    [
      'a check twice',
      summary([
        { id: 'dns/a', status: 'pass' },
        { id: 'dns/a', status: 'fail' },
      ]),
      /dns\/a twice/,
    ],
  ] as const)('%s is refused by name', ([, text, message]) => {
    expect(() => judgedRun('s', text)).toThrow(message);
  });
});

describe('the command', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'compare-'));
    writeFileSync(path.join(dir, 'summary.json'), summary([{ id: 'dns/a', status: 'pass', level: 'must' }]));
    writeFileSync(path.join(dir, 'short.json'), '{"checks":{"dns/a":"pass"}}');
    writeFileSync(path.join(dir, 'other.json'), '{"checks":{"dns/a":"fail"}}');
    writeFileSync(path.join(dir, 'broken.json'), '{');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test.for([
    ['a folder and the short form of the same', ['.', 'short.json'], 0, /agreement 100\.0 %/],
    ['another verdict', ['summary.json', 'other.json'], 1, /dns\/a {2}pass → fail/],
    ['a file that is not there', ['summary.json', 'nowhere.json'], 2, /nowhere\.json does not exist/],
    ['a broken file', ['summary.json', 'broken.json'], 2, /broken\.json is no JSON/],
    ['one file', ['summary.json'], 2, /expected two summaries/],
    ['an unknown flag', ['--nope', 'a', 'b'], 2, /unknown option --nope/],
  ] as const)('%s', async ([, args, code, output]) => {
    const ended = await execa('node', commandLine('compare', args), { cwd: dir, reject: false });
    expect(ended.exitCode).toBe(code);
    expect(code === 2 ? ended.stderr : ended.stdout).toMatch(output);
    if (code === 2) expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});
