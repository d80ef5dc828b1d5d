import { describe, expect, test } from 'vitest';
import { foreignStatement } from '../../../../fixtures/data/backup/dump-statements.ts';

describe('what pg_dump writes is taken', () => {
  test.for([
    `CREATE TABLE public."COPY x; DO" (\n    a integer DEFAULT 1\n);\n`,
    `COMMENT ON TABLE public.t IS 'COPY a TO PROGRAM ''x''; COPY b';\n`,
    `COMMENT ON TABLE public.t IS E'\\\\! it''s \\'; COPY b';\n`,
    `CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE plpgsql\n    AS $_$\nBEGIN; COPY t TO PROGRAM 'id'; DO $$x$$; END$_$;\n`,
    `CREATE FUNCTION public.g() RETURNS integer\n    LANGUAGE sql\n    BEGIN ATOMIC\n SELECT 1;\n SELECT 2;\nEND;\n`,
    `CREATE RULE r AS\n    ON INSERT TO public.t DO INSTEAD ( SELECT 1; SELECT 2);\n`,
    `ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n`,
    `SELECT pg_catalog.setval('public.s', 3000, true);\n`,
    `SET standard_conforming_strings = 'on';\n`,
    `-- load via partition root public.t; COPY x`,
    '',
  ])('%j', (definition) => {
    expect(foreignStatement({ definition, load: '' })).toBeNull();
  });

  test.for([
    'COPY public.t (a, "b c", "say ""x""") FROM stdin;\n',
    'COPY public."FROM PROGRAM" (a) FROM stdin;\n',
    'COPY public.nothing  FROM stdin;\n',
    'COPY public.nothing () FROM stdin;\n',
    '',
  ])('%j', (load) => {
    expect(foreignStatement({ definition: '', load })).toBeNull();
  });
});

describe('what it never writes is named', () => {
  test.for([
    [`COPY (SELECT 1) TO PROGRAM 'id';`, "COPY (SELECT 1) TO PROGRAM '"],
    [`CREATE TABLE a(); copy a from '/etc/passwd'`, `copy a from '`],
    [`COMMENT ON TABLE a IS ''; /* ; /* */ */ COPY a FROM stdin;`, 'COPY a FROM stdin'],
    [`-- x\nCOPY a FROM stdin`, 'COPY a FROM stdin'],
    [`\tDO $$BEGIN END$$`, `DO '`],
    [`COMMENT ON TABLE a IS $a$x$a$; LOAD 'x'`, `LOAD '`],
    // A quotation that begins in the word before it is a plain one, in which a backslash is a sign like any other.
    [`SELECT date'\\'; COPY a TO PROGRAM 'id'; --'`, `COPY a TO PROGRAM '`],
    [`SELECT a$b$; COPY a TO PROGRAM 'id'; --$b$`, `COPY a TO PROGRAM '`],
    [`SELECT U&'\\'; COPY a TO PROGRAM 'id'; --'`, `COPY a TO PROGRAM '`],
    ['CALL x()', 'CALL x()'],
    ['ALTER  SYSTEM SET archive_command = a', 'ALTER SYSTEM SET archive_command = a'],
    ['\\! touch x\n', '\\! touch x'],
    [`SET standard_conforming_strings = 'off'`, `SET standard_conforming_strings = '`],
    ['SET standard_conforming_strings = off', 'SET standard_conforming_strings = off'],
  ] as const)('%j', ([definition, statement]) => {
    expect(foreignStatement({ definition, load: '' })).toBe(statement);
  });

  test.for([
    [`COPY t FROM PROGRAM 'id';`, `COPY t FROM PROGRAM '`],
    [`COPY t (a) FROM stdin; COPY (SELECT 1) TO PROGRAM 'id';`, `COPY (SELECT 1) TO PROGRAM '`],
    ['COPY t (a) FROM stdin; COPY u (a) FROM stdin;', 'COPY u (a) FROM stdin'],
    ['COPY (DELETE FROM t) TO stdout;', 'COPY (DELETE FROM t) TO stdout'],
  ] as const)('%j', ([load, statement]) => {
    expect(foreignStatement({ definition: '', load })).toBe(statement);
  });
});
