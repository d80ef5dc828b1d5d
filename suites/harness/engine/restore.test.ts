import type { PartKind } from '../../../fixtures/data/backup/part.ts';
import { randomBytes, randomInt } from 'node:crypto';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os, { constants } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupProject } from '../../../fixtures/data/backup/backup.ts';
import type { Manifest } from '../../../fixtures/data/backup/manifest.ts';
import { openProject } from '../../../fixtures/data/backup/open-project.ts';
import { restoreBackup } from '../../../fixtures/data/restore/restore.ts';
import { engine } from '../../../fixtures/engine/api.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { endsBefore } from '../../../fixtures/testing/command.ts';
import { keys, run, sql, stateOf } from '../../../fixtures/testing/data-state.ts';
import { forgedBackup, withBytes } from '../../../fixtures/testing/forged-backup.ts';
import { dataStack, down } from '../../../fixtures/testing/data-stack.ts';
import { commandLine } from '../../../fixtures/engine/command-line.ts';
import { engineUser, type EngineUser } from '../../../fixtures/testing/engine-user.ts';

/** Needs an engine. One backup of a small stack, and everything that a restore does with it, right and wrong. */
const tag = randomBytes(3).toString('hex');
const labels = { 'verify.test': tag };
const KILLS = Number(process.env['VERIFY_KILLS'] ?? 4);
const GONE_WITHIN_MS = 10_000;
const stacks: Awaited<ReturnType<typeof dataStack>>[] = [];
let probe: string;
let work: string;
let backup: string;
let takenMs = 0;

const options = (more: object = {}) => ({
  force: false,
  progress: () => undefined,
  signal: new AbortController().signal,
  labels,
  image: probe,
  ...more,
});

async function stack(...args: Parameters<typeof dataStack>) {
  const made = await dataStack(...args);
  stacks.push(made);
  return made;
}

/** Everything of a project on the engine. */
async function ofProject(project: string): Promise<string[]> {
  const filter = ['--quiet', '--filter', `label=com.docker.compose.project=${project}`];
  const helpers = await run('ps', '--all', '--quiet', '--filter', `label=verify.restore=${project}`);
  const lists = [
    await run('ps', '--all', ...filter),
    await run('network', 'ls', ...filter),
    await run('volume', 'ls', ...filter),
    helpers,
  ];
  return lists.flatMap((list) => list.split('\n').filter((line) => line !== ''));
}

beforeAll(async () => {
  work = mkdtempSync(path.join(os.tmpdir(), 'restore-engine-'));
  const { dir, probe: image, start } = await stack('volumes');
  probe = image;
  const project = `r${tag}-source`;
  await start(project);
  await sql(project, `create role "odd role" login password 'x' in role pg_read_all_data`);
  await sql(project, `alter role "odd role" set search_path to odd`);
  await sql(project, 'create database "second=db" owner "odd role" template template0 lc_collate "C" lc_ctype "C"');
  await sql(project, 'create table things(a int); insert into things select generate_series(1, 50)', 'second=db');
  await sql(
    project,
    `create schema odd; create table odd."Table one"(id bigserial primary key, t text, b bytea);
     insert into odd."Table one"(t, b) select 'ü世' || g, decode(md5(g::text), 'hex') from generate_series(1, 3000) g;
     select lo_from_bytea(0, 'large'); create table empty(); grant select on odd."Table one" to "odd role"`,
  );
  await keys(project, 'hset', 'h', 'a', 'ä', 'b', '2');
  await keys(project, 'set', 'ttl', '1', 'ex', '100000');
  await keys(project, '-n', '1', 'rpush', 'q', 'x', 'y', 'z');
  const make = `cd /app/api/storage && mkdir -p a/b empty && printf x > 'a/odd
name ü' && ln -s b a/link && head -c 3000000 /dev/urandom > a/b/big && chown -R 1001:7 a && chmod 640 a/b/big && chmod 700 a && chmod 4755 a/b`;
  await run('exec', `${project}-api-1`, 'sh', '-c', make);
  backup = path.join(work, 'backup');
  const source = await openProject({ stack: dir, project });
  // Alive in the backup, and dead before any restore.
  await keys(project, 'set', 'soon', '1', 'ex', '20');
  const told: string[] = [];
  const setting = () => keys(project, 'config', 'get', 'repl-diskless-sync-delay');
  const delay = await setting();
  const { parts } = await backupProject(source, backup, options({ progress: (line: string) => told.push(line) }));
  // What it changes on a live project it tells, and sets back.
  expect(told.filter((line) => line.includes('repl-diskless-sync-delay'))).toEqual([
    'redis: repl-diskless-sync-delay set to 0 for the time of the copy (it is 5)',
    'redis: repl-diskless-sync-delay is 5 again',
  ]);
  expect(await setting()).toBe(delay);
  expect(parts.find(({ kind }) => kind === 'redis')?.counts).toMatchObject({ db0: 3, db1: 1 });
  await eventually(
    () => keys(project, 'exists', 'soon'),
    (seen) => seen.trim() === '0',
    { withinMs: 30_000 },
  );
  before = await stateOf(project);
  await down(project);
}, 300_000);

