import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { growthOf, runsUntil } from '../../../../fixtures/run/history/growth.ts';

/** A series that varies by a few hundredths, the same at each call. */
const steady = (length: number, around = 6000) => Array.from({ length }, (_, run) => around + ((run * 7919) % 13) * 20);

describe('what grew beyond its own spread', () => {
  test.for<[string, number[], boolean]>([
    ['nothing', steady(30), false],
    ['a step in the last three runs', [...steady(27), 8000, 8100, 7900], true],
    ['one slow run: the machine', [...steady(29), 20_000], false],
    ['two slow runs', [...steady(28), 20_000, 21_000], false],
    ['a slow run long ago', [...steady(10), 40_000, ...steady(19)], false],
    ['a drift of 2 % a run', steady(30).map((ms, run) => ms + run * 120), true],
    ['a drift within the spread', steady(30).map((ms, run) => ms + run), false],
    ['it gets faster', steady(30).map((ms, run) => ms - run * 120), false],
    [
      'steps of a health check’s interval',
      [...Array.from({ length: 20 }, (_, run) => (run % 3 === 0 ? 2200 : 1100)), 1100, 2200, 2200],
      false,
    ],
    [
      'an interval more than ever',
      [...Array.from({ length: 20 }, (_, run) => (run % 3 === 0 ? 2200 : 1100)), 3300, 3300, 3300],
      true,
    ],
    ['all the same, then a hundredth more', [...Array.from({ length: 20 }, () => 1000), 1010, 1010, 1010], false],
    ['too few runs', [1000, 1000, 1000, 9000, 9000, 9000], false],
  ])('%s', ([, series, grew]) => {
    expect(growthOf(series) !== null).toBe(grew);
  });

  test('with its usual value, what is ordinary, and when the budget is reached', () => {
    const growth = growthOf(Array.from({ length: 20 }, (_, run) => 10_000 + run * 500));
    expect(growth).toMatchObject({ slopeMs: 500, nowMs: 19_000 });
    expect(growth && runsUntil(growth, 30_000)).toBe(22);
    expect(growth && runsUntil(growth, 19_000)).toBe(0);
  });

  test('the same noise in another order is told rarely, and then of little', () => {
    const orders = fc.sample(fc.shuffledSubarray(steady(30), { minLength: 30 }), { numRuns: 300, seed: 20261129 });
    // Three in a row above all that was before them may be chance.
    const told = orders.map(growthOf).filter((growth) => growth !== null);
    expect(told.length).toBeLessThan(6);
    for (const { nowMs, usualMs } of told) expect(nowMs).toBeLessThan(usualMs * 1.1);
  });
});
