import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupProject } from '../../../fixtures/data/backup/backup.ts';
import type { Manifest } from '../../../fixtures/data/backup/manifest.ts';
import { openProject } from '../../../fixtures/data/backup/open-project.ts';
import { restoreBackup } from '../../../fixtures/data/restore/restore.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { docker } from '../../../fixtures/engine/cli.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { down } from '../../../fixtures/testing/data-stack.ts';
import { run } from '../../../fixtures/testing/data-state.ts';
import { forgedBackup, withBytes } from '../../../fixtures/testing/forged-backup.ts';

/** Needs an engine. A small stack whose database is MySQL: its backup, its restore, and what either refuses. */
const tag = `m${randomBytes(3).toString('hex')}`;
const work = mkdtempSync(path.join(os.tmpdir(), 'mysql-backup-'));
const projects: string[] = [];
let probe = '';
let backup = '';
let before = '';

/** With what a shell, an option file and SQL each take for their own. */
const password = `a'b"c d`;
const account = `'odd'' user'@'%'`;

const options = (more: object = {}) => ({
  force: false,
  progress: () => undefined,
  signal: new AbortController().signal,
  labels: { 'verify.test': tag },
  image: probe,
  ...more,
});

const opened = (project: string) => openProject({ stack: work, project });

/** As a user of the server, over TCP. */
const mysql = (project: string, sql: string, { user = 'root', secret = password } = {}) => {
  const inside = ['exec', '--env', `MYSQL_PWD=${secret}`, `${project}-db_mysql-1`];
  const client = ['mysql', '-h127.0.0.1', `-u${user}`, '--batch', '--raw', '--skip-column-names', '--execute', sql];
  return run(...inside, ...client);
};

/** All that the server holds for its users, as text. */
async function stateOf(project: string): Promise<string> {
  const dump =
    'MYSQL_PWD="$MYSQL_ROOT_PASSWORD" mysqldump -uroot --skip-dump-date --hex-blob --databases dify dify_plugin odd';
  const rows = await run('exec', `${project}-db_mysql-1`, 'sh', '-c', dump);
  return `${rows}${await mysql(project, `show create user ${account}; show grants for ${account}; show grants for 'dify'@'%'`)}`;
}

async function begun(project: string): Promise<void> {
  projects.push(project);
  await run('compose', '--project-name', project, '--project-directory', work, 'up', '--detach');
  await eventually(
    async () => docker(['exec', `${project}-db_mysql-1`, 'mysqladmin', '-h127.0.0.1', 'ping']),
    ({ exitCode }) => exitCode === 0,
    { withinMs: 60_000 },
  );
}

beforeAll(async () => {
  const wanted = [{ name: 'mysql' }, { name: 'redis' }, { name: 'probe' }];
  const [database, redis, helper] = (await ensureImages(wanted, { progress: () => undefined })).map(({ ref }) => ref);
  probe = helper ?? '';
  const services = {
    db_mysql: {
      image: database,
      environment: { MYSQL_ROOT_PASSWORD: password, MYSQL_DATABASE: 'dify', MYSQL_USER: 'dify', MYSQL_PASSWORD: 'own' },
      volumes: ['db:/var/lib/mysql'],
      stop_grace_period: '1s',
    },
    redis: { image: redis, volumes: ['redis:/data'] },
    api: {
      image: probe,
      entrypoint: ['sleep', 'infinity'],
      init: true,
      stop_grace_period: '1s',
      healthcheck: { test: ['CMD', 'true'], interval: '1s' },
      volumes: ['files:/app/api/storage'],
    },
  };
  mkdirSync(path.join(work, 'backups'));
  writeFileSync(
    path.join(work, 'docker-compose.yaml'),
    JSON.stringify({ services, volumes: { db: {}, redis: {}, files: {} } }),
  );
  const project = `${tag}-source`;
  await begun(project);
  await mysql(
    project,
    `use dify; create database dify_plugin character set latin1; create database odd;
     create table dify_plugin.installed(id int auto_increment primary key, body json); insert into dify_plugin.installed(body) values ('{"a": 1}');
     create table dify.\`a (VALUES b\`(id char(36) primary key, t longtext, b longblob, at datetime(6) default current_timestamp(6));
     insert into dify.\`a (VALUES b\`(id, t, b) select uuid(), concat('ü世\\n;--''"\\\\(),(', seq), unhex(md5(seq)) from seq_1_to_3000;
     create table dify.parent(id int primary key); create table dify.child(id int references parent(id)) ; create table dify.empty(id int);
     insert into dify.parent values (1); insert into dify.child values (1), (null);
     create user ${account} identified by 'x'; grant select on dify.* to ${account}; grant all on dify_plugin.* to 'dify'@'%'`,
  );
  before = await stateOf(project);
  backup = path.join(work, 'backups/one');
}, 300_000);

