import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../fixtures/mutation/catalogue.ts';
import {
  coverageOf,
  coverageText,
  NO_FAULT_CAN,
  NO_FAULT_YET,
  STACK_CLASSES,
  uncovered,
} from '../../../fixtures/mutation/coverage.ts';

const of = (pattern: string, faults: Parameters<typeof coverageOf>[0]) =>
  coverageOf(faults).find((one) => one.pattern === pattern)?.faults;

describe('the whole catalogue', () => {
  test('every class of checks is turned red by a fault, or is listed as one that is not', () => {
    expect(STACK_CLASSES.length).toBeGreaterThan(180);
    expect(uncovered(catalogue)).toEqual([]);
  });

  test('what is excused has no fault: an excuse that a fault refutes goes', () => {
    const excused = [...Object.keys(NO_FAULT_CAN), ...NO_FAULT_YET];
    const refuted = coverageOf(catalogue).filter(
      ({ pattern, faults }) => excused.includes(pattern) && faults.length > 0,
    );
    expect(refuted).toEqual([]);
    expect(new Set(excused).size).toBe(excused.length);
    expect(Object.keys(NO_FAULT_CAN).length).toBeLessThanOrEqual(6);
    // It only gets shorter, and is empty now: a class without a fault is a gap that must be closed.
    expect(NO_FAULT_YET).toEqual([]);
    expect(Object.values(NO_FAULT_CAN).filter((reason) => reason.length < 40)).toEqual([]);
  });
});

describe('coverage', () => {
  const faults = [
    { id: 'one', expect: ['dns/api/resolves/db', 'dns/web/resolves/*'] },
    { id: 'two', expect: ['dns/api/resolves/db'], unjudged: ['failover/precondition'] },
  ];

  test('a class has the faults that must turn a check of it red, each once', () => {
    expect(of('dns/{service}/resolves/{other}', faults)).toEqual(['one', 'two']);
    expect(of('failover/precondition', faults)).toEqual(['two']);
    expect(of('dns/{service}/hidden', faults)).toEqual([]);
  });

  test('a class that lost its only fault is told', () => {
    expect(uncovered(faults)).toContain('dns/{service}/hidden');
    expect(uncovered(faults)).not.toContain('dns/{service}/resolves/{other}');
  });

  test('a check of no class counts for nothing, and is refused by the name of the fault', () => {
    expect(() => coverageOf([{ id: 'slip', expect: ['dsn/api/hidden'] }])).toThrow(/^slip expects dsn\/api\/hidden/);
    expect(() => coverageOf([{ id: 'wide', expect: ['*'] }])).toThrow(/^wide expects \*/);
  });

  test('the table has a line for each class, and says what is without', () => {
    const lines = coverageText(faults).split('\n');
    expect(lines).toHaveLength(STACK_CLASSES.length + 1);
    expect(lines.find((line) => line.startsWith('dns/*/resolves/*'))).toMatch(/ {2}one, two$/);
    expect(lines.find((line) => line.startsWith('dns/*/hidden'))).toMatch(/NO FAULT$/);
    expect(lines.at(-1)).toMatch(/ 2 with a fault, \d that none can turn red, \d+ that have none yet, \d+ without$/);
  });
});
