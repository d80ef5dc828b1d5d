import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parsePolicy } from '../../fixtures/model/policy/policy.ts';

/** What the README tells people to paste has to work: each policy in it is one. */
const policies = Array.from(
  readFileSync('README.md', 'utf8').matchAll(/^```yaml\n([^]*?)^```/gm),
  ([, text = '']) => text,
);

test('the README shows policies', () => expect(policies.length).toBeGreaterThan(1));

test.for(policies.map((text, index) => [index, text] as const))('policy %i of the README is one', ([, text]) => {
  // Its dates are not judged: a day that is over is no mistake in the file.
  expect(Object.keys(parsePolicy(text, 'README.md'))).toContain('backup');
});

/** The blocks of lines that are typed or pasted, in their order, without what is said of them. */
function typedBlocks(file: string): string[] {
  const blocks = readFileSync(file, 'utf8').matchAll(/^```(?:yaml)?\n([^]*?)^```/gm);
  return Array.from(blocks, ([, text = '']) => text)
    .filter((text) => !text.startsWith('$ '))
    .map((text) => text.split('\n').map((line) => line.replace(/\s+#.*$/, '').trimEnd()))
    .map((lines) => lines.filter((line) => line !== '').join('\n'));
}

describe('both READMEs say the same commands', () => {
  const [english, chinese] = [typedBlocks('README.md'), typedBlocks('README.zh-CN.md')];

  test('there are blocks to type', () => expect(english.length).toBeGreaterThan(8));

  test.for(english.map((block) => [block.split('\n')[0] ?? '', block] as const))(
    'the block "%s" is in the Chinese one',
    ([, block]) => expect(chinese).toContain(block),
  );

  test('the Chinese one has no other, and the same order', () => expect(chinese).toEqual(english));
});

/** Each table: its number of columns, and of each row the words in backticks of its first cell, which no language changes. */
function tablesIn(file: string): { columns: number; rows: string[] }[] {
  const tables = readFileSync(file, 'utf8').matchAll(/(?:^\|.*\n)+/gm);
  return Array.from(tables, ([text]) => {
    const rows = text
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(1, -1).split(/(?<!\\)\|/));
    const words = rows.map(([first = '']) => Array.from(first.matchAll(/`[^`]*`/g), ([word]) => word).join(' '));
    return { columns: rows[0]?.length ?? 0, rows: words };
  });
}

test('both READMEs have the same tables, about the same things', () => {
  const english = tablesIn('README.md');
  expect(english.length).toBeGreaterThan(5);
  expect(tablesIn('README.zh-CN.md')).toEqual(english);
});
