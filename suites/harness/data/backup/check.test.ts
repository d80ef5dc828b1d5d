import {
  appendFile,
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkBackup, DamagedBackup } from '../../../../fixtures/data/backup/check-backup.ts';
import { fileNameOf } from '../../../../fixtures/data/backup/names.ts';
import { BackupFolder, partialsBeside } from '../../../../fixtures/data/backup/write.ts';
import { run } from '../../../../fixtures/engine/cli.ts';
import { wholeBackup } from '../../../../fixtures/data/restore/restore.ts';

let root: string;
let dir: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'backup-check-'));
  dir = path.join(root, 'backup');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const about = { project: 'p', stackDir: '/p', startedAt: '2026-01-01T00:00:00.000Z', consistency: 'x', releases: {} };

/** A backup of three parts, as backup writes it. */
async function written(to = dir): Promise<BackupFolder> {
  const folder = await BackupFolder.make(to);
  for (const [kind, of, text] of [
    ['postgres-globals', '', 'create role x;\n'],
    ['postgres-database', 'dify', 'PGDMP…'],
    ['redis', '', 'REDIS0009'],
  ] as const) {
    await folder.part({ kind, service: 'db', of }, async (sink) => {
      sink.write(Buffer.from(text));
      return { counts: { rows: 1 } };
    });
  }
  return folder;
}

async function whole(): Promise<string> {
  await (await written()).complete(about);
  return dir;
}

/** Writes the manifest anew and the sums with it, as somebody would who alters a backup with care. */
async function forge(edit: (manifest: { parts: { sha256: string; file: string }[] }) => unknown): Promise<void> {
  const file = path.join(dir, 'manifest.json');
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Parameters<typeof edit>[0];
  const text = JSON.stringify(edit(manifest) ?? manifest);
  await writeFile(file, text);
  const sums = path.join(dir, 'SHA256SUMS');
  const lines = (await readFile(sums, 'utf8')).split('\n').filter((line) => !line.endsWith('manifest.json'));
  const hash = createHash('sha256').update(text).digest('hex');
  await writeFile(sums, [`${hash}  manifest.json`, ...lines].join('\n'));
}

/** Runs something as a user who may not look into `folder`; root may look everywhere. */
async function asNobody<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const root = process.getuid?.() === 0;
  if (root) process.seteuid?.(65534);
  else await chmod(folder, 0);
  try {
    return await work();
  } finally {
    if (root) process.seteuid?.(0);
    else await chmod(folder, 0o700);
  }
}

describe('a whole backup', () => {
  test('is accepted, part by part', async () => {
    const told: string[] = [];
    const manifest = await checkBackup(await whole(), { progress: (line) => told.push(line) });
    expect(manifest.parts.map((part) => [part.file, part.sizeBytes])).toEqual([
      ['db.globals.sql', 15],
      ['db.dify.dump', 8],
      ['db.rdb', 9],
    ]);
    expect(told).toHaveLength(3);
  });

  test('is accepted by sha256sum, too', async () => {
    const checked = await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: await whole() });
    expect(checked).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('manifest.json: OK') as string });
  });

  test('is for its owner only', async () => {
    const modes = await Promise.all(
      [dir, ...(await readdir(await whole())).map((name) => path.join(dir, name))].map(async (entry) => {
        const seen = await stat(entry);
        return (seen.mode & 0o777).toString(8);
      }),
    );
    expect(modes).toEqual(['700', '600', '600', '600', '600', '600']);
  });
});