let before: Awaited<ReturnType<typeof stateOf>>;

afterAll(async () => {
  // Only a test that failed leaves any.
  const projects = await run('compose', 'ls', '--all', '--format', 'json', '--filter', `name=r${tag}-`);
  for (const { Name } of JSON.parse(projects) as { Name: string }[]) await down(Name);
  for (const made of stacks) await made.remove();
  rmSync(work, { recursive: true, force: true });
}, 120_000);

test.for(['volumes', 'folders'] as const)(
  'all of it comes back, into %s; then the target is not empty',
  async (mounts) => {
    const { dir } = await stack(mounts);
    const project = `r${tag}-${mounts}`;
    const target = await openProject({ stack: dir, project });
    const started = performance.now();
    await restoreBackup(backup, target, options());
    takenMs = performance.now() - started;
    expect(await stateOf(project)).toEqual(before);
    expect((await keys(project, 'dbsize')).trim()).toBe('2');
    // From its own disk, too: what was loaded is in the append-only file.
    await run('restart', `${project}-redis-1`);
    expect((await keys(project, 'dbsize')).trim()).toBe('2');
    expect(await run('ps', '--all', '--quiet', '--filter', `label=verify.restore=${project}`)).toBe('');
    await expect(restoreBackup(backup, target, options())).rejects.toThrow(/is not empty: containers r/);
    await run(
      'rm',
      '--force',
      '--volumes',
      ...(await run('ps', '-aq', '--filter', `label=com.docker.compose.project=${project}`)).trim().split('\n'),
    );
    await expect(restoreBackup(backup, target, options())).rejects.toThrow(
      mounts === 'volumes' ? /volume r\w+-volumes_db holds/ : /folder \S+volumes\/db holds/,
    );
    await down(project);
  },
);

const forged = (change: Parameters<typeof forgedBackup>[2]) => forgedBackup(backup, work, change);
const cut = (kind: PartKind) => withBytes(kind, (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.6)));
const counted = (kind: string, name: string) => (_: string, manifest: Manifest) => {
  for (const part of manifest.parts) if (part.kind === kind && name in part.counts) part.counts[name]! += 1;
};

test.for([
  ['a dump that ends too soon', cut('postgres-database'), /^database \S+: pg_restore: /],
  ['roles that are no SQL', cut('postgres-globals'), /^the roles of db: /],
  ['keys that end too soon', cut('redis'), /^the keys of redis cannot be read: /],
  [
    'files that end too soon',
    cut('files'),
    /^the files of api \(\/app\/api\/storage\): the archive ends too soon: it is cut/,
  ],
  ['a row too few', counted('postgres-database', 'odd.Table one'), /odd\.Table one: 3000 rows, the backup has 3001/],
  [
    'a key too few',
    counted('redis', 'db1'),
    /^the keys of redis: 2 keys of the backup were not read, of which 1 had expired/,
  ],
  ['an entry too few', counted('files', 'entries'), /entries: 6 entries, the backup has 7/],
] as const)('%s is named, and what was made is removed', async ([, change, message]) => {
  const { dir } = await stack('folders');
  const project = `r${tag}-bad`;
  const target = await openProject({ stack: dir, project });
  await expect(restoreBackup(await forged(change), target, options())).rejects.toThrow(message);
  expect(await ofProject(project)).toEqual([]);
  expect(existsSync(path.join(dir, 'volumes'))).toBe(false);
});

