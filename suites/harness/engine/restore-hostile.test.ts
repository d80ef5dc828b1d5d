import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupProject } from '../../../fixtures/data/backup/backup.ts';
import type { Manifest } from '../../../fixtures/data/backup/manifest.ts';
import { openProject } from '../../../fixtures/data/backup/open-project.ts';
import { restoreBackup } from '../../../fixtures/data/restore/restore.ts';
import { docker } from '../../../fixtures/engine/cli.ts';
import { run, sql } from '../../../fixtures/testing/data-state.ts';
import { dataStack, down } from '../../../fixtures/testing/data-stack.ts';
import { forgedBackup, withBytes } from '../../../fixtures/testing/forged-backup.ts';
import { rawTar, type RawEntry } from '../../../fixtures/testing/raw-tar.ts';

/** Needs an engine. A backup of odd names and a huge sparse file; then backups that somebody made to do harm. */
const tag = randomBytes(3).toString('hex');
const labels = { 'verify.test': tag };
const SPARSE_BYTES = 5 * 1024 ** 3;
const PADDING = 'X'.repeat(200);
const stacks: Awaited<ReturnType<typeof dataStack>>[] = [];
let probe: string;
let work: string;
let backup: string;
let manifest: Manifest;

/** Names as PostgreSQL takes them: any signs but NUL, 63 bytes. */
const odd = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\n',
        '\r',
        '\t',
        '"',
        "'",
        '\\',
        '=',
        ' ',
        '$',
        ';',
        '-',
        '/',
        '.',
        '%',
        '`',
        '!',
        '\\!',
        'ü',
        '🙂',
      ),
      fc.stringMatching(/^[a-zA-Z0-9_]$/),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((signs) => signs.join(''));
const NAMES = [
  'a\nb',
  'say "it"',
  "it's \\ = x",
  '\\! touch /tmp/owned\n\\q',
  "dbname='postgres'",
  '-U postgres',
  '$(id)`id`',
  ...new Set(fc.sample(odd, { seed: 11, numRuns: 5 })),
];
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

const options = (told: string[] = []) => ({
  force: false,
  progress: (line: string) => void told.push(line),
  signal: new AbortController().signal,
  labels,
  image: probe,
});

async function stack(...args: Parameters<typeof dataStack>) {
  const made = await dataStack(...args);
  stacks.push(made);
  return made;
}

const inFiles = async (project: string, command: string) =>
  (await run('exec', `${project}-api-1`, 'sh', '-c', `cd /app/api/storage && ${command}`)).trim();
/** What a container of the stack has in /tmp, where the programs of a hostile dump write. */
const owned = async (project: string) => docker(['exec', `${project}-db-1`, 'ls', '/tmp/owned']);

beforeAll(async () => {
  work = mkdtempSync(path.join(os.tmpdir(), 'restore-hostile-'));
  const { dir, probe: image, start } = await stack('volumes');
  probe = image;
  const project = `h${tag}-source`;
  await start(project);
  await sql(project, `create table padded(a int); comment on table padded is '${PADDING}'`);
  await sql(project, 'create table filled(a int); insert into filled select generate_series(1, 10)');
  for (const name of NAMES) {
    await sql(project, `create role ${quoted(`r${name}`)} login password 'x'`);
    await sql(project, `create database ${quoted(name)} owner ${quoted(`r${name}`)}`);
    const table = quoted(`t${name}`);
    await sql(project, `create table ${table}(a int); insert into ${table} values (1), (2)`, name);
    await sql(project, `alter role ${quoted(`r${name}`)} in database ${quoted(name)} set search_path to ${table}`);
  }
  await inFiles(project, `truncate -s ${SPARSE_BYTES} sparse && printf end >>sparse && printf x >plain`);
  backup = path.join(work, 'backup');
  manifest = await backupProject(await openProject({ stack: dir, project }), backup, options());
  await down(project);
}, 300_000);

afterAll(async () => {
  const projects = await run('compose', 'ls', '--all', '--format', 'json', '--filter', `name=h${tag}-`);
  for (const { Name } of JSON.parse(projects) as { Name: string }[]) await down(Name);
  for (const made of stacks) await made.remove();
  rmSync(work, { recursive: true, force: true });
}, 120_000);

const namesIn = async (project: string) => {
  const list = async (query: string) =>
    JSON.parse(await sql(project, `select json_agg(x order by x) from (${query}) as found(x)`)) as string[];
  const owners = await list("select datname || '|' || pg_get_userbyid(datdba) from pg_database");
  const roles = await list("select rolname from pg_roles where rolname !~ '^pg_'");
  return { owners, roles };
};

test(
  'databases and roles of any name come back, and a sparse file of 5 GB stays one',
  { timeout: 240_000 },
  async () => {
    const files = manifest.parts.find(({ kind }) => kind === 'files');
    expect(files?.sizeBytes).toBeLessThan(1024 ** 2);
    const databases = manifest.parts.flatMap(({ kind, of }) => (kind === 'postgres-database' ? [of] : []));
    expect(databases).toEqual(expect.arrayContaining(NAMES));
    const { dir } = await stack('folders');
    const project = `h${tag}-odd`;
    const told: string[] = [];
    await restoreBackup(backup, await openProject({ stack: dir, project }), options(told));
    for (const line of told) expect(line).not.toContain('\n');
    const { owners, roles } = await namesIn(project);
    expect(owners).toEqual(expect.arrayContaining(NAMES.map((name) => `${name}|r${name}`)));
    expect(roles).toEqual(expect.arrayContaining(NAMES.map((name) => `r${name}`)));
    for (const name of NAMES)
      expect((await sql(project, `select count(*) from ${quoted(`t${name}`)}`, name)).trim()).toBe('2');
    expect(await inFiles(project, 'stat -c %s sparse && tail -c 3 sparse')).toBe(`${SPARSE_BYTES + 3}\nend`);
    expect(Number(await inFiles(project, 'du -k sparse | cut -f 1'))).toBeLessThan(1024);
    await down(project);
  },
);

