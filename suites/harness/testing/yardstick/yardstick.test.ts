import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../../../fixtures/engine/project-root.ts';
import { withTable } from '../../../../fixtures/testing/between-marks.ts';
import { LANGUAGES } from '../../../../fixtures/testing/figures/figures.ts';
import { isHome } from '../../../../fixtures/testing/yardstick/on-stack.ts';
import { GATE, YARDSTICK_MARKS, yardstickText, type Yardstick } from '../../../../fixtures/testing/yardstick/table.ts';
import {
  asOperatorsDo,
  dclintFindings,
  kicsFindings,
  noticed,
  type Said,
} from '../../../../fixtures/testing/yardstick/tools.ts';

const said = (ok: boolean, ...findings: string[]): Said => ({ ok, findings });

describe('a tool notices a fault when it says something else than of the sound directory', () => {
  const sound = said(true, 'a', 'b');
  test.for([
    ['the same', said(true, 'a', 'b'), false],
    ['the same in another order', said(true, 'b', 'a'), false],
    ['less', said(true, 'a'), false],
    ['one more', said(true, 'a', 'b', 'c'), true],
    ['one of them once more', said(true, 'a', 'b', 'b'), true],
    ['another in place of one', said(true, 'a', 'c'), true],
    ['a refusal', said(false), true],
  ] as const)('%s: %s', ([, broken, is]) => expect(noticed(broken, sound)).toBe(is));
});

test('findings are rule and words, without the lines that every edit moves', () => {
  const message = { rule: 'no-x', message: 'Service "db"', line: 4, severity: 'major' };
  expect(dclintFindings(JSON.stringify([{ filePath: 'f', messages: [message, { ...message, line: 9 }] }]))).toEqual([
    'no-x: Service "db"',
    'no-x: Service "db"',
  ]);
  expect(dclintFindings('')).toEqual([]);
  const file = { search_key: 'services.db', actual_value: 'is shared', line: 3, similarity_id: 'x' };
  expect(kicsFindings(JSON.stringify({ queries: [{ query_name: 'Q', files: [file] }] }))).toEqual([
    'Q: services.db is shared',
  ]);
  expect(kicsFindings('{}')).toEqual([]);
});

test('an operator’s env file has a value of its own for each secret that is demanded, and leaves the rest', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'yardstick-'));
  try {
    const file = path.join(dir, '.env');
    writeFileSync(path.join(dir, 'docker-compose.yaml'), 'a: ${SECRET:?set it}\nb: ${OTHER:?}\nc: ${FREE:-}\n');
    writeFileSync(path.join(dir, '.env.example'), '# text\nSECRET=\nOTHER=given\nFREE=\n');
    asOperatorsDo(dir);
    expect(readFileSync(file, 'utf8')).toMatch(/^# text\nSECRET=[\da-f]{32}\nOTHER=given\nFREE=\n$/);
    writeFileSync(file, 'own\n');
    asOperatorsDo(dir);
    expect(readFileSync(file, 'utf8')).toBe('own\n');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test.for([
  [200, true],
  [307, true],
  [404, false],
  [502, false],
  [null, false],
] as const)('a home page that answers %s is there: %s', ([status, is]) => expect(isHome(status)).toBe(is));

describe('the table', () => {
  const yardstick: Yardstick = {
    schema: 1,
    started: { noticed: 16, of: 90 },
    rows: [
      { tool: 'dclint', version: '3.1.0', files: { noticed: 5, of: 77 }, running: { noticed: 3, of: 90 } },
      { tool: 'KICS', version: null, files: null, running: null },
      { tool: '`up`', version: '', files: null, running: { noticed: 4, of: 16 } },
      { tool: GATE, version: '', files: { noticed: 77, of: 77 }, running: null },
    ],
  };

  test('has a row for each tool, and says what was not tried', () => {
    expect(yardstickText(yardstick, 'en').split('\n')).toEqual([
      '| noticed by | faults of files | faults of a running stack |',
      '| --- | --- | --- |',
      '| dclint 3.1.0 | 5 of 77 | 3 of 90 |',
      '| KICS | not installed here | not installed here |',
      '| `up` | - | 4 of 16 |',
      '| this gate | 77 of 77 | - |',
      '',
      'Started were 16 of the 90 faults of a running stack, evenly from each suite.',
    ]);
  });

  test('says nothing of a sample where all were started', () => {
    expect(yardstickText({ ...yardstick, started: { noticed: 90, of: 90 } }, 'en')).not.toContain('Started');
  });

  test('has the same rows in each language', () => {
    expect(yardstickText(yardstick, 'zh').split('\n')).toHaveLength(8);
    expect(yardstickText(yardstick, 'zh')).toContain('| dclint 3.1.0 | 5 / 77 | 3 / 90 |');
  });

  test.for(LANGUAGES)('$readme has its place', ({ readme }) => {
    const text = readFileSync(path.join(projectRoot, readme), 'utf8');
    const written = withTable(readme, text, yardstickText(yardstick, 'en'), YARDSTICK_MARKS);
    expect(written).toContain('| dclint 3.1.0 | 5 of 77 | 3 of 90 |');
    expect(() => withTable(readme, 'nothing', '', YARDSTICK_MARKS)).toThrow(/no place for the yardstick/);
  });
});
