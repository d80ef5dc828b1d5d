import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { QUICK } from '../../../../fixtures/testing/bench/goals.ts';
import { projectRoot } from '../../../../fixtures/engine/project-root.ts';
import { figuresText, LANGUAGES, withFigures, type Figures } from '../../../../fixtures/testing/figures/figures.ts';

const drill = { prepareMs: 0, rows: 10, vectors: 5, differences: 0, peakMiB: 140 };
const check = { id: 'dns/a', suite: 'dns', title: '', durationMs: 1 };
const run: Figures['reference'] = {
  checks: [
    { ...check, status: 'pass', level: 'must' },
    { ...check, id: 'dns/b', status: 'fail', level: 'must' },
    { ...check, id: 'dns/c', status: 'fail', level: 'advice' },
    { ...check, id: 'dns/d', status: 'skip', level: 'must' },
  ] as Figures['reference']['checks'],
  suites: [
    { name: 'dns', durationMs: 2000 },
    { name: 'backup', durationMs: 31_000 },
  ] as Figures['reference']['suites'],
  timing: { readMs: 0, bootMs: 0, suitesMs: 0, teardownMs: 0, totalMs: 90_400 },
  causes: [{ level: 'must' }, { level: 'advice' }] as Figures['reference']['causes'],
};
const figures: Figures = {
  machine: { cores: 2, node: '20.19.0' },
  reference: run,
  real: null,
  faults: { killed: 42, survived: 1, errors: 0 },
  bench: {
    floorMs: 10_000,
    gateMs: 80_000,
    backupMs: 30_000,
    checks: 4,
    peakMiB: 257,
    measured: [{ name: QUICK, coreSeconds: 40.4, ratio: 2.44 }],
    drills: [
      { ...drill, backupMs: 1000, restoreMs: 4000 },
      { ...drill, rows: 1000, backupMs: 3000, restoreMs: 9000, peakMiB: 167 },
    ],
  },
};

test('every figure is that of its report', () => {
  const text = figuresText(figures, 'en');
  expect(text).toContain(
    '4 checks, 1 red behind which stand 1 causes, 1 advice; 90 s (2 cores, Node 20.19.0, stand-ins)',
  );
  expect(text).toContain('backup 31 s, dns 2 s');
  expect(text).toContain('42 of 43 killed');
  expect(text).toContain('8.0 times; 5.0 times without the suite `backup`');
  expect(text).toContain(`${QUICK} | 40 core-seconds, 2.4 times compose alone`);
  expect(text).toContain('1000 rows, 0 differences | 167 MiB, 2.4 times as long');
});

test('both languages have the same rows', () => {
  expect(figuresText(figures, 'zh')).toContain('参考栈，拉取请求的快速门 | 40 核秒');
  const rows = LANGUAGES.map(({ language }) => figuresText(figures, language).split('\n').length);
  expect(new Set(rows).size).toBe(1);
  const withReal = figuresText({ ...figures, real: run }, 'zh').split('\n').length;
  expect(withReal).toBe((rows[0] ?? 0) + 1);
});

test('only what stands between the marks is replaced', () => {
  const text = 'before\n<!-- figures: written by npm run figures -->\n\nold\n<!-- end of figures -->\nafter\n';
  const written = withFigures('README.md', text, '| a | b |');
  expect(written).toMatch(/^before\n<!-- figures[^]*\| a \| b \|[^]*after\n$/);
  expect(written).not.toContain('old');
  expect(withFigures('README.md', written, '| a | b |')).toBe(written);
});

test.each(['no mark', '<!-- figures: written by npm run figures -->', '<!-- end of figures -->'])(
  'without its marks (%s) it is refused, by its name',
  (text) => expect(() => withFigures('README.md', text, '')).toThrow(/^README\.md has no place for the figures/),
);

describe.each(LANGUAGES)('$readme', ({ readme }) => {
  test('has the table between its marks', () => {
    const text = readFileSync(path.join(projectRoot, readme), 'utf8');
    expect(() => withFigures(readme, text, '')).not.toThrow();
    expect(text).toMatch(/<!-- figures[^]*\| --- \| --- \|[^]*<!-- end of figures -->/);
  });
});
