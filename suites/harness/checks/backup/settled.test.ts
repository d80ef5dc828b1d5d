import { expect, test } from 'vitest';
import { atRest, comparedOnceSettled } from '../../../../fixtures/checks/backup/settled.ts';
import type { StackSnapshot } from '../../../../fixtures/data/snapshot/snapshot.ts';

/** A difference by a moment's chance is none of the backup. */
const keys = (...names: string[]): StackSnapshot => ({
  redis: { 0: Object.fromEntries(names.map((name) => [name, { type: 'string', digest: name, ttl: 'long' as const }])) },
});

/** Gives one snapshot after the other, the last for ever. */
function looks(...snapshots: StackSnapshot[]) {
  let at = 0;
  const read = () => Promise.resolve(snapshots[Math.min(at++, snapshots.length - 1)] ?? {});
  return { read, taken: () => at };
}

test('a stack at rest is looked at twice', async () => {
  const two = looks(keys('a'));
  expect(await atRest(two.read)).toEqual(keys('a'));
  expect(two.taken()).toBe(2);
});

test('what the worker keeps a moment after the use belongs to what was before the backup', async () => {
  const late = looks(keys('a'), keys('a', 'celery-task-meta-1'));
  expect(await atRest(late.read)).toEqual(keys('a', 'celery-task-meta-1'));
});

test('an index that is still being read in is looked at again', async () => {
  const late = looks(keys('a'), keys('a', 'b'));
  const { differences, all } = await comparedOnceSettled(late.read, keys('a', 'b'));
  expect(differences).toEqual([]);
  expect(all).toEqual(keys('a', 'b'));
});

test('what is lost stays lost, however often it is looked at', async () => {
  const lost = looks(keys('a'));
  const { differences } = await comparedOnceSettled(lost.read, keys('a', 'b'));
  expect(differences.map(({ thing }) => thing)).toEqual(['key 0/b']);
  expect(lost.taken()).toBeGreaterThan(1);
});
