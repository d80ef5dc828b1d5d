import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../fixtures/mutation/catalogue.ts';
import { expectedMs, recordedText } from '../../../fixtures/mutation/durations.ts';
import { RECORDED_MS } from '../../../fixtures/mutation/recorded-durations.ts';
import { toTurnRed } from '../../../fixtures/mutation/fault.ts';
import type { FaultResult } from '../../../fixtures/mutation/run-fault.ts';
import { parseShard, splitFaults } from '../../../fixtures/mutation/shards.ts';
import {
  exitCodeOfFaults,
  lastLine,
  mergeSummaries,
  summaryOf,
  type FaultsSummary,
} from '../../../fixtures/mutation/summary.ts';

const ids = (faults: readonly { id: string }[]) => faults.map(({ id }) => id);
const total = (faults: Parameters<typeof splitFaults>[0]) => faults.reduce((sum, fault) => sum + expectedMs(fault), 0);

describe('shards', () => {
  test.for([1, 2, 3, 5, 64])('%i of them are the whole catalogue, each fault once', (of) => {
    const parts = splitFaults(catalogue, of);
    expect(parts).toHaveLength(of);
    expect(parts.flatMap(ids).toSorted()).toEqual(ids(catalogue).toSorted());
  });

  test('are the same each time, in the catalogue’s order', () => {
    const parts = splitFaults(catalogue, 3);
    expect(splitFaults(catalogue, 3)).toEqual(parts);
    for (const part of parts) expect(ids(catalogue).filter((id) => ids(part).includes(id))).toEqual(ids(part));
  });

  test.for([2, 3, 4])('%i of them take about the same time', (of) => {
    const times = splitFaults(catalogue, of).map(total);
    // The longest first: no two differ by more than the longest fault.
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(
      Math.max(...catalogue.map((f) => expectedMs(f))),
    );
    expect(Math.max(...times)).toBeLessThan((total(catalogue) / of) * 1.1);
  });

  test('a long fault has a shard of its own where the others are short', () => {
    const durations: Record<string, number> = { [catalogue[0]?.id ?? '']: 1000 };
    const [first, second] = splitFaults(catalogue.slice(0, 4), 2, ({ id }) => durations[id] ?? 10);
    expect(ids(first ?? [])).toEqual(ids(catalogue.slice(0, 1)));
    expect(ids(second ?? [])).toEqual(ids(catalogue.slice(1, 4)));
  });

  test.for(['0/2', '3/2', '1/0', '1', 'a/b', '1/100', '-1/2', ''])('%s is no shard', (text) => {
    expect(() => parseShard(text)).toThrow(/^--shard .*: two numbers I\/N/);
  });

  test('2/3 is one', () => expect(parseShard('2/3')).toEqual({ index: 2, of: 3 }));
});

describe('the time that a fault is expected to take', () => {
  const recorded = { 'dns-a': 10_000, 'dns-b': 30_000, 'dns-c': 20_000, 'config-x': 400 };
  const dns = (id: string): Parameters<typeof expectedMs>[0] => ({ id, only: ['dns'] });

  test('is the recorded one', () => expect(expectedMs(dns('dns-b'), recorded)).toBe(30_000));
  test('of a new one is the middle of its like', () => expect(expectedMs(dns('dns-new'), recorded)).toBe(20_000));
  test('of a new one of files is that of files', () =>
    expect(expectedMs({ id: 'config-agreement-new', only: ['config'] }, recorded)).toBe(400));
  test('of one without its like is that of a boot', () =>
    expect(expectedMs({ id: 'guide-a', only: ['guide'] }, recorded)).toBe(25_000));
  test('is recorded of no fault that is no more', () =>
    expect(Object.keys(RECORDED_MS).filter((id) => !ids(catalogue).includes(id))).toEqual([]));

  test('is kept of what was killed; what was not run keeps its own, what is no more goes', () => {
    const text = recordedText(
      [
        { id: 'dns-a', status: 'killed', durationMs: 12_345 },
        { id: 'dns-b', status: 'error', durationMs: 600_000 },
      ],
      ['dns-a', 'dns-b', 'dns-d'],
      recorded,
    );
    expect(text).toContain("  'dns-a': 12300,\n  'dns-b': 30000,\n};");
    expect(text).not.toMatch(/dns-[cd]|config-x/);
  });
});

