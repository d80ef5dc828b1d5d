import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { costOf } from '../../../../fixtures/testing/bench/cores.ts';
import { GOALS, missed, type Measured } from '../../../../fixtures/testing/bench/goals.ts';
import { stockDirectory } from '../../../../fixtures/testing/bench/stock-directory.ts';

interface Compose {
  services: Record<
    string,
    { healthcheck?: { interval: string; test: string[] }; depends_on?: Record<string, { condition: string }> }
  >;
}

test('the stock directory has stock intervals, few health checks, and upstreams that are looked up once', () => {
  let dir: string;
  {
    using stock = stockDirectory();
    ({ dir } = stock);
    const { services } = parse(readFileSync(path.join(dir, 'docker-compose.yaml'), 'utf8'), { merge: true }) as Compose;
    const checked = Object.entries(services).flatMap(([name, { healthcheck }]) => (healthcheck ? [name] : []));
    expect(checked.toSorted()).toEqual(['db', 'redis', 'sandbox']);
    expect([services['db']?.healthcheck?.interval, services['redis']?.healthcheck?.interval]).toEqual(['1s', '30s']);
    expect(services['db']?.healthcheck?.test.length).toBeGreaterThan(1);
    const conditions = Object.values(services).flatMap(({ depends_on: on }) => Object.values(on ?? {}));
    expect(conditions.filter(({ condition }) => condition === 'service_healthy')).toEqual([]);
    expect(readFileSync(path.join(dir, 'nginx/conf.d/default.conf.template'), 'utf8')).toContain('http://api:5001');
  }
  expect(existsSync(dir)).toBe(false);
});

test('what the processors did is counted, waiting is not', async () => {
  const busy = await costOf(() => {
    const until = process.cpuUsage().user + 300_000;
    while (process.cpuUsage().user < until);
    return Promise.resolve('done');
  });
  expect(busy.result).toBe('done');
  // The machine counts in hundredths of a second, and others work on it, too: never less than what was done here.
  expect(busy.cost.coreSeconds).toBeGreaterThanOrEqual(0.2);
});

test('a goal that was reached once is missed by more than the noise of a machine, one that was never reached is not', () => {
  const at = (factor: number): Measured[] =>
    GOALS.map(({ name, unit, goal }) => ({ name, [unit]: goal * factor }) as unknown as Measured);
  const all = GOALS.map((goal) => ({ ...goal, reached: true }));
  expect(missed(at(1.1), all)).toEqual([]);
  expect(missed(at(1.2), all).map(({ name }) => name)).toEqual(
    all.filter(({ unit }) => unit === 'coreSeconds').map(({ name }) => name),
  );
  expect(
    missed(
      at(10),
      GOALS.map((goal) => ({ ...goal, reached: false })),
    ),
  ).toEqual([]);
});
