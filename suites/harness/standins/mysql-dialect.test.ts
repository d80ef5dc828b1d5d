import { expect, test } from 'vitest';
import { literal, translated } from '../../../compose/images/shared/src/mysql/dialect.ts';

const sql = (statement: string, values: unknown[] = []) => {
  const seen = translated(statement, values);
  return seen.kind === 'one' ? seen.sql : seen.kind;
};

test.for<[string, unknown[], string]>([
  ['SELECT id FROM accounts WHERE id = $1::uuid', ['a'], `SELECT id FROM accounts WHERE id = 'a'`],
  // A value that looks like the place of another is a value.
  ['SELECT $1, $2', ['$2', 'it’s'], `SELECT '$2', 'it’s'`],
  ['SELECT id FROM d WHERE d.id = ANY($1::uuid[])', [['a', 'b']], `SELECT id FROM d WHERE d.id IN ('a', 'b')`],
  ['SELECT id FROM d WHERE d.id = ANY($1)', [[]], 'SELECT id FROM d WHERE d.id IN (NULL)'],
  [`SELECT d.info::json->>'k' AS "k"`, [], `SELECT JSON_VALUE(d.info, '$.k') AS "k"`],
  ['SELECT pg_advisory_xact_lock($1)', [7], 'SELECT GET_LOCK(MD5(7), 60)'],
  ['SELECT pg_advisory_xact_lock(hashtext($1))', ['a'], `SELECT GET_LOCK(MD5(MD5('a')), 60)`],
  ['SELECT key FROM upload_files', [], 'SELECT "key" FROM upload_files'],
  ['INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING', [1], 'INSERT IGNORE INTO t (a) VALUES (1)'],
  ['INSERT INTO t AS w (a) VALUES ($1) RETURNING w.a', ['w.b'], `INSERT INTO t (a) VALUES ('w.b') RETURNING a`],
  [
    'INSERT INTO t (a) SELECT $1::text WHERE NOT EXISTS (SELECT 1 FROM t)',
    ['x'],
    `INSERT INTO t (a) SELECT 'x' FROM DUAL WHERE NOT EXISTS (SELECT 1 FROM t)`,
  ],
  ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp"', [], 'nothing'],
  [
    'CREATE TABLE IF NOT EXISTS t (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), key varchar, at timestamp, b bytea)',
    [],
    'CREATE TABLE IF NOT EXISTS t (id char(36) PRIMARY KEY DEFAULT (uuid()), "key" varchar(255), at datetime(6), b longblob)',
  ],
])('%s', ([statement, values, expected]) => expect(sql(statement, values)).toBe(expected));

test('a change that returns its rows is three statements, whatever its values say', () => {
  const seen = translated('UPDATE api_tokens t SET a = $2 WHERE t.token = $1 RETURNING id, a AS "b"', [
    'x WHERE y RETURNING z',
    'new',
  ]);
  if (seen.kind !== 'update') throw new Error(seen.kind);
  expect([seen.find, seen.change(`'1'`), seen.read(`'1'`)]).toEqual([
    `SELECT id FROM api_tokens t WHERE t.token = 'x WHERE y RETURNING z' FOR UPDATE`,
    `UPDATE api_tokens t SET a = 'new' WHERE id IN ('1')`,
    `SELECT id, a AS "b" FROM api_tokens t WHERE id IN ('1')`,
  ]);
});

test.for<[unknown, string]>([
  [`a'b\\c\0`, `'a''b\\\\c\\0'`],
  [true, 'TRUE'],
  [undefined, 'NULL'],
  [1.5, '1.5'],
  [new Date('2026-01-02T03:04:05.006Z'), `'2026-01-02 03:04:05.006'`],
  [Buffer.from([0, 255]), `X'00ff'`],
])('the value %j', ([value, expected]) => expect(literal(value)).toBe(expected));

test('a value that no statement has is refused', () => {
  expect(() => literal({})).toThrow('no text of SQL for a object');
});
