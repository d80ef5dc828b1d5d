import { describe, expect, test } from 'vitest';
import { paced } from '../../../fixtures/model/health-schedule.ts';
import { DeclaredLooks } from '../../../fixtures/stack/declared-looks.ts';
import type { Container } from '../../../fixtures/stack/containers.ts';
import { containerOf } from '../../../fixtures/testing/container-of.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';

const model = modelOf({
  redis: { image: 'redis', healthcheck: { test: ['CMD', 'true'], interval: '30s', timeout: '10s', retries: 3 } },
  db: { image: 'postgres', healthcheck: { test: ['CMD', 'true'], interval: '1s' } },
});
/** By the smaller of the two clocks, as an age is: the machine's time may have jumped since this process began. */
const ago = (seconds: number) =>
  new Date(Math.min(Date.now(), performance.timeOrigin + performance.now()) - seconds * 1_000).toISOString();
const look = (exitCode: number, seconds: number) => ({
  exitCode,
  output: '',
  start: '2026-01-01T00:00:00Z',
  end: `2026-01-01T00:00:0${seconds}Z`,
});
const redis = (seen: Partial<Container>) => containerOf('redis', 1, {}, { health: 'starting', ...seen });

describe('given up by its declared looks', () => {
  test.for<[string, Partial<Container>, string | null]>([
    [
      'when the last of them is over',
      { startedAt: ago(101) },
      'turned unhealthy: not green within 100 s of its start, by the looks that it declares',
    ],
    ['not while it may be green', { startedAt: ago(99) }, null],
    ['not when it is green', { startedAt: ago(500), health: 'healthy' }, null],
    ['not when it does not run', { startedAt: ago(500), state: 'restarting' }, null],
    ['not when it is asked as declared', { startedAt: ago(500), service: 'db' }, null],
  ])('%s', ([, seen, why]) => {
    expect(new DeclaredLooks(model, paced(model, 2)).givenUp(redis(seen))).toBe(why);
  });

  test('later where each look takes its time to fail', () => {
    const looks = new DeclaredLooks(model, paced(model, 2));
    expect(looks.of(redis({ healthLog: [look(1, 5), look(1, 2)] }), null)).toEqual({
      asDeclared: { seenMs: null, givenUpMs: 105_000 },
    });
    // Two failed looks of 5 s before the last.
    expect(looks.givenUp(redis({ startedAt: ago(109) }))).toBeNull();
    expect(looks.givenUp(redis({ startedAt: ago(111) }))).toMatch(/^turned unhealthy: not green within 110 s/);
  });
});

test('what they would have seen: the first that begins when it serves', () => {
  const looks = new DeclaredLooks(model, paced(model, 2));
  expect(looks.of(redis({ health: 'healthy' }), 31_000)).toEqual({ asDeclared: { seenMs: 60_000, givenUpMs: 90_000 } });
  expect(looks.of(redis({ service: 'db' }), 31_000)).toEqual({});
});
