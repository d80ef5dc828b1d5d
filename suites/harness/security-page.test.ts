import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** SECURITY.md promises only what a test holds: every promise names one, and each one that is named is there. */
const page = readFileSync('SECURITY.md', 'utf8');
const NAMED = /`(suites\/harness\/[\w./-]+\.test\.ts)`: "([^"]+)"/g;
/** Sections in which nothing is promised. */
const NO_PROMISES = /^## (Known not to hold yet|A pull request from a stranger)$/;

const named = Array.from(page.matchAll(NAMED), ([, file = '', title = '']) => ({ file, title }));

/** Whether a file has a test or a group of tests of that title, also where it is a template or runs over a table. */
function hasTitle(file: string, title: string): boolean {
  const source = readFileSync(file, 'utf8');
  return ["'", '"', '`'].some((quote) => {
    const at = source.indexOf(`${quote}${title}${quote}`);
    // The first argument of `test(` or `describe(`, or of what `test.for(…)` gives: a title, and not a word of some test.
    return at > 0 && /(\b(test|describe)\(|\)\()\s*$/.test(source.slice(0, at));
  });
}

test('the page names tests', () => {
  expect(named.length).toBeGreaterThan(10);
});

test.for(named)('$file has "$title"', ({ file, title }) => {
  expect(existsSync(file), `${file} is there`).toBe(true);
  expect(hasTitle(file, title), `a test called "${title}" in ${file}`).toBe(true);
});

test('every promise names the test that holds it', () => {
  const sections = page.split(/^(?=## )/m).filter((section) => !NO_PROMISES.test(section.split('\n')[0] ?? ''));
  const promises = sections.flatMap((section) => section.split(/\n(?=- )/).filter((part) => part.startsWith('- ')));
  expect(promises.length).toBeGreaterThan(10);
  const bare = promises.map((part) => part.split('\n\n')[0] ?? '').filter((part) => part.search(NAMED) < 0);
  expect(bare).toEqual([]);
});

test('a title that is only a word of some test is none', () => {
  expect(hasTitle('suites/harness/security-page.test.ts', 'the page names tests')).toBe(true);
  expect(hasTitle('suites/harness/security-page.test.ts', 'names tests')).toBe(false);
  expect(hasTitle('suites/harness/security-page.test.ts', 'SECURITY.md')).toBe(false);
});
