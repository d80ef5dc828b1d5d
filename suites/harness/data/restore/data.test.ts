import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { roleStatements } from '../../../../fixtures/data/backup/roles-script.ts';
import { adaptGlobals, passwordFits } from '../../../../fixtures/data/restore/globals.ts';
import { lostKeys, portOf } from '../../../../fixtures/data/restore/redis.ts';
import { readRestoreOptions } from '../../../../fixtures/cli/restore-options.ts';
import { connection, connectTo } from '../../../../fixtures/data/backup/psql-session.ts';
import { countsDiffer } from '../../../../fixtures/data/restore/restoring.ts';
import { readKeyspace } from '../../../../fixtures/data/restore/redis-server.ts';
import { Cancelled, StackFailed } from '../../../../fixtures/errors.ts';
import { reasonOf } from '../../../../fixtures/data/restore/refused.ts';

// The exchange of RFC 7677, section 3, as PostgreSQL stores it: password "pencil".
const SCRAM =
  'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=';
const md5 = `md5${createHash('md5').update('secretpostgres').digest('hex')}`;

describe('roles', () => {
  const dump = `--
-- Roles; of a cluster
--
\\restrict abcdef

CREATE ROLE "odd;name";
ALTER ROLE "odd;name" WITH NOSUPERUSER LOGIN PASSWORD '${md5}';
COMMENT ON ROLE "odd;name" IS 'it''s
CREATE ROLE postgres;
-- no comment';
CREATE ROLE postgres;
ALTER ROLE postgres WITH SUPERUSER LOGIN PASSWORD '${md5}' VALID UNTIL 'infinity';
ALTER ROLE postgres SET search_path TO E'a\\';b';
GRANT "odd;name" TO postgres;
\\unrestrict abcdef
`;

  test('only the statement that makes a role which is there is left out', () => {
    const { sql, kept, keptPassword } = adaptGlobals(dump, ['postgres'], { role: 'postgres', password: 'secret' });
    expect(kept).toEqual(['postgres']);
    expect(keptPassword).toBeNull();
    expect(roleStatements(sql)).toEqual(
      roleStatements(dump).filter((statement) => statement !== 'CREATE ROLE postgres'),
    );
    expect(roleStatements(sql)).toHaveLength(6);
    expect(sql).toContain("IS 'it''s\nCREATE ROLE postgres;\n-- no comment';");
    expect(sql).not.toMatch(/restrict/);
  });

  test.for([
    ['\\! touch /tmp/x', /^"\\! touch \/tmp\/x" is no statement/],
    ['CREATE ROLE a; \\! touch /tmp/x', /^"\\! touch/],
    ['CREATE ROLE a \\! touch /tmp/x\n;', /^"CREATE ROLE a \\! touch/],
    ['CREATE ROLE a \\gexec', /is no statement/],
    ["\\copy t from program 'id'", /is no statement/],
    ['\\i /etc/passwd', /is no statement/],
    ['SELECT 1 \\g |id', /is no statement/],
    ["COPY t FROM PROGRAM 'id';", /^"COPY t FROM PROGRAM '…'" is no statement that pg_dumpall writes/],
    ["CREATE ROLE a; COPY (SELECT 1) TO '/tmp/x';", /is no statement/],
    ["DO $$BEGIN EXECUTE 'COPY'; END$$;", /is no statement/],
    ['CREATE ROLE :x;', /is no statement/],
    ["SELECT pg_read_file('/etc/passwd');", /is no statement/],
    ["ALTER ROLE a SET search_path TO 'x'::text;", /is no statement/],
    ['SET standard_conforming_strings = off;', /is no statement/],
    ["COMMENT ON ROLE a IS 'x' || pg_read_file('y');", /is no statement/],
    ["COMMENT ON ROLE a IS '\\'; \\! touch /tmp/x'';", /is no statement/],
    ["CREATE ROLE a; COMMENT ON ROLE a IS 'x", /is no statement|are cut/],
    ['CREATE ROLE a', /^the roles end in the middle of "CREATE ROLE a": they are cut/],
    ['CREATE /* x */ ROLE a;', /is no statement/],
    ['CREATE ROLE a; DROP ROLE b;', /^"DROP ROLE b" is no/],
    ["ALTER ROLE a WITH LOGIN PASSWORD 'secret' IN ROLE x;", /^"ALTER ROLE a WITH LOGIN PASSWORD '…' IN ROLE x" is no/],
  ] as const)('what pg_dumpall never writes is not run: %s', ([sql, message]) => {
    expect(() => adaptGlobals(sql, [], { role: 'postgres', password: null })).toThrow(message);
  });

  test.for([
    'ALTER ROLE a WITH NOSUPERUSER INHERIT NOCREATEROLE NOCREATEDB LOGIN NOREPLICATION NOBYPASSRLS CONNECTION LIMIT 5',
    'ALTER ROLE a IN DATABASE "x\ny" SET search_path TO \'a\' , "b" , public',
    'ALTER ROLE "A""b" SET work_mem TO E\'a\\\\b\'',
    'GRANT a TO b WITH ADMIN OPTION , INHERIT FALSE , SET TRUE GRANTED BY "p q"',
    'GRANT SET , ALTER SYSTEM ON PARAMETER work_mem TO a WITH GRANT OPTION',
    'REVOKE ALL ON PARAMETER my . setting FROM PUBLIC',
    "SECURITY LABEL FOR x ON ROLE a IS 'y'",
    'SET SESSION AUTHORIZATION a',
  ])('what pg_dumpall writes is run as it is: %s', (statement) => {
    expect(roleStatements(`${statement};`)).toEqual([statement]);
  });

  test('a backslash in a plain text means itself, whatever the server takes for standard; tablespaces are left out', () => {
    const sql = "CREATE TABLESPACE t OWNER a LOCATION '/x';\nCOMMENT ON ROLE a IS 'c:\\';\n";
    expect(roleStatements(sql)).toEqual(["COMMENT ON ROLE a IS E'c:\\\\'"]);
  });

  test('another password of the target stays, or nobody could log in', () => {
    const { sql, keptPassword } = adaptGlobals(dump, ['postgres'], { role: 'postgres', password: 'another' });
    expect(keptPassword).toBe('postgres');
    expect(sql).toContain(`ALTER ROLE postgres WITH SUPERUSER LOGIN VALID UNTIL 'infinity';`);
    expect(sql).toContain(`ALTER ROLE "odd;name" WITH NOSUPERUSER LOGIN PASSWORD '${md5}';`);
  });

  test.for([
    [md5, 'secret', true],
    [md5, 'Secret', false],
    ['secret', 'secret', true],
    ['SCRAM-SHA-256$broken', 'secret', false],
    [SCRAM, 'pencil', true],
    [SCRAM, 'Pencil', false],
  ] as const)('verifier %#', ([verifier, password, fits]) => {
    expect(passwordFits(verifier, 'postgres', password)).toBe(fits);
  });

  test('the name of a database is a name for clients and for psql, whatever is in it', () => {
    expect(connection("it's\\=x")).toBe(`dbname='it\\'s\\\\=x'`);
    // psql ends a command at the end of its line, whatever quotation is open.
    expect(connectTo('a\nb\rc')).toBe(`\\connect -reuse-previous=on '"dbname=''a\\nb\\rc''"'`);
    // psql takes double quotes away as those of a name.
    expect(connectTo('say "it"')).toBe(`\\connect -reuse-previous=on '"dbname=''say ""it""''"'`);
    expect(connectTo("it's\\=x")).toBe(`\\connect -reuse-previous=on '"dbname=''it\\\\''s\\\\\\\\=x''"'`);
  });
});

describe('keys', () => {
  const space = (keys: number, expires: number) => ({ db0: { keys, expires } });
  test.for([
    ['all there', { db0: 5 }, space(5, 0), space(5, 0), 0, null],
    ['expired before the file was read', { db0: 5 }, space(3, 0), space(3, 0), 2, null],
    ['not read', { db0: 5 }, space(3, 0), space(3, 0), 1, '2 keys of the backup were not read, of which 1 had expired'],
    [
      'a whole database not read',
      { db0: 5, db1: 1 },
      space(5, 0),
      space(5, 0),
      0,
      /1 keys of the backup were not read/,
    ],
    ['expired during the copy', { db0: 5 }, space(5, 2), space(3, 0), 0, null],
    ['lost in the copy', { db0: 5 }, space(5, 1), space(3, 0), 0, 'db0: 3 of 5 keys arrived'],
    ['a database that did not arrive', { db0: 5 }, space(5, 0), {}, 0, 'db0: 0 of 5 keys arrived'],
    ['keys of somebody else', { db0: 5 }, space(5, 0), space(6, 0), 0, 'db0: 6 of 5 keys arrived'],
    ['a file of somebody else', { db0: 5 }, space(6, 0), space(6, 0), 0, 'db0 has 6 keys, the backup 5'],
    ['the server does not tell of expired ones', { db0: 5 }, space(3, 0), space(3, 0), null, null],
    ['a backup without counts', {}, space(3, 0), space(3, 0), 0, null],
  ] as const)('%s', ([, backup, loaded, now, expired, verdict]) => {
    const said = lostKeys(backup, loaded, now, expired);
    if (verdict === null) expect(said).toBeNull();
    else expect(said).toMatch(verdict);
  });

  test('INFO keyspace, with lines that are none', () => {
    const info = new Map([
      ['db0', 'keys=3,expires=1,avg_ttl=0,subexpiry=0'],
      ['dbx', 'keys=1,expires=1'],
    ]);
    expect(readKeyspace(info)).toEqual({ db0: { keys: 3, expires: 1 } });
  });

  test.for([
    [['redis-server', '--port', '7000'], {}, 7000],
    [['sh', '-c', 'exec redis-server --port=7001'], {}, 7001],
    [[], { REDIS_PORT: '7002' }, 7002],
    [[], {}, 6379],
  ] as const)('port %#', ([command, environment, port]) => {
    expect(portOf(command, environment)).toBe(port);
  });
});

test('counts that differ are named, whatever is more is not of the backup', () => {
  expect(countsDiffer({ a: 1, b: 2 }, { a: 1, b: 3, c: 9 }, 'rows')).toEqual(['b: 3 rows, the backup has 2']);
});

test.for([
  [new Error('tar: ./x: Cannot write: No space left on device'), 'machine'],
  [new Error('db: port is already allocated'), 'machine'],
  [new Error('database dify: public.accounts: 1 rows, the backup has 2'), 'backup'],
  [new Cancelled(), 'cancelled'],
  // A service may say what it likes: the type decides.
  [new StackFailed('the restored stack does not come up: api: cancelled, no such image'), 'stack'],
] as const)('whose fault %s is', ([error, reason]) => {
  expect(reasonOf(error)).toBe(reason);
});

describe('flags', () => {
  test('all of them', () => {
    expect(
      readRestoreOptions(
        '--from /b --project p --stack s --file a --file b --env-file e --profile x --force'.split(' '),
      ),
    ).toEqual({
      from: '/b',
      project: 'p',
      stack: 's',
      files: ['a', 'b'],
      envFile: 'e',
      profiles: ['x'],
      force: true,
    });
  });
  test.for([
    [[], /--from DIR is needed/],
    [['--from', '/b'], /--project P is needed/],
    [['--from', '/b', '--project', 'My Stack'], /lower-case/],
    [['--from', '', '--project', 'p'], /--from is empty/],
    [['--from', '/b', '--project', 'p', '--to', 'x'], /--to/],
    [['--from', '/b', '--project', 'p', 'x'], /x/],
  ] as const)('%#', ([args, message]) => {
    expect(() => readRestoreOptions(args)).toThrow(message);
  });
});
