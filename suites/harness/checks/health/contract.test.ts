import { describe, expect, test } from 'vitest';
import type { Obligation } from '../../../../fixtures/checks/verdict.ts';
import { healthContract } from '../../../../fixtures/checks/health/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const fork = modelOf({
  db: {
    image: 'postgres:15-alpine',
    healthcheck: { test: ['CMD', 'pg_isready'], interval: '1s', timeout: '3s', retries: 60 },
  },
  redis: { image: 'redis:6-alpine', healthcheck: { test: ['CMD', 'redis-cli', 'ping'] } },
  api: {
    image: 'langgenius/dify-api:1.5.0',
    environment: { MODE: 'api', DB_HOST: 'db', DB_PORT: '5432' },
    depends_on: { db: { condition: 'service_healthy' }, redis: { condition: 'service_started' } },
  },
  web: { image: 'langgenius/dify-web:1.5.0', environment: { CONSOLE_API_URL: '' } },
  worker: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'worker' } },
  plugin_daemon: {
    image: 'langgenius/dify-plugin-daemon:0.1.2-local',
    environment: { DIFY_INNER_API_URL: 'http://api:5001' },
    ports: [{ target: 5003, published: '5003' }],
  },
  nginx: {
    image: 'nginx:latest',
    ports: [
      { target: 80, published: '80' },
      { target: 443, published: '443' },
    ],
  },
  init: { image: 'busybox:latest', deploy: { replicas: 1 } },
  off: { image: 'busybox:latest', deploy: { replicas: 0 } },
});

describe('health obligations', () => {
  const rendered = { nginx: { nginx: '# web:9999\nlocation / { proxy_pass http://web:3000; }' } };
  const contract = healthContract(fork, { ...rolesOf(fork), init: 'one_shot', off: 'one_shot' }, rendered);

  test('every long-running service has to come up, a one-shot to end, one without replicas neither', () => {
    expect(contract.converges.map((o) => [o.service, o.budgetMs])).toEqual([
      ['db', 240_000],
      ['redis', 180_000],
      ['api', null],
      ['web', null],
      ['worker', null],
      ['plugin_daemon', null],
      ['nginx', null],
    ]);
    expect(contract.exits.map((o) => o.id)).toEqual(['health/init/exits']);
  });

  test('a promised order is a must; that a health check is waited for is advice', () => {
    expect(contract.order.map((o) => [o.id, o.awaits, o.level])).toEqual([
      ['health/api/order/db', 'healthy', 'must'],
      ['health/api/order/redis', 'healthy', 'advice'],
    ]);
  });

  test('services without a health check answer where others look for them; a worker listens nowhere', () => {
    expect(contract.answers.map((o) => [o.id, o.level])).toEqual([
      ['health/api/answers/5001', 'must'],
      ['health/web/answers/3000', 'must'],
      ['health/plugin_daemon/answers/5003', 'advice'],
      ['health/nginx/answers/80', 'must'],
      ['health/nginx/answers/443', 'advice'],
    ]);
  });

  test('only stores have credentials to be refused, and only services with a command are put to the test', () => {
    expect(contract.truth.map((o) => o.id)).toEqual([
      'health/db/truth/green',
      'health/db/truth/frozen',
      'health/db/truth/gone',
      'health/db/truth/credentials',
      'health/db/truth/password',
      'health/db/truth/recovers',
      'health/redis/truth/green',
      'health/redis/truth/frozen',
      'health/redis/truth/gone',
      'health/redis/truth/credentials',
      'health/redis/truth/recovers',
    ]);
  });

  test('every id is given once', () => {
    const ids = Object.values(contract).flatMap((list) => list.map(({ id }: Obligation) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