afterAll(async () => {
  for (const project of projects) await down(project);
  rmSync(work, { recursive: true, force: true });
}, 120_000);

test('what is no table of rows is refused by name, and no backup is left', async () => {
  const project = `${tag}-source`;
  await mysql(project, 'create view dify.seen as select * from dify.parent');
  const taken = backupProject(await opened(project), backup, options());
  await expect(taken).rejects.toThrow(/^db_mysql holds a view, dify\.seen: only tables of InnoDB are backed up/);
  await mysql(project, 'drop view dify.seen');
});

test(
  'all databases come back with their accounts; the passwords of the environment stay',
  { timeout: 300_000 },
  async () => {
    const manifest: Manifest = await backupProject(await opened(`${tag}-source`), backup, options());
    const of = (kind: string) => manifest.parts.find((part) => part.kind === kind);
    expect(of('mysql-databases')?.counts).toEqual({
      'dify.a (VALUES b': 3000,
      'dify.parent': 1,
      'dify.child': 2,
      'dify.empty': 0,
      'dify_plugin.installed': 1,
    });
    expect(of('mysql-accounts')?.counts).toEqual({ accounts: 2 });
    await down(`${tag}-source`);
    const project = `${tag}-target`;
    projects.push(project);
    await restoreBackup(backup, await opened(project), options());
    expect(await stateOf(project)).toBe(before);
    const login = { user: `odd' user`, secret: 'x' };
    expect(await mysql(project, 'select count(*) from dify.`a (VALUES b`', login)).toBe('3000\n');
    expect(await mysql(project, 'select count(*) from dify_plugin.installed', { user: 'dify', secret: 'own' })).toBe(
      '1\n',
    );
    expect(await mysql(project, `select count(*) from mysql.user where user like 'verify%'`)).toBe('0\n');
    await expect(restoreBackup(backup, await opened(project), options())).rejects.toThrow(/is not empty: containers/);
    await down(project);
  },
);

const cut = withBytes('mysql-databases', (bytes) => bytes.subarray(0, Math.floor(bytes.length * 0.6)));
const added = (sql: string) => withBytes('mysql-databases', (bytes) => Buffer.concat([bytes, Buffer.from(`${sql}\n`)]));
const fewer = (_: string, manifest: Manifest) => {
  for (const { counts } of manifest.parts) if ('dify.parent' in counts) counts['dify.parent'] = 2;
};

test.for([
  ['a script that ends too soon', cut, /^the databases of db_mysql: the script is cut/],
  ['a row too few', fewer, /^the databases of db_mysql: dify\.parent: 1 rows in the script, the backup has 2/],
  ['a database of the server itself', added('USE `mysql`;'), /mysql is the server's own: the backup is altered/],
  ['a statement for the whole server', added(`CREATE USER x;`), /^the databases of db_mysql: .*Access denied/],
  [
    'another database',
    added('CREATE DATABASE more;'),
    /Access denied for user 'verify-restore'@'localhost' to database 'more'/,
  ],
  [
    'a command of the client',
    added('\\! touch /tmp/ran;'),
    /^the databases of db_mysql: .*(Unknown command|error in your SQL syntax)/,
  ],
  [
    'accounts that are none',
    withBytes('mysql-accounts', () => Buffer.from('DROP DATABASE dify;\n')),
    /^the accounts of db_mysql: a statement that makes no account/,
  ],
] as const)('%s is named, and what was made is removed', { timeout: 120_000 }, async ([, change, message]) => {
  const project = `${tag}-bad`;
  projects.push(project);
  const bad = await forgedBackup(backup, path.join(work, 'backups'), change);
  await expect(restoreBackup(bad, await opened(project), options())).rejects.toThrow(message);
  const left = await run('volume', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${project}`);
  expect(left).toBe('');
});
