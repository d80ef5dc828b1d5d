import { mkdirSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { asMade, changedSince, staleWords } from '../../../fixtures/stack/as-made.ts';
import { freshFolders, removeFolders } from './stage-case.ts';

let dir: string;
beforeEach(() => {
  ({ dir } = freshFolders());
  for (const [name, text] of Object.entries({
    'compose.yaml': 'a',
    '.env': 'b',
    'nginx/conf.d/a.conf': 'c',
    'nginx/b.conf': 'd',
  }))
    put(name, text);
  symlinkSync('b.conf', at('nginx/link'));
});
afterEach(removeFolders);

const at = (name: string) => path.join(dir, name);
function put(name: string, text: string): void {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
}

const CASES: [string, () => void, string[]][] = [
  ['nothing', () => undefined, []],
  ['the same text written again', () => put('.env', 'b'), []],
  ['a compose file', () => put('compose.yaml', 'x'), ['compose.yaml']],
  ['a file in a mounted folder', () => put('nginx/conf.d/a.conf', 'x'), ['nginx/conf.d/a.conf']],
  ['a new file there', () => put('nginx/conf.d/new.conf', 'x'), ['nginx/conf.d/new.conf']],
  ['one that is gone', () => unlinkSync(at('nginx/b.conf')), ['nginx/b.conf']],
  ['an override that came', () => put('compose.override.yaml', 'x'), ['compose.override.yaml']],
  [
    'a link that leads elsewhere',
    () => {
      rmSync(at('nginx/link'));
      symlinkSync('conf.d/a.conf', at('nginx/link'));
    },
    ['nginx/link'],
  ],
  ['what no copy was made of', () => put('volumes/db/data', 'x'), []],
];

describe('what changed since a copy was made', () => {
  test.for(CASES)('%s', ([, change, expected]) => {
    const made = asMade(['compose.yaml', 'compose.override.yaml', '.env', 'nginx'].map(at));
    change();
    expect(changedSince(JSON.parse(JSON.stringify(made)) as typeof made)).toEqual(expected.map(at));
  });

  test('in words: the time, and the day when it is another one; the first files, as seen from the directory', () => {
    const madeAtMs = new Date(2026, 1, 3, 18, 3).getTime();
    const made = { madeAtMs, of: [], files: {} };
    expect(staleWords(made, [], '/s')).toBe('as of 2026-02-03 18:03');
    expect(staleWords(made, ['/s/nginx/a', '/s/.env', '/other/x'], '/s')).toBe(
      'as of 2026-02-03 18:03, changed since: nginx/a, .env, /other/x',
    );
    expect(
      staleWords(
        made,
        Array.from({ length: 8 }, (_, i) => `/s/${i}`),
        '/s',
      ),
    ).toMatch(/: 0, 1, 2, 3, 4 and 3 more$/);
    expect(staleWords({ ...made, madeAtMs: Date.now() }, [], '/s')).toMatch(/^as of \d\d:\d\d$/);
  });
});
