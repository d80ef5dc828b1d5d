import { applyPatch, parsePatch } from 'diff';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../../fixtures/run/fix/unified.ts';

const changed = (before: string, after: string) => [{ name: 'a.conf', before, after }];
const open = () => true;

describe('a unified diff of what may be shown', () => {
  test('names the file as git strips it, without a line that would make it count from the top of a checkout', () => {
    expect(unifiedDiff(changed('a\nb\n', 'a\nc\n'), open)).toBe(
      '--- a/a.conf\n+++ b/a.conf\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n',
    );
  });

  test('a hidden line is no context, and two changes share the lines between them', () => {
    const before = 'KEY=hidden\na\nb\nc\nKEY=hidden\n';
    const after = 'KEY=hidden\nA\nb\nC\nKEY=hidden\n';
    expect(unifiedDiff(changed(before, after), (line) => !line.includes('hidden'))).toBe(
      '--- a/a.conf\n+++ b/a.conf\n@@ -2,1 +2,1 @@\n-a\n+A\n@@ -3,2 +3,2 @@\n b\n-c\n+C\n',
    );
  });

  test('a hidden line that would be taken out: no diff', () => {
    expect(unifiedDiff(changed('KEY=hidden\n', 'KEY=new\n'), (line) => !line.includes('hidden'))).toBeNull();
  });

  test('a file that stays as it is is not named', () => {
    expect(unifiedDiff(changed('a\n', 'a\n'), open)).toBe('');
  });

  test('whatever is changed: applied, it gives the new text, and shows no hidden line as context', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', 'hidden', ''), { maxLength: 30 });
    const edits = fc.array(
      fc.record({
        at: fc.nat(30),
        remove: fc.nat(2),
        add: fc.array(fc.constantFrom('new', 'x', ''), { maxLength: 3 }),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(lines, edits, fc.boolean(), (given, changes, ended) => {
        const before = given.join('\n') + (ended && given.length > 0 ? '\n' : '');
        const after = changes.reduce((text, { at, remove, add }) => {
          const pieces = text.split('\n');
          return pieces.toSpliced(Math.min(at, pieces.length - 1), remove, ...add).join('\n');
        }, before);
        const diff = unifiedDiff(changed(before, after), (line) => line !== 'hidden');
        if (diff === null || diff === '') return;
        expect(diff).not.toContain('\n hidden');
        const [patch] = parsePatch(diff);
        expect(patch && applyPatch(before, patch)).toBe(after);
      }),
    );
  });
});
