import { expect, test } from 'vitest';
import { keysOf } from '../../../../fixtures/checks/isolation/obligations-keys.ts';
import { ownKey } from '../../../../fixtures/checks/isolation/own-key.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { judgedHop, reached } from './samples.ts';

test.for([
  ['weaviate', 'one variable for WEAVIATE_API_KEY of worker and AUTHENTICATION_APIKEY_ALLOWED_KEYS of weaviate'],
  ['pgvector', 'one variable for PGVECTOR_PASSWORD of worker and POSTGRES_PASSWORD of weaviate'],
] as const)('a %s that refuses is told with its own variables', ([store, hint]) => {
  const written = { ...reached, problem: 'refused' };
  const verdict = judgedHop('worker-vector-store', {
    kind: 'vector-store',
    seen: { store, written, queried: null, due: '1' },
  });
  expect(verdict).toMatchObject({ status: 'fail', hint });
});

test('two places that both let in are told by the variable of the address', () => {
  const seen = { store: 'pgvector' as const, written: reached, queried: { ...reached, nearest: null }, due: '1' };
  expect(judgedHop('api-vector-store', { kind: 'vector-store', seen })).toMatchObject({
    status: 'fail',
    hint: expect.stringMatching(/^PGVECTOR_HOST of worker .* must be the same store$/) as string,
  });
});

test('vectors in a PostgreSQL are asked for with the password of its own clients', () => {
  const environment = {
    VECTOR_STORE: 'pgvector',
    PGVECTOR_HOST: 'pgvector',
    PGVECTOR_PASSWORD: 'own',
    DB_PASSWORD: 'x',
  };
  const networks = { default: null };
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.5.0', environment, networks },
    pgvector: { image: 'pgvector/pgvector:pg16', networks },
  });
  const keys = keysOf(model, rolesOf(model));
  expect(keys).toMatchObject([{ id: 'isolation/pgvector/key/refused', kind: 'pgvector', port: 5432, used: true }]);
  expect(ownKey('pgvector', environment)).toBe('own');
});
