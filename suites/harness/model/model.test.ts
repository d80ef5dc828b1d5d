import { describe, expect, test } from 'vitest';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { durationMs } from '../../../fixtures/model/duration.ts';
import { healthBudgetMs } from '../../../fixtures/model/healthcheck.ts';
import { parseRaw } from '../../../fixtures/model/model.ts';

describe('durations of compose', () => {
  test.for([
    ['1m30s', 90_000],
    ['500ms', 500],
    ['1h', 3_600_000],
    ['1.5s', 1500],
    ['0s', 0],
  ] as const)('%s is %d ms', ([text, ms]) => expect(durationMs(text)).toBe(ms));

  test.for(['', '5', 'soon', '1s2', '-1s'])('"%s" is refused with an example', (text) => {
    expect(() => durationMs(text)).toThrow(/not a duration.*for example 1m30s/);
  });
});

describe('the model', () => {
  test('a doubled dollar of the finished model is one dollar to the service', () => {
    const { services } = modelOf({ nginx: { entrypoint: ['sh', '-c', "sed 's/\\r$$//'"], environment: { A: '$$x' } } });
    expect(services['nginx']?.entrypoint?.[2]).toBe("sed 's/\\r$//'");
    expect(services['nginx']?.environment['A']).toBe('$x');
  });

  test('the defaults of a health check are the engine’s', () => {
    const { services } = modelOf({ redis: { healthcheck: { test: ['CMD', 'redis-cli', 'ping'] } } });
    const check = services['redis']?.healthcheck;
    expect(check).toMatchObject({ intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startPeriodMs: 0 });
    expect(check && healthBudgetMs(check)).toBe(180_000);
  });

  test.for([{ test: ['NONE'] }, { disable: true, test: ['CMD', 'true'] }, {}])(
    '%o is no health check',
    (healthcheck) => {
      expect(modelOf({ api: { healthcheck } }).services['api']?.healthcheck).toBeNull();
    },
  );

  test('a dependency on a service of another profile is none', () => {
    const depends = {
      db: { condition: 'service_healthy' },
      other_db: { condition: 'service_healthy', required: false },
    };
    const { services, raw } = modelOf({ api: { image: 'x', depends_on: depends }, db: { image: 'postgres:15' } });
    expect(services['api']?.dependsOn.map(({ service }) => service)).toEqual(['db']);
    // The staged copy is made from the raw model: compose refuses a dependency that is not there.
    expect(Object.keys(raw.services['api']?.depends_on ?? {})).toEqual(['db']);
  });

  test('a shape that is not compose’s is refused with the key', () => {
    expect(() => parseRaw({ services: { api: { ports: [{ target: 'x' }] } } })).toThrow(
      /services\.api\.ports\.0\.target/,
    );
  });
});

describe('roles', () => {
  test.for([
    [{ image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api' } }, 'anything', 'api'],
    [{ image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'worker' } }, 'anything', 'worker'],
    [{ image: 'langgenius/dify-api:1.11.1', environment: { MODE: 'beat' } }, 'worker_beat', 'worker_beat'],
    [{ image: 'someone/fork-web:latest' }, 'web', 'web'],
    [{ image: 'registry.test:5000/team/api@sha256:0', environment: { MODE: 'worker' } }, 'jobs', 'worker'],
    [{ image: 'postgres:15-alpine' }, 'db_postgres', 'database'],
    [{ image: 'ubuntu/squid:latest' }, 'ssrf_proxy', 'ssrf_proxy'],
    [{ image: 'semitechnologies/weaviate:1.19.0' }, 'weaviate', 'vector_store'],
    [{ image: 'redis:8-alpine', command: ['redis-sentinel', '/etc/redis/sentinel.conf'] }, 'redis', 'sentinel'],
    [{ image: 'redis:7', command: ['redis-server', '/s.conf', '--sentinel'] }, 'sentinel-1', 'sentinel'],
    [{ image: 'valkey/valkey:8', entrypoint: ['sh', '-c', 'exec valkey-sentinel /s.conf'] }, 'watch', 'sentinel'],
    [{ image: 'bitnami/redis-sentinel:7.2' }, 'redis-sentinel', 'sentinel'],
    [{ image: 'redis:7', command: ['redis-server', '--replicaof', 'redis-master', '6379'] }, 'replica', 'cache'],
    [{ image: 'redis:7', command: ['sh', '-c', 'redis-server /sentinel/redis.conf'] }, 'redis', 'cache'],
    [{ image: 'pgvector/pgvector:pg16' }, 'pgvector', 'vector_store'],
    [{ image: 'busybox:latest' }, 'init_permissions', 'one_shot'],
    [{ image: 'busybox:latest', restart: 'always' }, 'init_permissions', 'one_shot'],
    [{ image: 'alpine:3', restart: 'on-failure' }, 'seed', 'one_shot'],
    [{ image: 'alpine:3', restart: 'unless-stopped' }, 'reports', 'other'],
    [{ image: 'busybox:1.36', healthcheck: { test: ['CMD', 'true'] } }, 'reports', 'other'],
    [{ image: 'langgenius/dify-agent-backend:1.16.1' }, 'agents', 'agent_backend'],
    [{ image: 'fork/shells:1' }, 'local_sandbox', 'agent_sandbox'],
    [{ image: 'example/grafana:1' }, 'grafana', 'other'],
  ] as const)('%o as %s is %s', ([service, name, role]) => {
    expect(rolesOf(modelOf({ [name]: service }))[name]).toBe(role);
  });

  test('what others wait for to complete is a one-shot, whatever its image', () => {
    const model = modelOf({
      migrate: { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api' } },
      api: { image: 'x', depends_on: { migrate: { condition: 'service_completed_successfully' } } },
    });
    expect(rolesOf(model)['migrate']).toBe('one_shot');
  });

  const clients = { api: { image: 'langgenius/dify-api:1.15.0', environment: { DB_HOST: 'db', REDIS_HOST: 'store' } } };
  test('what keeps the files of api by S3 is an object store, whatever its image', () => {
    const environment = { STORAGE_TYPE: 's3', S3_ENDPOINT: 'http://files:9000' };
    const api = (more = {}) => ({ image: 'langgenius/dify-api:1.15.0', environment: { ...environment, ...more } });
    const files = { image: 'minio/minio:latest' };
    expect(rolesOf(modelOf({ api: api(), files }))['files']).toBe('object_store');
    // That of Milvus, which no service of Dify is led to.
    expect(rolesOf(modelOf({ api: api({ STORAGE_TYPE: 'opendal' }), files }))['files']).toBe('other');
    expect(rolesOf(modelOf({ api: api({ S3_ENDPOINT: 'https://s3.example.com' }), files }))['files']).toBe('other');
  });

  const DRAGONFLY = 'docker.dragonflydb.io/dragonflydb/dragonfly:v1.25';
  test.for<[string, string, string, object]>([
    ['db', 'pgvector/pgvector:pg16', 'database', {}],
    ['pgvector', 'pgvector/pgvector:pg16', 'vector_store', {}],
    ['db', 'registry.example:20050/x/engine:1', 'database', {}],
    ['backend', 'registry.example/engine:1', 'database', { networks: { default: { aliases: ['db'] } } }],
    ['store', DRAGONFLY, 'cache', {}],
    ['store', 'nginx:1', 'nginx', {}],
    ['other', DRAGONFLY, 'other', {}],
  ])('%s of %s is a %s by what its clients use it for', ([name, image, role, more]) => {
    expect(rolesOf(modelOf({ ...clients, [name]: { image, ...more } }))[name]).toBe(role);
  });
});
