import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../fixtures/mutation/catalogue.ts';
import { RECORDED_MS } from '../../../fixtures/mutation/recorded-durations.ts';
import { selectFaults } from '../../../fixtures/mutation/selection.ts';
import { SUITES } from '../../../fixtures/run/options.ts';

describe('which faults a call runs', () => {
  test('all without a flag', () => {
    expect(selectFaults(catalogue, {})).toEqual(catalogue);
  });

  test('a sample keeps what touches only files, and so many of each suite that boots', () => {
    const sample = selectFaults(catalogue, { sample: 2 });
    const files = catalogue.filter((fault) => fault.only.join() === 'config');
    expect(files.length).toBeGreaterThan(0);
    expect(sample.filter((fault) => fault.only.join() === 'config')).toEqual(files);
    const booting = SUITES.filter((name) => name !== 'config');
    expect(booting.map((suite) => sample.filter((fault) => fault.only.at(-1) === suite).length)).toEqual(
      booting.map(() => 2),
    );
  });

  test('a sample leaves out what takes long, where there is enough that does not', () => {
    // By the suite that is run last: a fault of health may show itself in another one alone.
    const only = catalogue.filter((fault) => fault.only.at(-1) === 'health').map(({ id }) => id);
    const ids = (sample: number) =>
      selectFaults(catalogue, { only, sample }).map((fault) => [fault.id, RECORDED_MS[fault.id] ?? 0] as const);
    expect(ids(2)).toHaveLength(2);
    expect(ids(2).filter(([, ms]) => ms > 60_000)).toEqual([]);
    expect(ids(1_000).filter(([, ms]) => ms > 60_000)).not.toEqual([]);
  });

  test('a sample is the same each time, in the catalogue’s order', () => {
    const ids = selectFaults(catalogue, { sample: 3 }).map((fault) => fault.id);
    expect(selectFaults(catalogue, { sample: 3 }).map((fault) => fault.id)).toEqual(ids);
    expect(catalogue.map((fault) => fault.id).filter((id) => ids.includes(id))).toEqual(ids);
  });

  test('a sample of a selection stays within it', () => {
    const sample = selectFaults(catalogue, { only: ['dns-*'], sample: 1 });
    expect(sample.length).toBeGreaterThan(0);
    expect(sample.every((fault) => fault.id.startsWith('dns-'))).toBe(true);
  });

  test.for([
    [['nonesuch'], 'no fault nonesuch'],
    [['dns-*', 'x-*'], 'no fault x-*'],
  ] as const)('%s is refused', ([only, message]) => {
    expect(() => selectFaults(catalogue, { only })).toThrow(message);
  });
});
