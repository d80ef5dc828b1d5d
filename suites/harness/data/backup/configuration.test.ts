import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { backUpConfiguration, configurationOf } from '../../../../fixtures/data/backup/configuration.ts';
import { TAR_END, WithoutTarEnd } from '../../../../fixtures/data/backup/tar-end.ts';
import { BackupFolder } from '../../../../fixtures/data/backup/write.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { run } from '../../../../fixtures/engine/cli.ts';
import { unpackConfiguration } from '../../../../fixtures/data/restore/unpack.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

let root: string;
let dir: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'backup-configuration-'));
  dir = path.join(root, 'stack');
  for (const folder of ['nginx/conf.d', 'volumes/app/storage', 'envs'])
    await mkdir(path.join(dir, folder), { recursive: true });
  await writeFile(path.join(dir, 'docker-compose.yaml'), 'services:\n  api:\n    env_file: [envs/api.env]\n');
  await writeFile(path.join(dir, 'production.env'), 'SECRET_KEY=abc\n', { mode: 0o644 });
  await writeFile(path.join(dir, 'envs/api.env'), 'A=1\n');
  await writeFile(path.join(dir, 'nginx/conf.d', `${'long'.repeat(30)}.conf`), 'server {}\n');
  await writeFile(path.join(dir, 'nginx/start.sh'), '#!/bin/sh\n');
  await chmod(path.join(dir, 'nginx/start.sh'), 0o750);
  await symlink('start.sh', path.join(dir, 'nginx/link'));
  await writeFile(path.join(dir, 'volumes/app/storage/private.pem'), 'state');
  await writeFile(path.join(root, 'shared.conf'), 'outside');
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('what is no configuration in a mounted folder is named; a link that a mount goes through is a folder', async () => {
  await run('mkfifo', [path.join(dir, 'nginx/pipe')]);
  await writeFile(Buffer.concat([Buffer.from(path.join(dir, 'nginx/')), Buffer.from([0xff])]), 'x');
  await mkdir(path.join(root, 'shared'));
  await writeFile(path.join(root, 'shared/a.conf'), 'server {}');
  await symlink(path.join(root, 'shared'), path.join(dir, 'nginx/linked'));
  const { entries, notes } = configurationOf(project(path.join(dir, 'nginx/linked/a.conf')));
  expect(notes).toEqual([
    `${path.join(dir, 'nginx/pipe')}, which is neither file, folder nor link (mounted by nginx)`,
    `a file in ${path.join(dir, 'nginx')} whose name is not UTF-8 (mounted by nginx)`,
  ]);
  const folder = await BackupFolder.make(path.join(root, 'backup'));
  await backUpConfiguration(folder, entries);
  const to = path.join(root, 'unpacked');
  await unpackConfiguration(path.join(folder.dir, 'configuration.tar'), to, folder.parts[0]?.counts);
  expect(await readFile(path.join(to, 'nginx/linked/a.conf'), 'utf8')).toBe('server {}');
});

function project(more?: string) {
  const bind = (source: string, target: string) => ({ type: 'bind', source, target });
  const model = modelOf({
    api: {
      image: 'langgenius/dify-api:1.5.0',
      volumes: [bind(path.join(dir, 'volumes/app/storage'), '/app/api/storage')],
    },
    nginx: {
      image: 'nginx:1.28',
      volumes: [
        bind(path.join(dir, 'nginx'), '/etc/nginx'),
        bind(path.join(dir, 'nginx/start.sh'), '/start.sh'),
        bind(path.join(root, 'shared.conf'), '/shared.conf'),
        ...(more === undefined ? [] : [bind(more, '/more')]),
        bind(path.join(dir, 'not-there'), '/not-there'),
      ],
    },
  });
  const here = {
    ...model,
    dir,
    files: [path.join(dir, 'docker-compose.yaml')],
    env: { path: path.join(dir, 'production.env'), generatedFrom: null, generatedKeys: [] },
  };
  return { model: here, roles: rolesOf(here) };
}

test('the configuration of a stack is its compose files, its env file as .env, and what is mounted and no state', async () => {
  const folder = await BackupFolder.make(path.join(root, 'backup'));
  const { entries, notes } = configurationOf(project());
  expect(notes).toEqual([]);
  await backUpConfiguration(folder, entries);
  const file = path.join(folder.dir, 'configuration.tar');
  const listed = await run('tar', ['-tvf', file, '--quoting-style=literal']);
  expect(listed.stderr).toBe('');
  const lines = listed.stdout
    .trim()
    .split('\n')
    .map((line) => line.replace(/^(\S+).*\d\d:\d\d (.*)$/, '$1 $2'));
  expect(lines).toEqual([
    '-rw------- .env',
    '-rw-r--r-- docker-compose.yaml',
    '-rw-r--r-- envs/api.env',
    'drwxr-xr-x nginx/',
    'drwxr-xr-x nginx/conf.d/',
    `-rw-r--r-- nginx/conf.d/${'long'.repeat(30)}.conf`,
    'lrwxrwxrwx nginx/link -> start.sh',
    '-rwxr-x--- nginx/start.sh',
    `-rw-r--r-- outside${root}/shared.conf`,
  ]);
  expect(folder.parts[0]?.counts).toEqual({ entries: 9 });
  const unpacked = path.join(root, 'unpacked');
  await mkdir(unpacked);
  expect((await run('tar', ['-xf', file, '-C', unpacked])).exitCode).toBe(0);
  expect(await readFile(path.join(unpacked, '.env'), 'utf8')).toBe('SECRET_KEY=abc\n');
  folder.discard();
});

test('archives without their ends follow each other in one file', async () => {
  const archive = async (name: string, text: string) => {
    await writeFile(path.join(root, name), text);
    const made = path.join(root, `${name}.tar`);
    await run('tar', ['-cf', made, '-b', '1', '-C', root, name]);
    return readFile(made);
  };
  const pieces: Buffer[] = [];
  for (const [name, text] of [
    ['a', 'first'],
    ['b', '\0'.repeat(2000)],
    ['a', 'second'],
  ] as const) {
    const stream = new WithoutTarEnd();
    const bytes = await archive(name, text);
    for (let at = 0; at < bytes.length; at += 700) stream.write(bytes.subarray(at, at + 700));
    stream.end();
    for await (const chunk of stream) pieces.push(chunk as Buffer);
  }
  const joined = path.join(root, 'joined.tar');
  await writeFile(joined, Buffer.concat([...pieces, TAR_END]));
  const to = path.join(root, 'to');
  await mkdir(to);
  expect(await run('tar', ['-xf', joined, '-C', to])).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await readFile(path.join(to, 'a'), 'utf8')).toBe('second');
  expect(await readFile(path.join(to, 'b'), 'utf8')).toBe('\0'.repeat(2000));
});

test('an archive that is cut has no end', async () => {
  const stream = new WithoutTarEnd();
  stream.end(Buffer.alloc(700, 'x'));
  const read = async () => {
    for await (const chunk of stream) void chunk;
  };
  await expect(read()).rejects.toThrow(/has no end/);
});
