import { describe, expect, test } from 'vitest';
import type { Convergence } from '../../../fixtures/stack/convergence.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { containerOf } from '../../../fixtures/testing/container-of.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import type { Probes } from '../../../fixtures/engine/probe/probes.ts';
import { asksBroker, isForGood, notConsuming, takers } from '../../../fixtures/stack/serving/consuming.ts';
import { isTold, mustServe, servingContract } from '../../../fixtures/stack/serving/contract.ts';
import { vantageFor } from '../../../fixtures/stack/serving/look.ts';
import { isMigrating } from '../../../fixtures/stack/serving/migrations.ts';
import { patienceMs, tookMs } from '../../../fixtures/stack/serving/wait.ts';

const check = { test: ['CMD', 'true'], interval: '1s', timeout: '3s', retries: 5 };
const model = modelOf({
  db: { image: 'postgres:15-alpine', healthcheck: check },
  redis: { image: 'redis:6-alpine' },
  api: {
    image: 'langgenius/dify-api:1.5.0',
    environment: { MODE: 'api', DIFY_PORT: '5005', REDIS_HOST: 'redis', REDIS_PORT: '6379' },
  },
  worker: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'worker' } },
  worker_beat: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'beat' } },
  web: { image: 'langgenius/dify-web:1.5.0' },
  plugin_daemon: {
    image: 'langgenius/dify-plugin-daemon:0.1.2-local',
    environment: { DIFY_INNER_API_URL: 'http://api:5005' },
    ports: [{ target: 5003, published: '5003' }],
  },
  nginx: { image: 'nginx:latest', ports: [{ target: 80, published: '80' }] },
  certbot: { image: 'certbot/certbot' },
  prepare: { image: 'busybox:latest' },
});
const roles = { ...rolesOf(model), prepare: 'one_shot' as const };
const rendered = {
  nginx: { nginx: 'location / { proxy_pass http://web:3000; } location /e { proxy_pass http://plugin_daemon:5002; }' },
};
const contract = servingContract(model, roles, { rendered });

describe('what serving means', () => {
  test.for([
    ['an api, where others and its own variable put it, by an answer', 'api', [[5005, true, true]]],
    ['a page behind nginx, by an answer', 'web', [[3000, true, true]]],
    [
      'a daemon at the port that nginx names; the published one is not waited for',
      'plugin_daemon',
      [[5002, true, true]],
    ],
    ['a store, by a connection', 'redis', [[6379, false, true]]],
    ['nginx, by a connection: its answers are those of others', 'nginx', [[80, false, true]]],
    ['nothing is known: up when it runs', 'certbot', []],
  ] as const)('%s', ([, service, ports]) => {
    expect(contract[service]?.ports.map(({ port, http, must }) => [port, http, must])).toEqual(ports);
  });

  test('where nobody names a port, the usual one is waited for, and its silence is no fault', () => {
    const alone = servingContract(modelOf({ web: { image: 'langgenius/dify-web:1.5.0' } }), { web: 'web' });
    expect(alone['web']?.ports).toMatchObject([{ port: 3000, http: true, must: false }]);
    expect(mustServe(alone['web'])).toBe(false);
    expect(mustServe(contract['web'])).toBe(true);
  });

  test('a worker has to consume; a beat has only its log; a one-shot is not asked', () => {
    expect(contract['worker']).toMatchObject({ ports: [], consumes: true, migrates: true });
    expect(contract['worker_beat']).toMatchObject({ ports: [], consumes: false, migrates: true });
    expect(contract['prepare']).toBeUndefined();
  });

  test('a health check tells by itself, green before the port serves or not: that is judged by the health suite', () => {
    expect(
      Object.entries(contract)
        .filter(([, sign]) => isTold(sign))
        .map(([name]) => name),
    ).toEqual(['db', 'certbot']);
  });

  test('budgets: of the health check, of the role, of the policy', () => {
    expect(contract['db']?.budgetMs).toBe(20_000);
    expect(contract['api']?.budgetMs).toBe(180_000);
    expect(contract['nginx']?.budgetMs).toBe(60_000);
    expect(servingContract(model, roles, { start: { api: 300_000 } })['api']?.budgetMs).toBe(300_000);
  });
});

