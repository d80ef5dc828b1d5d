import { describe, expect, test } from 'vitest';
import { deriveContract } from '../../../../fixtures/checks/contract.ts';
import { enclose } from '../../../../fixtures/model/outside/enclose.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { usualPort } from '../../../../fixtures/model/topology/endpoints.ts';
import { idleStores } from '../../../../fixtures/model/topology/idle-stores.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const on = { networks: { default: null } };
const STORES = {
  db: { image: 'postgres:15-alpine', ...on },
  redis: { image: 'redis:6-alpine', ...on },
  weaviate: { image: 'semitechnologies/weaviate:1.19.0', ...on },
};
const LOGIN = { DB_USERNAME: 'u', DB_PASSWORD: 'p', DB_DATABASE: 'dify', REDIS_PASSWORD: 'r', WEAVIATE_API_KEY: 'k' };

function stack(environment: object, more: Record<string, object> = {}) {
  const api = { image: 'langgenius/dify-api:1.5.0', environment: { MODE: 'api', ...LOGIN, ...environment }, ...on };
  const nginx = { image: 'nginx:1.28', ports: [{ target: 80, published: '80', protocol: 'tcp' }], ...on };
  return modelOf({ nginx, api, ...STORES, ...more });
}
const idleIn = (...given: Parameters<typeof stack>) => {
  const model = stack(...given);
  return idleStores(model, rolesOf(model)).map(({ service, instead }) => `${service}: ${instead.join(' ')}`);
};

describe('a store of the stack stands idle where all its clients are led elsewhere', () => {
  const WEAVIATE = { VECTOR_STORE: 'weaviate', WEAVIATE_ENDPOINT: 'http://weaviate:8080' };
  const INSIDE = { DB_HOST: 'db', REDIS_HOST: 'redis', ...WEAVIATE };
  const publishing = { db: { ...STORES.db, ports: [{ target: 5432, published: '5432', protocol: 'tcp' }] } };

  test.for<[string, Parameters<typeof stack>, string[]]>([
    ['all inside', [INSIDE], []],
    ['nothing is named, so nothing is known', [{}], []],
    [
      'all outside',
      [
        {
          DB_HOST: 'db.example.com',
          REDIS_HOST: '10.0.0.7',
          REDIS_PORT: '6380',
          VECTOR_STORE: 'weaviate',
          WEAVIATE_ENDPOINT: 'http://v.example.com:8080',
        },
      ],
      ['db: db.example.com:5432', 'redis: 10.0.0.7:6380', 'weaviate: v.example.com:8080'],
    ],
    [
      'sentinels, of which each may name any Redis',
      [
        { ...INSIDE, REDIS_HOST: '', REDIS_USE_SENTINEL: 'true', REDIS_SENTINELS: 'sentinel:26379' },
        { sentinel: { image: 'redis:7', command: ['redis-sentinel', '/s.conf'], ...on } },
      ],
      [],
    ],
    [
      'MySQL outside',
      [{ ...INSIDE, DB_TYPE: 'mysql', DB_HOST: 'my.example.com', DB_PORT: '3306' }],
      ['db: my.example.com:3306'],
    ],
    [
      'another vector store outside',
      [{ ...INSIDE, VECTOR_STORE: 'qdrant', QDRANT_URL: 'https://q.example.com:6333' }],
      ['weaviate: q.example.com:6333'],
    ],
    [
      'one of its clients is still led to it',
      [{ ...INSIDE, DB_HOST: 'db.example.com' }, { tool: { image: 'tool', environment: { PGHOST: 'db' }, ...on } }],
      [],
    ],
    ['the host, at a port that the store publishes', [{ ...INSIDE, DB_HOST: 'host.docker.internal' }, publishing], []],
    [
      'the host, at another port',
      [{ ...INSIDE, DB_HOST: 'host.docker.internal', DB_PORT: '6432' }, publishing],
      ['db: host.docker.internal:6432'],
    ],
    [
      'a name outside, whatever the store publishes',
      [{ ...INSIDE, DB_HOST: 'db.example.com' }, publishing],
      ['db: db.example.com:5432'],
    ],
  ])('%s', ([, given, idle]) => {
    expect(idleIn(...given)).toEqual(idle);
  });
});

test('the first use, the backup and the keys are about the store that is used', () => {
  const read = stack({
    DB_HOST: 'db.example.com',
    REDIS_HOST: '10.0.0.7',
    VECTOR_STORE: 'weaviate',
    WEAVIATE_ENDPOINT: 'http://v.example.com:8080',
  });
  const { model, said } = enclose(read, rolesOf(read), { allow: [] });
  const { datapath, backup, isolation } = deriveContract(model, { read });
  const used = { database: 'db.example.com', cache: 'outside-10-0-0-7', vectorStore: 'v.example.com' };
  expect(datapath.parts).toMatchObject(used);
  expect(datapath.hops.find(({ id }) => id === 'datapath/hop/api-database')?.to).toBe('db.example.com');
  expect(backup.subject).toMatchObject({
    database: { kind: 'postgres', service: used.database },
    redis: { service: used.cache },
    vectors: { service: used.vectorStore },
  });
  expect(isolation.keys.map(({ service, used: asked }) => [service, asked])).toEqual([
    ['db', false],
    ['redis', false],
    ['weaviate', false],
  ]);
  expect(said).toContain(
    'redis is used by no service of the stack: they use 10.0.0.7:6379; datapath and backup leave it out',
  );
});

test.for<[string, object, string, number]>([
  ['an option', { command: ['redis-server', '--port', '6390'] }, 'redis', 6390],
  [
    'a variable of its own',
    { command: ['sh', '-c', 'redis-server --port $$REDIS_PORT'], environment: { REDIS_PORT: '6391' } },
    'redis',
    6391,
  ],
  ['neither', { command: ['redis-server'] }, 'redis', 6379],
  ['postgres -c port=', { command: ['postgres', '-c', 'port=6432'] }, 'db', 6432],
  ['postgres -p', { command: ['postgres', '-p', '6433'] }, 'db', 6433],
  ['PGPORT', { environment: { PGPORT: '6434' } }, 'db', 6434],
  ['weaviate', { command: ['--host', '0.0.0.0', '--port', '8081', '--scheme', 'http'] }, 'weaviate', 8081],
])('where a store listens, by %s', ([, more, name, port]) => {
  const model = stack({}, { [name]: { ...STORES[name as 'db'], ...more } });
  const service = model.services[name];
  expect(service && usualPort(service, rolesOf(model)[name] ?? 'other')).toBe(port);
});
