import { expect, test } from 'vitest';
import type { Role } from '../../../../fixtures/model/roles.ts';
import { selectStandIns } from '../../../../fixtures/setup/images/select.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

test.for<[string, Role, string | undefined]>([
  ['pgvector/pgvector:pg16', 'database', 'pgvector'],
  ['registry.example:20050/x/pgvector:pg16', 'vector_store', 'pgvector'],
  ['tensorchord/pgvecto-rs:pg16-v0.3.0', 'vector_store', undefined],
  ['minio/minio:RELEASE.2025-04-22T22-12-26Z', 'object_store', 'minio'],
  ['minio/minio:RELEASE.2023-03-20T20-16-18Z', 'other', undefined],
  ['rustfs/rustfs:latest', 'object_store', undefined],
  ['redis:7', 'sentinel', 'redis'],
  ['bitnami/redis-sentinel:7.2', 'sentinel', undefined],
  ['registry.example:20050/x/engine:1', 'database', 'postgres'],
  ['mysql:8.0', 'database', 'mysql'],
  ['registry.example:20050/x/mysql:8', 'database', 'mysql'],
  ['mariadb:11', 'database', undefined],
  ['oceanbase/oceanbase-ce:4', 'database', undefined],
  ['docker.dragonflydb.io/dragonflydb/dragonfly:v1.25', 'cache', 'redis'],
  ['memcached:1', 'cache', undefined],
  ['pgvector/pgvector:pg16', 'vector_store', 'pgvector'],
  ['own/engine:1', 'other', undefined],
])('%s as a %s: %s', ([image, role, name]) => {
  const { standIns, missing } = selectStandIns(modelOf({ it: { image } }), { it: role });
  expect(standIns['it']?.name).toBe(name);
  expect(missing).toHaveLength(name === undefined ? 1 : 0);
});
