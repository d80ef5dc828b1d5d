import { expect, test } from 'vitest';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import { judgeLogin, loginObligations } from '../../../../fixtures/checks/config/store-logins.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

/** Status and level of what is said of one store. */
function said(service: Record<string, unknown>): string {
  const model = modelOf({ store: service });
  const roles = rolesOf(model);
  return loginObligations(model, roles)
    .map((o) => `${judgeLogin(o, configInputs(model, { roles })).status} ${o.level}`)
    .join();
}

test.for<[string, Record<string, unknown>, string]>([
  ['Redis without a word', { image: 'redis:6-alpine' }, 'fail must'],
  ['Redis with a password', { image: 'redis:6-alpine', command: ['redis-server', '--requirepass', 'x'] }, 'pass must'],
  [
    'Redis with a password in a line of shell',
    { image: 'redis:6', command: ['sh', '-c', 'redis-server --requirepass "$X"'] },
    'pass must',
  ],
  [
    'Redis with users of its own',
    { image: 'redis:7', command: ['redis-server', '--aclfile', '/etc/users.acl'] },
    'pass must',
  ],
  ['Redis with a file of its own', { image: 'redis:7', command: ['redis-server', '/etc/redis.conf'] }, 'skip must'],
  ['Valkey of another registry', { image: 'registry.example:5000/x/valkey:8' }, 'fail must'],
  ['Bitnami with a password', { image: 'bitnami/redis:7', environment: { REDIS_PASSWORD: 'x' } }, 'pass must'],
  ['Bitnami without', { image: 'bitnami/redis:7', environment: { ALLOW_EMPTY_PASSWORD: 'yes' } }, 'fail must'],
  ['PostgreSQL', { image: 'postgres:15-alpine', environment: { POSTGRES_PASSWORD: 'x' } }, 'pass must'],
  [
    'PostgreSQL that trusts',
    { image: 'postgres:15', environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' } },
    'fail must',
  ],
  [
    'pgvector that trusts',
    { image: 'pgvector/pgvector:pg16', environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' } },
    'fail must',
  ],
  ['MySQL', { image: 'mysql:8.0', environment: { MYSQL_ROOT_PASSWORD: 'x' } }, 'pass must'],
  ['MySQL without', { image: 'mysql:8.0', environment: { MYSQL_ALLOW_EMPTY_PASSWORD: 'yes' } }, 'fail must'],
  ['MySQL, said and off', { image: 'mysql:8.0', environment: { MYSQL_ALLOW_EMPTY_PASSWORD: 'no' } }, 'pass must'],
  ['Weaviate without a word', { image: 'semitechnologies/weaviate:1.19.0' }, 'fail must'],
  [
    'Weaviate with keys',
    { image: 'semitechnologies/weaviate:1.19.0', environment: { AUTHENTICATION_APIKEY_ENABLED: 'true' } },
    'pass must',
  ],
  [
    'Weaviate, anonymous',
    {
      image: 'semitechnologies/weaviate:1.19.0',
      environment: { AUTHENTICATION_APIKEY_ENABLED: 'true', AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED: 'true' },
    },
    'fail must',
  ],
  ['Qdrant without a key', { image: 'langgenius/qdrant:v1.8.3' }, 'fail must'],
  ['Qdrant with a key', { image: 'qdrant/qdrant:v1.8.3', environment: { QDRANT__SERVICE__API_KEY: 'x' } }, 'pass must'],
  [
    'OpenSearch, security off',
    { image: 'opensearchproject/opensearch:2', environment: { DISABLE_SECURITY_PLUGIN: 'true' } },
    'fail must',
  ],
  [
    'Elasticsearch, security off',
    { image: 'elasticsearch:8.14.3', environment: { 'xpack.security.enabled': 'false' } },
    'fail must',
  ],
  [
    'Milvus as in Dify’s own files',
    { image: 'milvusdb/milvus:v2.6.3', environment: { 'common.security.authorizationEnabled': 'true' } },
    'pass advice',
  ],
  ['Milvus as it comes', { image: 'milvusdb/milvus:v2.5.15' }, 'fail advice'],
  ['Chroma as it comes', { image: 'chromadb/chroma:0.5.20' }, 'fail advice'],
  ['what is not known', { image: 'example/unknown:1' }, ''],
])('%s', ([, service, expected]) => {
  expect(said(service)).toBe(expected);
});
