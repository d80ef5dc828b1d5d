import { describe, expect, test } from 'vitest';
import { frozenThroughout, movedElsewhere, tooLong } from '../../../../fixtures/checks/failover/fault-proof.ts';
import { judge, replica, scenario } from './samples.ts';

/** That a fault was on is observed, never assumed: without it no promise of its scenario passes. */
describe('the proof that a fault was on', () => {
  const [A, B] = ['172.18.0.4', '172.18.0.5'];

  test.for([
    [true, true, true],
    [true, false, false],
    [false, true, false],
    [false, false, false],
  ] as const)('frozen at the beginning: %s, at the end: %s', ([before, after, on]) => {
    const fault = frozenThroughout('api-1', { before, after }, 3);
    expect(fault.on).toBe(on);
    for (const promised of ['lost-nothing', 'no-post-twice', 'nginx-untouched'] as const)
      expect(judge(promised, scenario('freeze', { fault })).status).toBe(on ? 'pass' : 'error');
  });

  test.for([
    ['at another address', [{ before: replica(A), after: replica(B) }], true],
    ['at its old address', [{ before: replica(A), after: replica(A) }], false],
    [
      'at its old address on one of two networks',
      [
        {
          before: replica(A, { addresses: { a: '10.0.0.2', b: '10.0.1.2' } }),
          after: replica(A, { addresses: { a: '10.0.0.3', b: '10.0.1.2' } }),
        },
      ],
      false,
    ],
    ['nothing in its place', [{ before: replica(A), after: null }], true],
    ['without an address before', [{ before: replica(A, { addresses: {} }), after: replica(B) }], false],
    ['nothing recreated', [], false],
  ] as const)('recreated: %s', ([, moved, on]) => {
    const fault = movedElsewhere(moved);
    expect(fault.on).toBe(on);
    for (const promised of ['lost-nothing', 'no-post-twice', 'nginx-untouched'] as const)
      expect(judge(promised, scenario('recreate', { fault })).status).toBe(on ? 'pass' : 'error');
  });
});

test('a freeze that outlasted the patience of the load was no fault of the stack', () => {
  const { on, proof } = tooLong('p-api-1', 9_120.4, { limitMs: 8_000 });
  expect(on).toBe(false);
  expect(proof).toBe(
    'p-api-1 was frozen for 9120 ms, longer than a request is waited for (8000 ms): the machine is too busy',
  );
});
