import { describe, expect, test } from 'vitest';
import { compareFingerprints, differenceInWords } from '../../../../fixtures/data/snapshot/compare.ts';
import type { Difference } from '../../../../fixtures/data/snapshot/compare.ts';
import { emptyStores } from '../../../../fixtures/data/snapshot/snapshot.ts';
import type {
  DatabaseSnapshot,
  KeySnapshot,
  RowsSnapshot,
  StackSnapshot,
} from '../../../../fixtures/data/snapshot/snapshot.ts';

type Stores = Required<StackSnapshot>;

const database = (table: string): DatabaseSnapshot => ({
  properties: 'owner postgres, UTF8',
  tables: { [table]: { count: 3, checksum: 'aa' }, 'public.other': { count: 1, checksum: 'ab' } },
  sequences: { 'public.ids': '41' },
  schema: { [table]: 's1', 'public.other': 's2', 'function public.uuid()': 's3' },
  extensions: { 'uuid-ossp': '1.1' },
  largeObjects: { count: 2, checksum: 'ac' },
});

const rows = (table: string): RowsSnapshot => ({
  properties: 'utf8mb4',
  tables: { [table]: { count: 3, checksum: 'ba' }, other: { count: 1, checksum: 'bb' } },
  sequences: { [table]: '9007199254740993' },
  schema: { [table]: 's1', other: 's2' },
});

const stack = (): Stores => ({
  postgres: {
    roles: { postgres: 'superuser', reader: 'login' },
    databases: { dify: database('public.accounts'), dify_plugin: database('public.plugins') },
  },
  mysql: {
    accounts: { "'dify'@'%'": 'GRANT USAGE ON *.*, login aa' },
    databases: { dify: rows('accounts') },
  },
  redis: {
    // As entries: to the compiler `constructor` is no ordinary name.
    '0': Object.fromEntries<KeySnapshot>([
      ['session', { type: 'string', digest: 'r1', ttl: 'long' }],
      ['constructor', { type: 'hash', digest: 'r2', ttl: 'none' }],
    ]),
    '1': { celery: { type: 'list', digest: 'r3', ttl: 'none' } },
  },
  vectors: {
    Vector_index_a: { schema: 'v1', objects: { count: 500, checksum: 'vv' }, answers: { 'query 1': ['x', 'y'] } },
  },
  files: {
    privkeys: { kind: 'd', sizeBytes: 0, sha256: '', uid: 0, gid: 0, mode: '700' },
    'privkeys/ä\n.pem': { kind: 'f', sizeBytes: 9, sha256: 'f1', uid: 0, gid: 0, mode: '600' },
  },
});

test('a snapshot equals itself, also when it went through JSON and its entries come in another order', () => {
  const before = stack();
  const turned = Object.fromEntries(Object.entries(stack()).toReversed());
  expect(compareFingerprints(before, JSON.parse(JSON.stringify(turned)) as StackSnapshot)).toEqual([]);
});

