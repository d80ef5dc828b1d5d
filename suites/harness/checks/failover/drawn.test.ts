import { expect, test } from 'vitest';
import { drawnBaseline, drawnScenario } from '../../../../fixtures/checks/failover/drawn.ts';
import type { Baseline, Replica, ScenarioRecord } from '../../../../fixtures/checks/failover/record.ts';
import type { Joined } from '../../../../fixtures/checks/failover/traffic/ledger.ts';

const replica = (name: string, address: string): Replica => ({
  id: name,
  name,
  addresses: { default: address },
  running: true,
  restarts: 0,
});

const request = (sentMs: number, end: Joined['end'], server: string | null) =>
  ({ sentMs, tookMs: 12.4, end, server }) as Joined;

const baseline = { replicas: [replica('api-1', '10.0.0.1')], requests: [request(5.6, 'ok', '10.0.0.1')] } as Baseline;

const scenario = (victims: ScenarioRecord['victims'], requests: Joined[]) =>
  ({
    scenario: 'kill',
    faultMs: 10.4,
    awayUntilMs: 20.6,
    endMs: 30,
    fault: { on: true, proof: 'gone' },
    victims,
    requests,
  }) as unknown as ScenarioRecord;

const moved = (name: string, from: string, to: string) =>
  ({ before: replica(name, from), after: replica(name, to) }) as ScenarioRecord['victims'][number];

test('the undisturbed stack has no fault', () => {
  expect(drawnBaseline('api', baseline)).toEqual({
    scenario: 'baseline',
    service: 'api',
    fault: null,
    endMs: 18,
    replicas: ['api-1 10.0.0.1'],
    requests: [[6, 12, 0, 0]],
  });
});

test('every request says how it ended and who answered, also a replica that an earlier scenario moved', () => {
  const earlier = [scenario([moved('api-2', '10.0.0.2', '10.0.0.8')], [])];
  const record = scenario(
    [moved('api-1', '10.0.0.1', '10.0.0.9')],
    [
      request(1, 'ok', '10.0.0.8'),
      request(2, 'failed', null),
      request(3, 'unknown', '10.0.0.9'),
      request(4, 'ok', '10.9.9.9'),
    ],
  );
  expect(drawnScenario('api', record, { baseline, earlier })).toMatchObject({
    fault: { fromMs: 10, toMs: 21, proof: 'gone' },
    replicas: ['api-2 10.0.0.8', 'api-1 10.0.0.9', '10.9.9.9'],
    requests: [
      [1, 12, 0, 0],
      [2, 12, 1, -1],
      [3, 12, 2, 1],
      [4, 12, 0, 2],
    ],
  });
});
