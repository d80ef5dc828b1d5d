import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
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

/** The lines that are typed or pasted, in their order, without what is said of them. */
function typed(file: string): string[] {
  const blocks = readFileSync(file, 'utf8').matchAll(/^```(?:yaml)?\n([^]*?)^```/gm);
  return Array.from(blocks, ([, text = '']) => text)
    .filter((text) => !text.startsWith('$ '))
    .flatMap((text) => text.split('\n').map((line) => line.replace(/\s+#.*$/, '').trimEnd()))
    .filter((line) => line !== '');
}

test('both READMEs say the same commands', () => {
  expect(typed('README.md').length).toBeGreaterThan(20);
  expect(typed('README.zh-CN.md')).toEqual(typed('README.md'));
});
