import { Redis } from 'ioredis';
import pg from 'pg';
import { GenericContainer, Wait } from 'testcontainers';
import { beforeAll, expect, test } from 'vitest';
import { compareFingerprints } from '../../../fixtures/data/snapshot/compare.ts';
import type { StackSnapshot } from '../../../fixtures/data/snapshot/snapshot.ts';
import { MysqlSession } from '../../../fixtures/data/backup/mysql-session.ts';
import { fillMysql } from '../../../fixtures/data/snapshot/fill-mysql.ts';
import { readMysql } from '../../../fixtures/data/snapshot/mysql.ts';
import { FILL_CLASS, fillPostgres, fillRedis, fillVectors } from '../../../fixtures/data/snapshot/fill.ts';
import { readDatabase, readPostgres, readRoles } from '../../../fixtures/data/snapshot/postgres.ts';
import { readRedis } from '../../../fixtures/data/snapshot/redis.ts';
import { ask, readVectors, WeaviateStore } from '../../../fixtures/data/snapshot/vectors.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';

/** The readers see damage in real stores. Needs an engine. */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';

const refs = new Map<string, string>();

beforeAll(async () => {
  const wanted = [{ name: 'postgres' }, { name: 'mysql' }, { name: 'redis' }, { name: 'weaviate' }];
  for (const image of await ensureImages(wanted, { progress: () => undefined })) refs.set(image.name, image.ref);
}, 300_000);

const told = (before: StackSnapshot, after: StackSnapshot) =>
  compareFingerprints(before, after).map(({ thing }) => thing);

test('PostgreSQL: one row, one sequence, one role, one table, one large object', async () => {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  await using container = await new PostgreSqlContainer(refs.get('postgres') ?? '').start();
  const client = new pg.Client(container.getConnectionUri());
  await client.connect();
  const read = async (): Promise<StackSnapshot> => ({
    postgres: { roles: await readRoles(client), databases: { d: await readDatabase(client) } },
  });
  await fillPostgres(client);
  const before = await read();
  expect(before.postgres?.databases['d']?.sequences).toMatchObject({
    'public.verify_fill_far': '9007199254740994',
    'public.verify_fill_tens': '75',
    'public.verify_fill_untouched': '1',
  });
  await client.query('set timezone = "Asia/Tokyo"');
  await client.query('set bytea_output = escape');
  await client.query('update verify_fill_texts set body = body');
  expect(told(before, await read())).toEqual([]);
  await client.query(`update verify_fill_texts set body = body || ' ' where id = 7`);
  await client.query(`select nextval('verify_fill_tens')`);
  await client.query('create role later');
  await client.query('drop table verify_fill_blobs');
  await client.query('select lo_unlink(min(oid)) from pg_largeobject_metadata');
  expect(told(before, await read())).toEqual([
    'role later',
    'table d.public.verify_fill_blobs',
    'table d.public.verify_fill_texts',
    'next value of sequence d.public.verify_fill_tens',
    'large objects of d',
  ]);
  await client.end();
  const clients: pg.Client[] = [];
  const whole = await readPostgres(async (database) => {
    const one = new pg.Client({ connectionString: container.getConnectionUri(), database });
    await one.connect();
    clients.push(one);
    return one;
  });
  await Promise.all(clients.map((one) => one.end()));
  expect(whole.roles).toHaveProperty('later');
  expect(Object.keys(whole.databases)).toEqual(['postgres', 'test']);
});