test('another release is refused by name, and forced', async () => {
  const { dir } = await stack('volumes');
  const project = `r${tag}-release`;
  const other = await forged((_, manifest) => void (manifest.releases['db'] = 'postgres:14'));
  const target = await openProject({ stack: dir, project });
  await expect(restoreBackup(other, target, options())).rejects.toThrow(/db: the backup is of postgres:14, the target/);
  expect(await ofProject(project)).toEqual([]);
  await restoreBackup(other, target, options({ force: true }));
  await down(project);
});

test('a full disk is told, with exit code 2', async () => {
  const driver_opts = { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' };
  const { dir } = await stack('volumes', { filesVolume: { driver: 'local', driver_opts } });
  const project = `r${tag}-full`;
  const target = await openProject({ stack: dir, project });
  const refused = await restoreBackup(backup, target, options()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ exitCode: 2, message: expect.stringContaining('No space left on device') as string });
  expect(await ofProject(project)).toEqual([]);
});

test('the command: a new directory from the backup, its .env for its owner only, by a user who is not root', async () => {
  const project = `r${tag}-command`;
  const somebody = engineUser(work);
  const { uid, gid } = somebody.user ?? statSync(work);
  const own = path.join(somebody.home, 'backup');
  cpSync(backup, own, { recursive: true });
  for (const name of ['', ...readdirSync(own)]) chownSync(path.join(own, name), uid, gid);
  const dir = path.join(somebody.home, 'new');
  const started = startRestore(['--from', own, '--project', project, '--stack', dir], somebody);
  expect(await started.ended).toBe(0);
  expect(started.output()).toContain(`restored: project ${project} `);
  const made = statSync(path.join(dir, '.env'));
  expect([made.mode & 0o777, made.uid]).toEqual([0o600, uid]);
  expect(readFileSync(path.join(dir, 'conf/settings'), 'utf8')).toBe('kept\n');
  expect(await stateOf(project)).toEqual(before);
  await down(project);
});

test.for(Array.from({ length: KILLS }, (_, i) => i))('killed at any moment, nothing is left (%i)', async (i) => {
  const { dir } = await stack(i % 2 === 0 ? 'folders' : 'volumes');
  const project = `r${tag}-killed${i}`;
  const signal = i % 3 === 2 ? 'SIGINT' : 'SIGKILL';
  const begin = () => startRestore(['--from', backup, '--project', project, '--stack', dir]);
  let started = begin();
  // The moment is what is tried here: it is drawn, over the whole time that a restore takes, and waited for. A machine
  // that was busier when that time was taken may be done before it: then again, with an earlier one.
  for (let within = takenMs; await endsBefore(started.child, 500 + randomInt(Math.round(within))); within /= 2) {
    await down(project);
    started = begin();
  }
  process.kill(-(started.child.pid ?? 0), signal);
  const code = await started.ended;
  // Before our own program hears of signals, Node ends by it, which a shell tells as 130.
  if (signal === 'SIGINT') expect([130, 0]).toContain(code ?? 128 + constants.signals[started.child.signalCode!]);
  if (code === 0) return down(project);
  const left = await eventually(
    async () => [...(await ofProject(project)), ...readdirSync(dir).filter((name) => name === 'volumes')],
    (seen) => seen.length === 0,
    { withinMs: GONE_WITHIN_MS },
  );
  expect(left.last).toEqual([]);
});

test('killed when its first container is made and not yet started, nothing is left', async () => {
  const project = `r${tag}-first`;
  const filters = { type: ['container' as const], event: ['create'], label: [`verify.restore=${project}`] };
  const events = (await engine().getEvents({ filters })) as unknown as Readable;
  const made = path.join(work, 'made', 'below');
  const started = startRestore(['--from', backup, '--project', project, '--stack', made]);
  await once(events, 'data');
  process.kill(-(started.child.pid ?? 0), 'SIGKILL');
  events.destroy();
  await started.ended;
  const left = await eventually(
    async () => [...(await ofProject(project)), ...readdirSync(work).filter((name) => name === 'made')],
    (seen) => seen.length === 0,
    { withinMs: GONE_WITHIN_MS },
  );
  expect(left.last).toEqual([]);
});

function startRestore(args: string[], { user, environment }: Partial<EngineUser> = {}) {
  const child = spawn(process.execPath, commandLine('restore', args), {
    ...user,
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, output: () => text, ended: once(child, 'exit').then(([code]) => code as number | null) };
}
