import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** As many lines in the same order, blank ones and indentation aside, are a copy: a change of one forgets the other. */
const RUN = 10;

/** `file:line = file:line` of the first line of each run that stands twice. */
function repeatedRuns(files: readonly (readonly [name: string, text: string])[]): string[] {
  const first = new Map<string, string>();
  const found: string[] = [];
  for (const [name, text] of files) {
    const lines = text.split('\n').flatMap((line, at) => (line.trim() === '' ? [] : [[line.trim(), at + 1] as const]));
    for (let at = 0; at + RUN <= lines.length; at++) {
      const run = lines.slice(at, at + RUN);
      const key = run.map(([line]) => line).join('\n');
      const place = `${name}:${run[0]?.[1] ?? 0}`;
      const known = first.get(key);
      if (known === undefined) first.set(key, place);
      else found.push(`${known} = ${place}`);
    }
  }
  return found;
}

test(`no run of ${RUN} lines stands twice outside tests`, () => {
  const names = ['scripts', 'fixtures'].flatMap((top) =>
    readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => path.join(top, name)),
  );
  const files = names.filter((name) => name.endsWith('.ts')).map((name) => [name, readFileSync(name, 'utf8')] as const);
  expect(files.length).toBeGreaterThan(200);
  expect(repeatedRuns(files)).toEqual([]);
});

test('a copy with another indentation is found, a shorter one is none', () => {
  const lines = Array.from({ length: RUN }, (_, i) => `line ${i}`);
  const copy = lines.map((line) => `  ${line}`).join('\n\n');
  expect(
    repeatedRuns([
      ['a.ts', lines.join('\n')],
      ['b.ts', `// b\n${copy}`],
    ]),
  ).toEqual(['a.ts:1 = b.ts:2']);
  expect(
    repeatedRuns([
      ['a.ts', lines.join('\n')],
      ['b.ts', lines.slice(1).join('\n')],
    ]),
  ).toEqual([]);
});
