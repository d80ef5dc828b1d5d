import { expect, test } from 'vitest';
import { shown, shownInLine } from '../../../fixtures/cli/shown.ts';

test.for([
  ['\u001b[2Jcleared', '\\x1b[2Jcleared'],
  ['\u001b]52;c;ZXZpbA==\u0007', '\\x1b]52;c;ZXZpbA==\\x07'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['over\rwritten', 'over\\x0dwritten'],
  ['one\r\ntwo', 'one\ntwo'],
  ['c1 \u009b31m', 'c1 \\x9b31m'],
  ['right \u202e left', 'right \\u202e left'],
  ['::set-output name=x::y', '\\::set-output name=x::y'],
  ['one\n  ::add-mask::x', 'one\n  \\::add-mask::x'],
  ['said ##[group]x and ##vso[task.x] ##teamcity[y]', 'said #\\#[group]x and #\\#vso[task.x] #\\#teamcity[y]'],
  ['std::vector, [::]:80 and a tab\tstay', 'std::vector, [::]:80 and a tab\tstay'],
] as const)('%j', ([written, seen]) => {
  expect(shown(written)).toBe(seen);
});

test('in one line', () => {
  expect(shownInLine('a\n  b\r\n\nc\n')).toBe('a | b | c');
});
