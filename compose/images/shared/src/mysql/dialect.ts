/**
 * What the stand-ins' statements, which are PostgreSQL's, are in MariaDB. They are our own, few and known: a statement that is not
 * covered is refused by the server, and a test runs each of them.
 */

/** A statement, or one whose rows have to be found before they are changed. */
export type Translated =
  | { kind: 'nothing' }
  | { kind: 'one'; sql: string }
  /** UPDATE … RETURNING, which MariaDB does not have: the rows are locked, changed and read. */
  | { kind: 'update'; find: string; change: (ids: string) => string; read: (ids: string) => string };

/** Session settings under which the translation holds. */
export const SESSION = [
  `SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO'`,
  `SET SESSION time_zone = '+00:00'`,
  // PostgreSQL's own.
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

export function translated(statement: string, values: readonly unknown[] = []): Translated {
  if (/^CREATE EXTENSION\b/.test(statement)) return { kind: 'nothing' };
  if (isDefinition(statement)) return { kind: 'one', sql: defined(statement) };
  const sql = asQuestion(statement);
  const whole = (part: string) => withValues(part, values);
  const update = /^UPDATE (\w+)(?: (?!SET\b)(\w+))? SET ([^]*?)\sWHERE ([^]*) RETURNING ([^]*)$/.exec(sql);
  if (!update) return { kind: 'one', sql: whole(sql) };
  const [, table = '', alias, set = '', condition = '', columns = ''] = update;
  const named = alias === undefined ? table : `${table} ${alias}`;
  return {
    kind: 'update',
    find: whole(`SELECT id FROM ${named} WHERE ${condition} FOR UPDATE`),
    change: (ids) => `${whole(`UPDATE ${named} SET ${set}`)} WHERE id IN (${ids})`,
    read: (ids) => `SELECT ${columns} FROM ${named} WHERE id IN (${ids})`,
  };
}

const isDefinition = (statement: string): boolean => /^CREATE (TABLE|INDEX)\b/.test(statement);

const TYPES: [RegExp, string][] = [
  [/\buuid\b(?!\s*\(|_)/g, 'char(36)'],
  [/\b(uuid_generate_v4|gen_random_uuid)\(\)/g, '(uuid())'],
  [/\btimestamp(tz)?\b/g, 'datetime(6)'],
  [/\bvarchar\b(?!\s*\()/g, 'varchar(255)'],
  [/\btext\b/g, 'longtext'],
  [/\bjsonb\b/g, 'json'],
  [/\bbytea\b/g, 'longblob'],
  [/\bserial\b/g, 'integer AUTO_INCREMENT'],
];

function defined(statement: string): string {
  return TYPES.reduce((sql, [from, to]) => sql.replaceAll(from, to), reservedQuoted(statement));
}

/** Names of columns that are words of the language in MariaDB. */
function reservedQuoted(statement: string): string {
  return statement.replaceAll(/(?<!["\w])(key|index)(?!["\w])/g, '"$1"');
}

const QUESTIONS: [RegExp, string][] = [
  [/pg_advisory_xact_lock\((.+)\)$/g, 'GET_LOCK(MD5($1), 60)'],
  [/\bhashtext\(/g, 'MD5('],
  [/([\w.]+)::json->>'(\w+)'/g, `JSON_VALUE($1, '$$.$2')`],
  [/::\w+(\[\])?/g, ''],
  [/\bjson_build_object\(/g, 'JSON_OBJECT('],
  [
    /\bto_char\(clock_timestamp\(\) AT TIME ZONE 'UTC', '[^']*'\)/g,
    `DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%d %H:%i:%s.%f')`,
  ],
  [/\bmake_interval\(days => (\$\d+)\)/g, 'INTERVAL $1 DAY'],
  [/ FROM generate_series\(1, (\d+)\) AS n/g, ' FROM (SELECT seq AS n FROM seq_1_to_$1) AS numbers'],
  [/\bpg_database WHERE datname\b/g, 'information_schema.schemata WHERE schema_name'],
  [/^INSERT INTO (?=[^]*\sON CONFLICT \([^)]*\) DO NOTHING$)/g, 'INSERT IGNORE INTO '],
  [/\s+ON CONFLICT \([^)]*\) DO NOTHING$/g, ''],
  // A choice from nothing, under a condition.
  [/(?<=SELECT (?:(?! FROM )[^])*)\s+WHERE NOT EXISTS\b/g, ' FROM DUAL WHERE NOT EXISTS'],
];

function asQuestion(statement: string): string {
  const sql = QUESTIONS.reduce((text, [from, to]) => text.replaceAll(from, to), reservedQuoted(statement));
  // A name for the table of an INSERT, which its RETURNING uses.
  const [, name] = /^INSERT INTO \w+ AS (\w+)\b/.exec(sql) ?? [];
  return name === undefined ? sql : sql.replace(` AS ${name} `, ' ').replaceAll(`${name}.`, '');
}

/** In one pass: a value may look like the place of another. */
function withValues(sql: string, values: readonly unknown[]): string {
  return sql.replaceAll(/= ANY\(\$(\d+)\)|\$(\d+)/g, (_, list: string | undefined, one: string) =>
    list === undefined ? literal(values[Number(one) - 1]) : `IN (${listed(values[Number(list) - 1])})`,
  );
}

const listed = (value: unknown): string =>
  Array.isArray(value) && value.length > 0 ? value.map((one) => literal(one)).join(', ') : 'NULL';

const ESCAPES: Readonly<Record<string, string>> = { '\0': '\\0', "'": "''", '\\': '\\\\' };

/** A value as a text of SQL. Throws for what none of the statements has. */
export function literal(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (value instanceof Date) return `'${value.toISOString().replace('T', ' ').replace('Z', '')}'`;
  if (Buffer.isBuffer(value)) return `X'${value.toString('hex')}'`;
  if (typeof value === 'string')
    return `'${value.replaceAll(/[\0'\\]/g, (character) => ESCAPES[character] ?? character)}'`;
  throw new Error(`no text of SQL for a ${typeof value}`);
}