describe('a worker consumes', () => {
  // As Redis 6.2 and 8.0 print it, shortened.
  const clients = [
    'id=7 addr=172.20.0.9:49162 laddr=172.20.0.3:6379 fd=8 name= age=3 flags=b db=1 cmd=brpop user=default',
    'id=8 addr=172.20.0.7:40000 laddr=172.20.0.3:6379 fd=9 name= age=3 flags=N db=0 cmd=get user=default',
    'id=9 addr=172.20.0.8:40001 fd=10 name=brpop flags=P db=1 cmd=psubscribe user=default',
    '',
  ].join('\n');

  test('who takes tasks, by its address', () => expect(takers(clients)).toEqual(['172.20.0.9']));

  test.for([
    ['no queue is declared', [], ['172.20.0.9'], 'has declared no queue'],
    ['its queues are declared and it takes from them', ['dataset'], ['172.20.0.9'], null],
    // The bindings of its last life, or of another worker, are still there.
    ['only another worker takes from them', ['dataset'], ['172.20.0.5'], 'takes no task from its queues'],
    ['nobody takes from them', ['dataset'], [], 'takes no task from its queues'],
    ['the broker does not tell who takes', ['dataset'], null, null],
  ] as const)('%s', ([, declared, taking, why]) => {
    const told = { declared: [...declared], taking: taking === null ? null : [...taking] };
    expect(notConsuming(told, ['172.21.0.2', '172.20.0.9'])).toBe(why);
  });
});

describe('a log is about migrations', () => {
  test.for([
    ['', false],
    ['Running migrations\n', true],
    ['Running migrations\nPreparing database migration...\nStarting database migration.', true],
    ['INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.', true],
    ['INFO  [alembic.runtime.migration] Running upgrade  -> 64b051264f32, init', true],
    ['Starting database migration.\nDatabase migration successful!', false],
    ['Preparing database migration...\nDatabase migration skipped', false],
    ['Running migrations\n\n  beat: Starting...\n', false],
  ] as const)('%j: %s', ([log, migrating]) => expect(isMigrating(log)).toBe(migrating));
});

describe('where a container is asked from', () => {
  const api = containerOf('api', 1, { default: '10.0.0.2', inner: '10.1.0.2' });
  const web = containerOf('web', 1, { default: '10.0.0.3' });
  const squid = containerOf('ssrf_proxy', 1, { default: '10.0.0.4', inner: '10.1.0.4' });
  const sandbox = containerOf('sandbox', 1, { inner: '10.1.0.5' });
  const none = { has: () => false };

  test('the one that sees most; one with a probe before; itself where nobody else is', () => {
    expect(vantageFor(web, 'default', { all: [web, api, squid], probes: none }).id).toBe('api1');
    expect(vantageFor(api, 'default', { all: [web, api, squid], probes: { has: ({ id }) => id === 'web1' } }).id).toBe(
      'web1',
    );
    expect(vantageFor(sandbox, 'inner', { all: [web, sandbox], probes: none }).id).toBe('sandbox1');
    const restarting = { ...api, state: 'restarting' };
    expect(vantageFor(web, 'default', { all: [web, restarting, squid], probes: none }).id).toBe('ssrf_proxy1');
  });
});

describe('patience with a service', () => {
  const boot = (service: string, startedMs: number | null, servingMs: number | null) =>
    ({ service, startedMs, servingMs }) as Convergence;
  const convergence = [
    boot('api', 2_000, 12_000),
    boot('api', 2_000, 72_000),
    boot('web', 0, 900),
    boot('db', 0, null),
  ];

  test('follows the slowest replica of the boot, and is its own budget at least', () => {
    expect(tookMs(convergence, 'api')).toBe(70_000);
    expect(tookMs(convergence, 'db')).toBeNull();
    expect(patienceMs({ serving: contract, convergence }, 'api')).toBe(210_000);
    expect(patienceMs({ serving: contract, convergence }, 'web')).toBe(60_000);
    expect(patienceMs({ serving: contract, convergence: [] }, 'api')).toBe(180_000);
  });
});

test('a worker whose own variable names no broker is not waited for', async () => {
  const worker = containerOf('worker', 1, {}, { environment: ['MODE=worker'] });
  const why = (await asksBroker(worker, {} as Probes)) ?? '';
  expect([why, isForGood(why)]).toEqual(['has no broker: CELERY_BROKER_URL is empty', true]);
  expect(isForGood('does not reach its broker redis:6379 (refused)')).toBe(false);
});