const special: RawEntry[] = [
  { name: './', type: '5', mode: 0o2775 },
  { name: './plain', body: 'x' },
  { name: './disk', type: '4' },
  { name: './null', type: '3' },
  { name: './also-null', type: '1', link: './null' },
  { name: './run', mode: 0o4755, body: 'y' },
];
const specialFiles = (dir: string, { parts }: Manifest) => {
  const part = parts.find(({ kind }) => kind === 'files');
  writeFileSync(path.join(dir, part?.file ?? ''), rawTar(...special));
  if (part) part.counts = { entries: 5 };
};

test.for(['folders', 'volumes'] as const)('devices and setuid files, into %s', { timeout: 120_000 }, async (mounts) => {
  const { dir } = await stack(mounts);
  const project = `h${tag}-special-${mounts}`;
  const told: string[] = [];
  const forged = await forgedBackup(backup, work, specialFiles);
  await restoreBackup(forged, await openProject({ stack: dir, project }), options(told));
  const seen = await inFiles(project, "find . -printf '%p %y %m\\n' | sort");
  expect(seen.split('\n')).toEqual(
    mounts === 'folders'
      ? ['. d 2775', './plain f 644', './run f 755']
      : ['. d 2775', './also-null c 644', './disk b 644', './null c 644', './plain f 644', './run f 4755'],
  );
  expect(told.filter((line) => /folder of the host|as they were/.test(line))).toEqual([
    mounts === 'folders'
      ? 'the files of api (/app/api/storage): its place is a folder of the host: devices are left out (./disk, ./null, ./also-null); files lose the bits setuid and setgid (./run)'
      : 'the files of api (/app/api/storage): put back into the volume as they were: devices (./disk, ./null, ./also-null); files with setuid or setgid (./run)',
  ]);
  await down(project);
});

/** The definition of one object in the dump of `dify`, by another text of the same length. */
const defined = (text: string) =>
  dumpOf((bytes) => {
    const there = `COMMENT ON TABLE public.padded IS '${PADDING}';\n`;
    return replaced(bytes, there, text.padEnd(there.length));
  });
/** The command by which the rows of a table are loaded. */
const loadedBy = (text: string) => {
  const there = 'COPY public.filled (a) FROM stdin;\n';
  return dumpOf((bytes) => replaced(bytes, there, text.padEnd(there.length)));
};
const dumpOf = (edit: (bytes: Buffer) => Buffer) => (dir: string, all: Manifest) => {
  const dify = all.parts.filter(({ kind, of }) => kind === 'postgres-database' && of === 'dify');
  withBytes('postgres-database', edit)(dir, { ...all, parts: dify });
};

function replaced(bytes: Buffer, there: string, text: string): Buffer {
  const at = bytes.indexOf(there);
  expect(at).toBeGreaterThan(0);
  expect(Buffer.byteLength(text)).toBe(Buffer.byteLength(there));
  const changed = Buffer.from(bytes);
  changed.write(text, at);
  return changed;
}
const roles = (more: string) => withBytes('postgres-globals', (bytes) => Buffer.concat([bytes, Buffer.from(more)]));

test.for([
  ['\\! in the roles', roles('\\! touch /tmp/owned\n'), /^the roles of db: "\\! touch/],
  ['COPY … PROGRAM in the roles', roles("COPY (SELECT 1) TO PROGRAM 'touch /tmp/owned';\n"), /^the roles of db: "COPY/],
  ['\\! in a dump', defined('\\! touch /tmp/owned\n'), /^database dify: TABLE padded|^database dify: COMMENT/],
  ['COPY … PROGRAM in a dump', defined("COPY (SELECT 1) TO PROGRAM 'touch /tmp/owned';"), /^database dify: COMMENT/],
  [
    'COPY … PROGRAM behind a statement',
    defined("COMMENT ON TABLE public.padded IS 'x'; /* ; */ copy (select 1) to program 'touch /tmp/owned';"),
    /^database dify: COMMENT/,
  ],
  ['DO in a dump', defined("DO $x$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''id'''; END $x$;"), /^database dify: /],
  ['rows that a program gives', loadedBy("COPY filled FROM PROGRAM 'id';"), /^database dify: TABLE DATA/],
] as const)('%s is refused, and no program runs', { timeout: 120_000 }, async ([, change, message]) => {
  const { dir } = await stack('folders');
  const project = `h${tag}-sql`;
  const forged = await forgedBackup(backup, work, change);
  const target = await openProject({ stack: dir, project });
  let ran = false;
  const watch = setInterval(() => void owned(project).then(({ exitCode }) => (ran ||= exitCode === 0)), 300);
  const refused = await restoreBackup(forged, target, options()).catch((error: unknown) => error);
  clearInterval(watch);
  expect(refused).toMatchObject({ exitCode: 1, message: expect.stringMatching(message) as string });
  expect((refused as Error).message).not.toContain('\n');
  expect(ran).toBe(false);
});
