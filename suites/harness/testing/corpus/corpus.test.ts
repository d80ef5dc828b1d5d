import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { keepResult, keptResult } from '../../../../fixtures/testing/corpus/kept-results.ts';
import { projectRoot } from '../../../../fixtures/engine/project-root.ts';
import { corpusReadme, LANGUAGES, withCorpus } from '../../../../fixtures/testing/corpus/readme.ts';
import { corpusRows } from '../../../../fixtures/testing/corpus/rows.ts';
import {
  corpusTable,
  gateTrouble,
  releaseShown,
  type CorpusResult,
} from '../../../../fixtures/testing/corpus/table.ts';

test('a list has an id, a folder and flags, remarks and quoted blanks', () => {
  const text =
    "# remarks\n\nrel-1 rel/docker # owner/name@1.5.0 docker\nop-2  '../a b' --file x.yaml --env-file 'c d.env'\n";
  expect(corpusRows(text, '/lists/all')).toEqual([
    { id: 'rel-1', dir: '/lists/rel/docker', args: [], source: 'owner/name@1.5.0 docker' },
    { id: 'op-2', dir: '/a b', args: ['--file', 'x.yaml', '--env-file', 'c d.env'] },
  ]);
});

test.for<[string, RegExp]>([
  ['rel-1\n', /^list:1: "rel-1" has no folder/],
  ['# nothing\n', /^list lists no directory/],
  ['a x\na y\n', /^list: the id a is there twice/],
])('%j is refused', ([text, says]) => expect(() => corpusRows(text, 'list')).toThrow(says));

const result = (more: Partial<CorpusResult>): CorpusResult => ({
  id: 'rel-1',
  args: [],
  suites: ['config'],
  exit: 0,
  ms: 1200,
  said: '',
  ...more,
});
const check = (id: string, status: 'pass' | 'fail' | 'error', level: 'must' | 'advice' = 'must') => ({
  id,
  status,
  level,
});
const PINNED = 'config/setting/pinned';
const STORE = 'config/port/db';

test.for<[string, CorpusResult, RegExp | null]>([
  ['judged', result({ checks: [check(PINNED, 'pass')] }), null],
  ['red', result({ exit: 1, checks: [check(PINNED, 'fail')] }), null],
  ['refused in one line', result({ exit: 1, said: 'verify: compose.yaml: no service\n' }), null],
  ['an error', result({ exit: 2, checks: [check(PINNED, 'error')] }), /^error: config\/setting\/pinned$/],
  ['a stack trace', result({ exit: 2, said: 'verify: x\n    at f (/a/b.ts:1:2)\n' }), /^a stack trace: verify: x$/],
  ['two lines', result({ exit: 2, said: 'verify: x\ny\n' }), /^no verdict: verify: x$/],
  ['silence', result({ exit: 2 }), /^no verdict/],
  ['a signal', result({ exit: null }), /^exit none/],
  ['another code', result({ exit: 134 }), /^exit 134/],
])('%s: whether the gate is at fault', ([, given, trouble]) => {
  const seen = gateTrouble(given);
  if (trouble === null) expect(seen).toBeNull();
  else expect(seen).toMatch(trouble);
});

test('each class is counted once a directory, for each kind of directory apart', () => {
  const text = corpusTable([
    result({
      checks: [check(STORE, 'fail'), check('config/port/redis', 'fail'), check(PINNED, 'fail', 'advice')],
      causes: 2,
      release: '1.5.0',
    }),
    result({ id: 'rel-2', checks: [check(STORE, 'pass'), check(PINNED, 'pass', 'advice')] }),
    result({ id: 'op-a|b', exit: 1, said: 'verify: no compose file' }),
    result({ id: 'op-c', checks: [check(PINNED, 'fail', 'advice')] }),
  ]);
  expect(text).toContain('| rel-1 | 1.5.0 | 0 | 1.2 | 3 | 2 | 1 | 2 | 0 | 0 |  |');
  expect(text).toContain('| op-a\\|b |  | 1 | 1.2 |  |  |  |  |  |  | verify: no compose file |');
  expect(text).toContain('| class of checks | level | rel | op |');
  expect(text).toContain('| `config/setting/pinned` | advice | 1 of 2 | 1 of 1 |');
  expect(text).toContain('| `config/port/*` | must | 1 of 2 | 0 of 0 |');
});

test.for<[Record<string, string>, string]>([
  [{ db: '15-alpine', api: '1.5.0' }, '1.5.0'],
  [{ web: '1.2.0', 'dify-api': '1.3.0' }, '1.3.0'],
  [{ nginx: 'latest' }, ''],
])('%j: the release of its api', ([releases, shown]) => expect(releaseShown(releases)).toBe(shown));

test('the calls that repeat the rows stand below the table, each once', () => {
  const text = corpusTable([
    result({ suites: ['config', 'dns'] }),
    result({ id: 'rel-2', suites: ['config', 'dns'] }),
    result({ id: 'op-1', suites: ['config', 'dns'], args: ['--profile', 'all'] }),
  ]);
  expect(text.match(/^ {4}npm run verify.*$/gm)).toEqual([
    '    npm run verify -- --stack DIR --only config,dns',
    '    npm run verify -- --stack DIR --only config,dns --profile all',
  ]);
});

test('a result is taken again for the same row, flags and suites alone', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'corpus-'));
  try {
    const row = { id: 'op-1~2', dir: '/d', args: ['--file', 'x.yaml'] };
    const kept = result({ id: row.id, args: row.args, suites: ['config', 'dns'] });
    keepResult(folder, kept);
    expect(keptResult(folder, row, ['config', 'dns'])).toEqual(kept);
    expect(keptResult(folder, row, ['config'])).toBeNull();
    expect(keptResult(folder, { ...row, args: [] }, ['config', 'dns'])).toBeNull();
    expect(keptResult(folder, { ...row, id: 'op-1' }, ['config', 'dns'])).toBeNull();
    writeFileSync(path.join(folder, 'rows/op-1~2.json'), '{');
    expect(keptResult(folder, row, ['config', 'dns'])).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(LANGUAGES)(
  'the README in $language says how many end in a verdict, and with which call each row is repeated',
  ({ language }) => {
    const suites: CorpusResult['suites'] = ['config', 'dns'];
    const text = corpusReadme(
      [
        result({
          suites,
          exit: 1,
          checks: [check(PINNED, 'fail')],
          causes: 1,
          release: '1.5.0',
          source: 'owner/name@1.5.0',
        }),
        result({ id: 'op-1', suites, exit: 2, checks: [check(PINNED, 'error')], args: ['--profile', 'all'] }),
        result({ id: 'op-2', suites, exit: 1, said: 'verify: no compose file' }),
      ],
      language,
    );
    expect(text).toContain('| rel-1 | owner/name@1.5.0 | 1.5.0 | 1 | 1 | 1 | 0 | 1 | 1 |  |');
    expect(text).toContain('| op-1 |  |  | 1 | 0 |  | 1 | 1 | 2 | `--profile all` |');
    expect(text).toMatch(/\n\n3\D+1\D+1\D+1 ?/);
    expect(text).toMatch(/`npm run verify -- --stack DIR --only config,dns`$/);
  },
);

test.each(LANGUAGES)('$readme has a place for them', ({ readme }) => {
  const text = readFileSync(path.join(projectRoot, readme), 'utf8');
  const written = withCorpus(readme, text, '| a |');
  expect(withCorpus(readme, written, '| a |')).toBe(written);
  expect(() => withCorpus(readme, 'no mark', '')).toThrow(/has no place for the table of directories/);
});
