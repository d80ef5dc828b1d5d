import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../fixtures/engine/project-root.ts';

const read = (file: string) => readFileSync(path.join(projectRoot, file), 'utf8');
const example = /```ts\n([^]*?)```/.exec(read('CONTRIBUTING.md'))?.[1] ?? '';
/** Each part of the example begins with a comment that names its files: `// fixtures/a/b.ts and c.ts: …`. */
const parts = example.split(/^(?=\/\/ )/m).map((part) => {
  const [head = '', ...lines] = part.trim().split('\n');
  const [, first = '', second] = /^\/\/ (\S+\.ts)(?: and (\S+\.ts))?/.exec(head) ?? [];
  return { files: second ? [first, path.join(path.dirname(first), second)] : [first], lines };
});

test('the example goes from the obligation to the fault', () => {
  const [obligation, ...others] = parts.map(({ files: [file = ''] }) => file);
  expect(obligation).toMatch(/obligations\.ts$/);
  expect(others.at(-1)).toMatch(/^fixtures\/mutation\//);
  expect(example.split('\n').length).toBeLessThanOrEqual(35);
});

describe.each(parts)('$files', ({ files, lines }) => {
  const code = files.map(read).join('\n').split('\n');
  test.each(lines.filter((line) => line.trim() !== ''))('has the line %s', (line) => expect(code).toContain(line));
});
