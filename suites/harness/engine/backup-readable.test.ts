import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readMysqlParts } from '../../../fixtures/checks/backup/readable-mysql.ts';
import { readPostgresParts, readRedisPart, type Scratch } from '../../../fixtures/checks/backup/readable.ts';
import { judgeReadable } from '../../../fixtures/checks/backup/verdicts.ts';
import { MANIFEST_FILE } from '../../../fixtures/data/backup/manifest.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';

/** What the plain tools refuse is a verdict on the part, not on the machine. Needs an engine. */
const refs = new Map<string, string>();
const root = mkdtempSync(path.join(os.tmpdir(), 'readable-'));

beforeAll(async () => {
  const wanted = [{ name: 'postgres' }, { name: 'mysql' }, { name: 'redis' }];
  for (const image of await ensureImages(wanted, { progress: () => undefined })) refs.set(image.name, image.ref);
}, 300_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const scratch = (image: string): Scratch => ({
  image: refs.get(image) ?? '',
  service: 'store',
  labels: { 'verify.test': 'readable' },
  before: {},
  asOfMs: Date.now(),
});

/** A backup of these parts, as far as it is read here. */
function backupOf(name: string, parts: { kind: string; of: string; text: string }[]): string {
  const dir = path.join(root, name);
  mkdirSync(dir);
  const now = new Date().toISOString();
  const listed = parts.map(({ kind, of, text }, at) => {
    const file = `part-${at}`;
    writeFileSync(path.join(dir, file), text);
    const sha256 = '0'.repeat(64);
    return { kind, of, file, service: 'store', sizeBytes: text.length, sha256, takenAt: now, counts: {} };
  });
  const head = {
    schema: 1,
    project: 'p',
    stackDir: '/p',
    startedAt: now,
    finishedAt: now,
    consistency: '',
    releases: {},
  };
  writeFileSync(path.join(dir, MANIFEST_FILE), JSON.stringify({ ...head, parts: listed }));
  return dir;
}

test('roles that a plain server refuses, and a dump that it cannot read, are told as what its tools say', async () => {
  const dump = { kind: 'postgres-database', of: 'dify', text: 'no archive of pg_dump' };
  const roles = (text: string) => ({ kind: 'postgres-globals', of: '', text });
  const seen = await Promise.all([
    readPostgresParts(backupOf('roles', [roles('ALTER ROLE nobody LOGIN;\n'), dump]), scratch('postgres')),
    readPostgresParts(backupOf('dump', [roles('CREATE ROLE postgres;\n'), dump]), scratch('postgres')),
  ]);
  expect(seen.map(judgeReadable)).toMatchObject([
    { status: 'fail', message: /the roles do not restore: .*role "nobody" does not exist/ },
    { status: 'fail', message: /database dify does not restore: .*does not appear to be a valid archive/ },
  ]);
}, 120_000);

test('a script and accounts that a plain MySQL refuses, and rows that it did not get, are told', async () => {
  const databases = (text: string) => ({ kind: 'mysql-databases', of: '', text });
  const accounts = (text: string) => ({ kind: 'mysql-accounts', of: '', text });
  const script = 'create database dify; use dify; create table a (id int); insert into a values (1);\n';
  const plugin =
    "CREATE USER IF NOT EXISTS x@'%' IDENTIFIED VIA ed25519 USING 'ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY';\n";
  const rows = { properties: '', tables: { a: { count: 2, checksum: '1' } }, sequences: {}, schema: {} };
  const before = { mysql: { accounts: {}, databases: { dify: rows, dify_plugin: rows } } };
  const seen = await Promise.all([
    readMysqlParts(backupOf('script', [databases(script.replace('(1)', '(1')), accounts('')]), scratch('mysql')),
    readMysqlParts(backupOf('accounts', [databases(script), accounts(plugin)]), scratch('mysql')),
    readMysqlParts(backupOf('rows', [databases(script), accounts('')]), { ...scratch('mysql'), before }),
  ]);
  expect(seen.map(judgeReadable)).toMatchObject([
    { status: 'fail', message: /the script does not restore: .*You have an error in your SQL syntax/ },
    { status: 'fail', message: /the accounts do not restore: ERROR [^\n]*Plugin 'ed25519' is not loaded/ },
    {
      status: 'fail',
      message:
        /^2 differ: mysql: table dify\.a: expected 2 rows .*, seen 1 row .*; mysql: database dify_plugin: expected 1 table, seen missing$/,
    },
  ]);
}, 180_000);

test('an RDB that a plain server cannot load is told by what it said before it ended', async () => {
  // A module's value (type 7), in a file of a version that every server reads.
  const text = 'REDIS0009\u0007no such module';
  const seen = await readRedisPart(backupOf('rdb', [{ kind: 'redis', of: '', text }]), scratch('redis'));
  expect(judgeReadable(seen)).toMatchObject({
    status: 'fail',
    message: /Redis does not come up with its part: .*[Rr][Dd][Bb]/,
  });
}, 120_000);