const result = (id: string, status: FaultResult['status'] = 'killed'): FaultResult => ({
  id,
  title: id,
  status,
  causes: [],
  killedBy: [],
  expectedBy: catalogue.filter((fault) => fault.id === id).flatMap(toTurnRed),
  durationMs: 1,
});
const shardsOf = (of: number, all = catalogue): { from: string; summary: FaultsSummary }[] =>
  splitFaults(all, of).map((part, at) => ({
    from: `shard-${at + 1}`,
    summary: summaryOf(
      part.map(({ id }) => result(id)),
      { selected: ids(all), shard: { index: at + 1, of }, whole: true },
    ),
  }));

describe('the reports of all shards', () => {
  const all = ids(catalogue);

  test('are one report, in the catalogue’s order, with one exit code', () => {
    const merged = mergeSummaries(shardsOf(3).toReversed(), all);
    expect(ids(merged.results)).toEqual(all);
    expect(merged.killed).toBe(all.length);
    expect(merged.shard).toBeUndefined();
  });

  test.for([
    ['survived', 1],
    ['error', 2],
  ] as const)('one that has a fault which %s ends with %i', ([status, code]) => {
    const parts = shardsOf(2);
    const part = parts[1];
    if (!part) throw new Error('no second shard');
    const results = part.summary.results.map((one, at) => (at === 0 ? { ...one, status } : one));
    parts[1] = {
      ...part,
      summary: summaryOf(results, { selected: all, shard: { index: 2, of: 2 }, whole: true }),
    };
    expect(exitCodeOfFaults(mergeSummaries(parts, all))).toBe(code);
  });

  test('a shard alone says nothing of what the catalogue covers; the whole does', () => {
    expect(shardsOf(2)[0]?.summary.uncovered).toBeUndefined();
    const merged = mergeSummaries(shardsOf(2), all);
    expect(merged.uncovered).toEqual([]);
    expect(lastLine(merged, 'x')).toContain('none lost its faults');
  });

  test('a class whose only fault survived is turned red by none: that fails, and is named', () => {
    const results = catalogue.map(({ id }) => result(id, id === 'dns-hidden-by-extra-hosts' ? 'survived' : 'killed'));
    const summary = summaryOf(results, { selected: all, whole: true });
    expect(summary.uncovered).toEqual(['dns/{service}/hidden']);
    expect(exitCodeOfFaults({ ...summary, survived: 0 })).toBe(1);
    expect(lastLine(summary, 'x')).toContain('1 of ');
  });

  test('part of the catalogue covers what it covers: nothing is said of the rest', () => {
    const some = catalogue.slice(0, 10);
    expect(mergeSummaries(shardsOf(2, some), all).uncovered).toBeUndefined();
  });

  const parts = shardsOf(3);
  const other = shardsOf(3, catalogue.slice(0, 9));
  test.for([
    ['none', [], 'there is no summary.json of a shard'],
    ['one missing', parts.slice(0, 2), 'shard 3/3 is missing'],
    ['one twice', [...parts, ...parts.slice(0, 1)], 'shard 1/3 is there twice: shard-1, shard-1'],
    ['one of another selection', [...parts.slice(0, 2), ...other.slice(2)], 'is a shard of another selection'],
    ['one of another number', [...parts.slice(0, 2), ...shardsOf(4).slice(2, 3)], 'is a shard of another selection'],
    [
      'one that was cut short',
      parts.map((part, at) =>
        at === 0 ? { ...part, summary: { ...part.summary, results: part.summary.results.slice(1) } } : part,
      ),
      'not in exactly one shard',
    ],
    ['a whole run', [{ from: 'whole', summary: summaryOf([], { selected: [], whole: true }) }], 'whole is of no shard'],
  ] as const)('%s is refused', ([, given, message]) => expect(() => mergeSummaries(given, all)).toThrow(message));
});