describe('a damaged backup is refused, and the message names what is wrong', () => {
  const inside = (name: string) => path.join(dir, name);
  test.for<[string, () => Promise<unknown>, RegExp]>([
    ['cut', () => truncate(inside('db.dify.dump'), 3), /^db\.dify\.dump has 3 bytes, .*says 8: it is cut$/],
    ['longer', () => appendFile(inside('db.rdb'), 'x'), /^db\.rdb has 10 bytes.* something was added$/],
    ['a part missing', () => rm(inside('db.rdb')), /^db\.rdb is missing/],
    ['one byte changed', () => writeFile(inside('db.rdb'), 'REDIS0008'), /^db\.rdb has another hash/],
    ['a file more', () => writeFile(inside('more.sql'), ''), /^more\.sql is in the folder and not in manifest\.json/],
    [
      'a link in place of a part',
      async () => {
        await rename(inside('db.rdb'), path.join(root, 'elsewhere.rdb'));
        await symlink(path.join(root, 'elsewhere.rdb'), inside('db.rdb'));
      },
      /^db\.rdb is no plain file/,
    ],
    ['no manifest', () => rm(inside('manifest.json')), /^manifest\.json is missing/],
    ['no sums', () => rm(inside('SHA256SUMS')), /^SHA256SUMS is missing/],
    ['the manifest cut', () => truncate(inside('manifest.json'), 20), /^manifest\.json has another hash/],
    ['the sums cut', () => truncate(inside('SHA256SUMS'), 100), /^SHA256SUMS is cut/],
    ['the sums empty', () => truncate(inside('SHA256SUMS'), 0), /^SHA256SUMS does not list manifest\.json/],
    [
      'a part left out of the sums',
      async () => {
        const lines = (await readFile(inside('SHA256SUMS'), 'utf8')).split('\n');
        await writeFile(inside('SHA256SUMS'), lines.filter((line) => !line.includes('db.rdb')).join('\n'));
      },
      /^SHA256SUMS does not list db\.rdb/,
    ],
    ['a forged schema', () => forge((manifest) => ({ ...manifest, schema: 2 })), /not of schema 1/],
    ['no parts', () => forge((manifest) => ({ ...manifest, parts: [] })), /lists no parts/],
    [
      'a part left out of the manifest',
      () => forge((manifest) => ({ ...manifest, parts: manifest.parts.slice(1) })),
      /^SHA256SUMS lists db\.globals\.sql, which manifest\.json does not/,
    ],
    [
      'a part outside of the folder',
      () => forge((manifest) => ({ ...manifest, parts: manifest.parts.map((part) => ({ ...part, file: '../x' })) })),
      /^manifest\.json: parts\[0\]\.file is no name of a part: the backup is cut or altered$/,
    ],
    [
      'another hash in the manifest',
      () => forge((manifest) => manifest.parts.forEach((part) => (part.sha256 = '0'.repeat(64)))),
      /^db\.globals\.sql: manifest\.json has another hash/,
    ],
  ])('%s', async ([, damage, message]) => {
    await whole();
    await damage();
    const refused = await checkBackup(dir).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(DamagedBackup);
    expect((refused as Error).message).toMatch(message);
    expect((refused as Error).message).not.toContain('\n');
  });

  test('what an interrupted backup left', async () => {
    const folder = await written();
    await expect(checkBackup(folder.dir)).rejects.toThrow(/interrupted backup/);
    await expect(checkBackup(dir)).rejects.toThrow(/is no directory/);
  });
});

describe('the folder of a backup', () => {
  test('has no name of a backup before it is complete, and leaves nothing when it is given up', async () => {
    const folder = await written();
    expect(await readdir(root)).toEqual([`backup.partial-${process.pid}`]);
    expect(partialsBeside(dir)).toEqual([folder.dir]);
    folder.discard();
    expect(await readdir(root)).toEqual([]);
  });

  test('a part that fails leaves no file and its reason', async () => {
    const folder = await written();
    const failing = folder.part({ kind: 'redis', service: 'second', of: '' }, async (sink) => {
      sink.write(Buffer.alloc(100_000));
      throw new Error('the store went away');
    });
    await expect(failing).rejects.toThrow('the store went away');
    expect(await readdir(folder.dir)).not.toContain('second.rdb');
    expect(folder.parts).toHaveLength(3);
  });

  test('a target that exists is refused, before and at the end', async () => {
    const folder = await written();
    await writeFile(dir, '');
    await expect(BackupFolder.make(dir)).rejects.toThrow(/exists already/);
    await expect(folder.complete(about)).rejects.toThrow(/has come into being meanwhile/);
    expect((await stat(dir)).size).toBe(0);
  });

  test('a target without a parent is refused', async () => {
    await expect(BackupFolder.make(path.join(root, 'no/backup'))).rejects.toThrow(
      /cannot be made in \S+no: it is no directory; make it/,
    );
  });

  test('where this user may not write, permission is denied; so is reading, and nobody calls it cut', async () => {
    await whole();
    const denied = await asNobody(root, async () => [
      await BackupFolder.make(path.join(root, 'other')).catch((error: unknown) => error),
      await checkBackup(dir).catch((error: unknown) => error),
      await wholeBackup(dir, { progress: () => undefined, signal: new AbortController().signal }).catch(
        (error: unknown) => error,
      ),
    ]);
    expect(denied.map((error) => (error as Error).message)).toEqual([
      expect.stringMatching(
        /^--to \S+other cannot be made in \S+: permission denied for this user; give another place/,
      ),
      expect.stringMatching(/^permission denied: \S+ may not be read by this user: restore as the user who made it$/),
      expect.stringMatching(/^permission denied: /),
    ]);
    for (const error of denied) expect(error).not.toBeInstanceOf(DamagedBackup);
    expect(await readdir(root)).toEqual(['backup']);
  });

  test('names of files stay apart and plain', () => {
    const names = ['dify', 'dify plugin', 'dify/plugin', 'dify_plugin', 'größe', '..'].map(fileNameOf);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(`x-${name}`).toMatch(/^[\w.-]+$/);
  });
});
