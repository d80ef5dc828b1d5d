import { expect } from 'vitest';
import { judgeAll, service, soundStack, type Judged, type SyntheticStack } from './stack.ts';

/**
 * One edit that breaks a sound stack: exactly these checks may then not pass (`skip <id>` for a skipped one, a bare id for
 * a failed one), and the first of them says this at this place.
 */
export type Case = [
  name: string,
  edit: (stack: SyntheticStack) => void,
  red: string[],
  says?: RegExp,
  reference?: RegExp,
];

/** Judges a sound stack after an edit. */
export function judgedAfter(edit: (stack: SyntheticStack) => void): Map<string, Judged> {
  const stack = soundStack();
  edit(stack);
  return judgeAll(stack);
}

/** Asserts a case: nothing else turns red, and each failure says why, how to mend it and where. */
export function expectRed([, edit, red, says, reference]: Case): void {
  const judged = judgedAfter(edit);
  const seen = [...judged].flatMap(([id, { verdict }]) =>
    verdict.status === 'pass' ? [] : [verdict.status === 'fail' ? id : `${verdict.status} ${id}`],
  );
  expect(seen.toSorted()).toEqual(red.toSorted());
  const first = judged.get(red[0]?.replace(/^\w+ /, '') ?? '')?.verdict;
  if (says) expect(first?.message).toMatch(says);
  if (reference) expect(first?.reference).toMatch(reference);
  if (first?.status !== 'fail') return;
  expect(first.why).toBeTruthy();
  expect(first.hint).toBeTruthy();
  expect(first.reference).toBeTruthy();
}

type Edit = (stack: SyntheticStack) => void;

export const env =
  (name: string, key: string, value: string): Edit =>
  (stack) => {
    service(stack, name).environment[key] = value;
  };

export const without =
  (name: string, key: string): Edit =>
  (stack) => {
    Reflect.deleteProperty(service(stack, name), key);
  };

export const both =
  (...edits: Edit[]): Edit =>
  (stack) => {
    for (const edit of edits) edit(stack);
  };

export const replace =
  (file: string, from: string, to: string): Edit =>
  (stack) => {
    const before = stack.files[file] ?? '';
    if (!before.includes(from)) throw new Error(`${from} is not in ${file}`);
    stack.files[file] = before.replaceAll(from, to);
  };

/** One check of a stack after an edit: how it ended, and what it said. */
export type Single = [name: string, edit: Edit, id: string, status: string, says?: RegExp, reference?: RegExp];

/** Asserts it. */
export function expectSingle([, edit, id, status, says, reference]: Single): void {
  const verdict = judgedAfter(edit).get(id)?.verdict;
  expect(
    `${id} ${verdict?.status ?? 'is not there'} ${verdict?.status === status ? '' : (verdict?.message ?? '')}`.trim(),
  ).toBe(`${id} ${status}`);
  if (says) expect(verdict?.message).toMatch(says);
  if (reference) expect(verdict?.reference).toMatch(reference);
}
