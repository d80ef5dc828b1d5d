import { describe, expect, test } from 'vitest';
import { paced, lastLookMs, seenGreenMs } from '../../../fixtures/model/health-schedule.ts';
import type { HealthcheckModel } from '../../../fixtures/model/healthcheck.ts';
import type { StackModel } from '../../../fixtures/model/model.ts';

const STOCK: HealthcheckModel = {
  test: ['CMD', 'true'],
  intervalMs: 30_000,
  timeoutMs: 10_000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 5_000,
};

/** The engine's own loop, step by step (moby, daemon/health.go). Whether it ends unhealthy, and the look that decided. */
function engineSees(check: HealthcheckModel, failingMs: number, servesMs: number): { green: boolean; atMs: number } {
  let now = 0;
  for (let streak = 0; ;) {
    const look = now + (now < check.startPeriodMs ? check.startIntervalMs : check.intervalMs);
    if (look >= servesMs) return { green: true, atMs: look };
    now = look + failingMs;
    if (look >= check.startPeriodMs && ++streak >= check.retries) return { green: false, atMs: now };
  }
}

const CHECKS: [string, HealthcheckModel, number][] = [
  ['stock, fails at once', STOCK, 0],
  ['stock, fails by its time-out', STOCK, 10_000],
  ['a start period', { ...STOCK, startPeriodMs: 60_000 }, 100],
  ['a start period that ends between two looks', { ...STOCK, startPeriodMs: 32_000, startIntervalMs: 10_000 }, 2_000],
  ['a start period shorter than its interval', { ...STOCK, startPeriodMs: 1_000 }, 0],
  ['one try', { ...STOCK, retries: 1, intervalMs: 2_000 }, 300],
];

describe.for(CHECKS)('%s', ([, check, failingMs]) => {
  const last = lastLookMs({ check, failingMs });

  test('a service that serves by the last look is seen when the engine would have', () => {
    for (let servesMs = 0; servesMs <= last; servesMs += 250)
      expect([servesMs, seenGreenMs(servesMs, { check, failingMs })]).toEqual([
        servesMs,
        engineSees(check, failingMs, servesMs).atMs,
      ]);
  });

  test('and one that serves after it is given up', () => {
    expect(engineSees(check, failingMs, last)).toEqual({ green: true, atMs: last });
    expect(engineSees(check, failingMs, last + 1)).toEqual({ green: false, atMs: last + failingMs });
  });
});

describe('asked at other times', () => {
  const model = (checks: Record<string, Partial<HealthcheckModel> | null>, replicas = 1) =>
    ({
      services: Object.fromEntries(
        Object.entries(checks).map(([name, check]) => [
          name,
          { name, replicas, healthcheck: check && { ...STOCK, ...check } },
        ]),
      ),
    }) as unknown as StackModel;

  test.for<[string, Partial<HealthcheckModel> | null, number | undefined]>([
    ['each second at a stock interval', {}, 1_000],
    ['not without a health check', null, undefined],
    ['not where it is asked that often by its own words', { intervalMs: 1_000 }, undefined],
    ['not where its start period has looks of its own', { startPeriodMs: 60_000, startIntervalMs: 1_000 }, undefined],
    ['by the engine’s own five seconds in a start period it is', { startPeriodMs: 60_000 }, 1_000],
    ['less often where a look may take long', { timeoutMs: 30_000 }, 3_000],
  ])('%s', ([, check, everyMs]) => {
    expect(paced(model({ api: check }), 2)['api']?.everyMs).toBe(everyMs);
  });

  test('for all the time that the declared check gives', () => {
    const { api, worker } = paced(model({ api: {}, worker: { startPeriodMs: 500_000 } }), 2);
    expect([api?.forMs, worker?.forMs]).toEqual([120_000, 620_000]);
  });

  test('many health commands do not all begin in one second', () => {
    expect(paced(model({ api: {} }, 20), 2)['api']?.everyMs).toBe(2_000);
    expect(paced(model({ api: {} }, 60), 2)['api']?.everyMs).toBe(12_000);
    expect(paced(model({ api: {} }, 60), 16)['api']?.everyMs).toBe(4_000);
  });

  const OFTEN = { startPeriodMs: 120_000, startIntervalMs: 2_000 };

  test('less often than it says where there are so many that the machine would do nothing else', () => {
    expect(paced(model({ api: OFTEN }, 100), 2)['api']).toEqual({ everyMs: 22_000, forMs: 240_000 });
    expect(paced(model({ api: OFTEN }, 20), 2)['api']).toBeUndefined();
    expect(paced(model({ api: OFTEN }, 100), 64)['api']?.everyMs).toBe(3_000);
  });

  test('but not where a few looks less would give it up', () => {
    const short = { intervalMs: 2_000, startPeriodMs: 10_000, startIntervalMs: 1_000 };
    expect(paced(model({ api: short }, 100), 2)['api']).toBeUndefined();
  });
});