const damage: [string, (after: Stores) => unknown, Difference][] = [
  [
    'one row lost',
    ({ postgres }) => (postgres.databases.dify!.tables['public.accounts'] = { count: 2, checksum: 'a0' }),
    {
      store: 'postgres',
      thing: 'table dify.public.accounts',
      expected: '3 rows (checksum aa)',
      seen: '2 rows (checksum a0)',
    },
  ],
  [
    'one row changed',
    ({ postgres }) => (postgres.databases.dify!.tables['public.accounts']!.checksum = 'a1'),
    {
      store: 'postgres',
      thing: 'table dify.public.accounts',
      expected: '3 rows (checksum aa)',
      seen: '3 rows (checksum a1)',
    },
  ],
  [
    'one table missing',
    ({ postgres }) => {
      delete postgres.databases.dify!.tables['public.accounts'];
      delete postgres.databases.dify!.schema['public.accounts'];
    },
    { store: 'postgres', thing: 'table dify.public.accounts', expected: '3 rows (checksum aa)', seen: 'missing' },
  ],
  [
    'one database missing',
    ({ postgres }) => delete postgres.databases.dify_plugin,
    { store: 'postgres', thing: 'database dify_plugin', expected: '2 tables', seen: 'missing' },
  ],
  [
    'one sequence set back',
    ({ postgres }) => (postgres.databases.dify!.sequences['public.ids'] = '1'),
    { store: 'postgres', thing: 'next value of sequence dify.public.ids', expected: '41', seen: '1' },
  ],
  [
    'one role missing',
    ({ postgres }) => delete postgres.roles.reader,
    { store: 'postgres', thing: 'role reader', expected: 'login', seen: 'missing' },
  ],
  [
    'one index missing',
    ({ postgres }) => (postgres.databases.dify!.schema['public.other'] = 's9'),
    { store: 'postgres', thing: 'schema of dify.public.other', expected: 's2', seen: 's9' },
  ],
  [
    'one extension missing',
    ({ postgres }) => (postgres.databases.dify!.extensions = {}),
    { store: 'postgres', thing: 'extension dify.uuid-ossp', expected: '1.1', seen: 'missing' },
  ],
  [
    'one large object missing',
    ({ postgres }) => (postgres.databases.dify!.largeObjects = { count: 1, checksum: 'a2' }),
    {
      store: 'postgres',
      thing: 'large objects of dify',
      expected: '2 objects (checksum ac)',
      seen: '1 object (checksum a2)',
    },
  ],
  [
    'one row of a MySQL lost',
    ({ mysql }) => (mysql.databases.dify!.tables['accounts'] = { count: 2, checksum: 'b0' }),
    { store: 'mysql', thing: 'table dify.accounts', expected: '3 rows (checksum ba)', seen: '2 rows (checksum b0)' },
  ],
  [
    'one table of a MySQL missing, with its number and its schema',
    ({ mysql }) => {
      for (const of of ['tables', 'sequences', 'schema'] as const) delete mysql.databases.dify![of]['accounts'];
    },
    { store: 'mysql', thing: 'table dify.accounts', expected: '3 rows (checksum ba)', seen: 'missing' },
  ],
  [
    'one number of a MySQL set back',
    ({ mysql }) => (mysql.databases.dify!.sequences['accounts'] = '4'),
    {
      store: 'mysql',
      thing: 'next number of table dify.accounts',
      expected: '9007199254740993',
      seen: '4',
    },
  ],
  [
    'one account of a MySQL missing',
    ({ mysql }) => delete mysql.accounts["'dify'@'%'"],
    { store: 'mysql', thing: "account 'dify'@'%'", expected: 'GRANT USAGE ON *.*, login aa', seen: 'missing' },
  ],
  [
    'one index of a MySQL missing',
    ({ mysql }) => (mysql.databases.dify!.schema['other'] = 's9'),
    { store: 'mysql', thing: 'schema of dify.other', expected: 's2', seen: 's9' },
  ],
  [
    'one key missing, named as every object has a property',
    ({ redis }) => Reflect.deleteProperty(redis['0']!, 'constructor'),
    { store: 'redis', thing: 'key 0/constructor', expected: 'type hash, digest r2, ttl none', seen: 'missing' },
  ],
  [
    'one value changed',
    ({ redis }) => (redis['1']!.celery!.digest = 'r0'),
    { store: 'redis', thing: 'key 1/celery', expected: 'digest r3', seen: 'digest r0' },
  ],
  [
    'one TTL class changed',
    ({ redis }) => (redis['0']!.session!.ttl = 'none'),
    { store: 'redis', thing: 'key 0/session', expected: 'ttl long', seen: 'ttl none' },
  ],
  [
    'one database of Redis missing',
    ({ redis }) => delete redis['1'],
    { store: 'redis', thing: 'database 1', expected: '1 key', seen: 'missing' },
  ],
  [
    'one vector missing',
    ({ vectors }) => (vectors.Vector_index_a!.objects = { count: 499, checksum: 'v0' }),
    {
      store: 'vectors',
      thing: 'objects of class Vector_index_a',
      expected: '500 objects (checksum vv)',
      seen: '499 objects (checksum v0)',
    },
  ],
  [
    'one answer in another order',
    ({ vectors }) => vectors.Vector_index_a!.answers['query 1']!.reverse(),
    { store: 'vectors', thing: 'answer of class Vector_index_a to query 1', expected: 'x y', seen: 'y x' },
  ],
  [
    'one file missing',
    ({ files }) => delete files['privkeys/ä\n.pem'],
    {
      store: 'files',
      thing: 'file privkeys/ä\n.pem',
      expected: 'f, 9 bytes, sha256 f1, 0:0, mode 600',
      seen: 'missing',
    },
  ],
  [
    'one mode changed',
    ({ files }) => (files['privkeys/ä\n.pem']!.mode = '644'),
    { store: 'files', thing: 'file privkeys/ä\n.pem', expected: 'mode 600', seen: 'mode 644' },
  ],
  [
    'one owner changed',
    ({ files }) => (files.privkeys!.uid = 1000),
    { store: 'files', thing: 'file privkeys', expected: 'uid 0', seen: 'uid 1000' },
  ],
  [
    'one file that nobody had',
    ({ files }) => (files.new = { kind: 'f', sizeBytes: 1, sha256: 'f3', uid: 0, gid: 0, mode: '644' }),
    { store: 'files', thing: 'file new', expected: 'not there', seen: 'f, 1 bytes, sha256 f3, 0:0, mode 644' },
  ],
];

describe('deliberate damage is named, and nothing else', () => {
  test.for(damage)('%s', ([, harm, difference]) => {
    const after = stack();
    harm(after);
    expect(compareFingerprints(stack(), after)).toEqual([difference]);
  });

  test.for(['postgres', 'mysql', 'redis', 'vectors', 'files'] as const)('the whole of %s missing', (store) => {
    const after: StackSnapshot = stack();
    delete after[store];
    const differences = compareFingerprints(stack(), after);
    expect(differences.map(differenceInWords)).toEqual([`${store}: the store: expected read, seen missing`]);
  });
});

test('a store that holds nothing is told, so that nothing is never compared with nothing', () => {
  expect(emptyStores(stack())).toEqual([]);
  expect(emptyStores({})).toEqual(['postgres', 'redis', 'vectors', 'files']);
});