test('MySQL: one row, one number, one account, one table, one view, one index', async () => {
  await using container = await new GenericContainer(refs.get('mysql') ?? '')
    .withEnvironment({ MYSQL_ROOT_PASSWORD: 'own', MYSQL_DATABASE: 'd', MYSQL_USER: 'dify', MYSQL_PASSWORD: 'made' })
    .withWaitStrategy(Wait.forLogMessage(/port: 3306\b/))
    .start();
  const server = { service: 'db', container: container.getId(), env: ['MYSQL_PWD=own'] };
  await using session = await MysqlSession.open(server);
  const ask = (...statements: string[]) => session.rows(...statements);
  const leaveOut = { verify_fill_texts: { column: 'body', begins: 'left out' } };
  const read = async (): Promise<StackSnapshot> => ({ mysql: await readMysql(ask, { leaveOut, made: ['dify'] }) });
  await fillMysql(ask, 'd');
  await fillMysql(ask, 'd');
  const before = await read();
  const d = before.mysql?.databases['d'];
  expect(Object.keys(before.mysql?.databases ?? {})).toEqual(['d']);
  expect(Object.values(d?.tables ?? {}).map(({ count }) => count)).toEqual([2000, 2000, 0, 2000]);
  expect(d?.sequences['verify_fill_far']).toBe('9007199254740993');
  expect(Object.keys(before.mysql?.accounts ?? {})).toEqual(["'dify'@'%'", "'verify_fill\\'s'@'%'"]);
  // What a session sets, what a row that is written again is, and what is left out do not show.
  await ask("set time_zone = '+09:00'", 'update d.verify_fill_texts set body = body');
  await ask(
    "insert into d.verify_fill_texts (id, body) values (1000, 'left out 1') on duplicate key update body = 'left out 1'",
  );
  await ask("alter user 'dify'@'%' identified by 'another'");
  const without = await read();
  // One row fewer is counted; that password is the environment's.
  expect(without.mysql?.databases['d']?.tables['verify_fill_texts']?.count).toBe(1999);
  expect(told(before, without)).toEqual(['table d.verify_fill_texts']);
  await ask(
    "update d.verify_fill_texts set body = concat(body, ' ') where id = 7",
    'delete from d.verify_fill_blobs limit 1',
  );
  await ask(
    'insert into d.verify_fill_far values (null)',
    'create view d.seen as select 1',
    'alter table d.verify_fill_documents drop foreign key verify_fill_documents_ibfk_1',
  );
  await ask("drop user 'verify_fill''s'@'%'", 'create database later', "grant select on later.* to 'dify'@'%'");
  expect(told(without, await read())).toEqual([
    "account 'dify'@'%'",
    "account 'verify_fill\\'s'@'%'",
    'table d.verify_fill_blobs',
    'table d.verify_fill_far',
    'table d.verify_fill_texts',
    'next number of table d.verify_fill_far',
    'schema of d.verify_fill_documents',
    'schema of d.view seen',
    'database later',
  ]);
  await expect(ask('select 1', 'select nothing')).rejects.toThrow(/Unknown column 'nothing'/);
});

test('Redis: one key, one member, one TTL class, one database', async () => {
  const { RedisContainer } = await import('@testcontainers/redis');
  await using container = await new RedisContainer(refs.get('redis') ?? '').start();
  const client = new Redis({ host: container.getHost(), port: container.getPort() });
  const asOfMs = Date.now();
  const read = async (): Promise<StackSnapshot> => ({ redis: await readRedis(client, { asOfMs }) });
  await fillRedis(client);
  const before = await read();
  expect(told(before, await read())).toEqual([]);
  expect(Object.keys(before.redis?.['1'] ?? {})).toHaveLength(9 * 20);
  await client.del('verify_fill:3:string');
  await client.srem('verify_fill:4:set', 'ü 4 1');
  await client.persist('verify_fill:5:long');
  await client.xack('verify_fill:6:stream', 'readers', '1700000000006-1');
  await client.select(1);
  await client.flushdb();
  expect(told(before, await read())).toEqual([
    'key 0/verify_fill:3:string',
    'key 0/verify_fill:4:set',
    'key 0/verify_fill:5:long',
    'key 0/verify_fill:6:stream',
    'database 1',
  ]);
  client.disconnect();
});

test('vector store: one vector', async () => {
  await using container = await new GenericContainer(refs.get('weaviate') ?? '')
    .withEnvironment({
      PERSISTENCE_DATA_PATH: '/var/lib/weaviate',
      DEFAULT_VECTORIZER_MODULE: 'none',
      CLUSTER_HOSTNAME: 'node1',
      AUTHENTICATION_APIKEY_ENABLED: 'true',
      AUTHENTICATION_APIKEY_ALLOWED_KEYS: 'right',
      AUTHENTICATION_APIKEY_USERS: 'dify',
    })
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp('/v1/.well-known/ready', 8080))
    .start();
  const store = { url: `http://${container.getHost()}:${container.getMappedPort(8080)}`, key: 'right' };
  const read = async (): Promise<StackSnapshot> => ({ vectors: await readVectors(store) });
  await fillVectors(new WeaviateStore(store));
  const before = await read();
  expect(before.vectors?.[FILL_CLASS]?.objects.count).toBe(500);
  expect(before.vectors?.[FILL_CLASS]?.answers['query 5']).toHaveLength(10);
  expect(told(before, await read())).toEqual([]);
  const [id] = before.vectors?.[FILL_CLASS]?.answers['query 1'] ?? [];
  await ask(store, '/v1/batch/objects', {
    objects: [{ class: FILL_CLASS, id, properties: { text: 'Grüße 世界', position: 0 }, vector: Array(32).fill(0.5) }],
  });
  expect(told(before, await read())).toContain(`objects of class ${FILL_CLASS}`);
  await expect(readVectors({ ...store, key: 'wrong' })).rejects.toThrow(/gave 401/);
});
