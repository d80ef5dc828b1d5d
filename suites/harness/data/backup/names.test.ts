import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkBackup } from '../../../../fixtures/data/backup/check-backup.ts';
import { parseManifest, type Manifest } from '../../../../fixtures/data/backup/manifest.ts';
import { fileNameOf, PART_FILE, partFile, shown, type PartName } from '../../../../fixtures/data/backup/names.ts';
import { BackupFolder } from '../../../../fixtures/data/backup/write.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'backup-names-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const about = { project: 'p', stackDir: '/p', startedAt: '2026-01-01T00:00:00.000Z', consistency: 'x', releases: {} };

/** Names as compose, PostgreSQL and file systems take them. */
const service = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9._-]{1,80}$/),
  fc.constantFrom(
    '_db',
    '-db',
    '.db',
    '..',
    'db',
    'db.x',
    'DB',
    'constructor',
    '__proto__',
    'toString',
    'manifest.json',
  ),
);
const anything = fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }).filter((name) => !name.includes('\0'));
const database = fc.oneof(
  anything,
  fc.constantFrom(
    'dify',
    'x.y',
    'y',
    'a\nb',
    'a"b',
    "it's",
    '../x',
    '-x',
    'a=b',
    'globals',
    'x'.repeat(63),
    '__proto__',
  ),
);
const mount = fc.oneof(
  anything.map((name) => `/${name}`),
  fc.constantFrom('/app/api/storage', '/', `/${'x/'.repeat(300)}`),
);
const part: fc.Arbitrary<PartName> = fc.oneof(
  service.map((name) => ({ kind: 'postgres-globals' as const, service: name, of: '' })),
  service.map((name) => ({ kind: 'redis' as const, service: name, of: '' })),
  fc.tuple(service, database).map(([name, of]) => ({ kind: 'postgres-database' as const, service: name, of })),
  fc
    .tuple(fc.constantFrom('files' as const, 'vectors' as const), service, mount)
    .map(([kind, name, of]) => ({ kind, service: name, of })),
);
const same = ({ kind, service: name, of }: PartName) => JSON.stringify([kind, name, of]);

test('what the writer writes the reader reads, whatever services, databases, tables and mounts are called', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(part, { selector: same, minLength: 1, maxLength: 12 }),
      fc.dictionary(anything, fc.nat()),
      fc.dictionary(service, anything),
      async (parts, counts, releases) => {
        const to = path.join(root, String(run++));
        const folder = await BackupFolder.make(to);
        for (const name of parts)
          await folder.part(name, async (sink) => {
            sink.write(Buffer.from('x'));
            return { counts };
          });
        const written = await folder.complete({ ...about, releases });
        const read = await checkBackup(to);
        expect(JSON.stringify(read)).toBe(JSON.stringify(written));
        expect(new Set(read.parts.map(same))).toEqual(new Set(parts.map(same)));
      },
    ),
    { seed: 11, numRuns: 15 },
  );
});

test('files of parts are plain, short enough, and never the same', () => {
  fc.assert(
    fc.property(fc.uniqueArray(part, { selector: same, maxLength: 40 }), (parts) => {
      const taken = new Set<string>();
      const files = parts.map((name) => partFile(name, taken));
      for (const file of files) expect(file).toMatch(PART_FILE);
      expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(parts.length);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('ordinary names are kept as they are', () => {
  expect(partFile({ kind: 'postgres-database', service: 'db', of: 'dify_plugin' })).toBe('db.dify_plugin.dump');
  expect(partFile({ kind: 'files', service: 'plugin_daemon', of: '/app/storage' })).toBe('plugin_daemon.files.tar');
  expect(partFile({ kind: 'redis', service: '_db', of: '' })).toBe('_db.rdb');
  expect(fileNameOf('..')).toMatch(/^_-[0-9a-f]{8}$/);
});

test('two databases whose files would have one name both get one', () => {
  const taken = new Set<string>();
  const one = partFile({ kind: 'postgres-database', service: 'db.x', of: 'y' }, taken);
  const other = partFile({ kind: 'postgres-database', service: 'db', of: 'x.y' }, taken);
  expect(one).toBe('db.x.y.dump');
  expect(other).toMatch(/^db\.x\.y-[0-9a-f]{16}\.dump$/);
});

test('a name is shown in one line', () => {
  expect(shown('a\nb\r\t\u001b[2J\u2028ü"')).toBe('a\\nb\\r\\t\\u001b[2J\\u2028ü"');
});

test('a backup that restore would refuse gets no name', async () => {
  const folder = await BackupFolder.make(path.join(root, 'backup'));
  await folder.part({ kind: 'files', service: 'api', of: 'no/absolute/path' }, async () => ({ counts: {} }));
  await expect(folder.complete(about)).rejects.toThrow(
    /^the backup is not whole, since restore would refuse it: manifest\.json: parts\[0\]\.of does not fit/,
  );
  await expect(checkBackup(path.join(root, 'backup'))).rejects.toThrow(/is no directory/);
  folder.discard();
});

describe('a manifest that is none', () => {
  const sound: Manifest = {
    ...about,
    schema: 1,
    finishedAt: '2026-01-01T00:00:01.000Z',
    releases: { db: 'postgres:15' },
    parts: [
      {
        kind: 'configuration',
        file: 'configuration.tar',
        service: '',
        of: '',
        sizeBytes: 1,
        sha256: '0'.repeat(64),
        takenAt: about.startedAt,
        counts: { entries: 1 },
      },
      {
        kind: 'postgres-database',
        file: 'db.dify.dump',
        service: 'db',
        of: 'dify',
        sizeBytes: 1,
        sha256: '0'.repeat(64),
        takenAt: about.startedAt,
        counts: { t: 1 },
      },
    ],
  };
  const withPart = (more: object) => ({ ...sound, parts: [{ ...sound.parts[1], ...more }] });
  test.for<[string, unknown, RegExp]>([
    ['no parts but null', { ...sound, parts: [null] }, /^manifest\.json: parts\[0\] expected object, received null: /],
    ['parts that are no list', { ...sound, parts: {} }, /^manifest\.json: parts expected array/],
    ['no parts', { ...sound, parts: [] }, /lists no parts: there is nothing to restore$/],
    ['null', null, /is not of schema 1/],
    ['a list', [], /is not of schema 1/],
    ['text', 'x', /is not of schema 1/],
    ['another schema', { ...sound, schema: 2 }, /is not of schema 1: made by another release/],
    [
      'an unknown kind',
      withPart({ kind: 'mysql' }),
      /^manifest\.json has a part of the kind "mysql" \("db\.dify\.dump"\), which this release does not know: /,
    ],
    [
      'an unknown kind beside null',
      { ...sound, parts: [null, { kind: 'milvus\n' }] },
      /of the kind "milvus\\n" \(no file\)/,
    ],
    ['a kind of the language', withPart({ kind: 'constructor' }), /of the kind "constructor"/],
    ['no kind', withPart({ kind: undefined }), /^manifest\.json: parts\[0\]\.kind /],
    ['a file that leaves the folder', withPart({ file: '../x' }), /parts\[0\]\.file is no name of a part/],
    ['a file in a folder', withPart({ file: 'a/b' }), /parts\[0\]\.file is no name of a part/],
    ['the manifest as a part', withPart({ file: 'manifest.json' }), /parts\[0\]\.file is no name of a part/],
    ['a service that is none', withPart({ service: 'a b' }), /parts\[0\]\.service is no name of a service/],
    ['a database without a name', withPart({ of: '' }), /parts\[0\]\.of does not fit the kind of the part/],
    ['files of nowhere', withPart({ kind: 'files', of: 'x' }), /parts\[0\]\.of does not fit the kind of the part/],
    ['a size below zero', withPart({ sizeBytes: -1 }), /parts\[0\]\.sizeBytes /],
    ['counts that are no numbers', withPart({ counts: { a: '1' } }), /parts\[0\]\.counts\.a expected number/],
    [
      'the same twice',
      { ...sound, parts: [sound.parts[1], { ...sound.parts[1], file: 'other.dump' }] },
      /has what other\.dump holds twice/,
    ],
    [
      'one file twice',
      { ...sound, parts: [sound.parts[1], { ...sound.parts[1], of: 'x', file: 'DB.dify.dump' }] },
      /lists DB\.dify\.dump twice/,
    ],
    ['a directory that is none', { ...sound, stackDir: '../x' }, /stackDir is no absolute path/],
    ['a time that is none', { ...sound, startedAt: 'x\ny' }, /startedAt is no time/],
    ['releases that are no names', { ...sound, releases: { db: 1 } }, /releases\.db expected string/],
  ])('%s', ([, value, message]) => {
    const refused = saidOf(JSON.stringify(value));
    expect(refused).toMatch(message);
    expect(refused).not.toContain('\n');
  });

  test('changed anywhere, it is refused in one line or means something that can be restored', () => {
    const strange: unknown[] = [null, [], {}, '', 'x\ny', -1, 1e300, true, '__proto__', [[null]], { toString: 1 }];
    const steps = pathsIn(sound);
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.constantFrom(...steps), to: fc.constantFrom(undefined, ...strange) }), {
          minLength: 1,
          maxLength: 3,
        }),
        fc.option(fc.nat(2000), { nil: undefined }),
        (edits, cutAt) => {
          let value = structuredClone(sound) as unknown;
          for (const { at, to } of edits) value = changed(value, at, to);
          const said = saidOf((JSON.stringify(value) ?? '').slice(0, cutAt));
          if (said === null) return;
          expect(said).toMatch(/^manifest\.json[: ]/);
          expect(said).not.toContain('\n');
          expect(said.length).toBeLessThan(400);
        },
      ),
      { seed: 11, numRuns: 300 },
    );
  });
});

/** Why a manifest is refused; null when it is not. */
function saidOf(text: string): string | null {
  try {
    parseManifest(text);
    return null;
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).name).toBe('Error');
    return (error as Error).message;
  }
}

type Steps = (string | number)[];

function pathsIn(value: unknown, above: Steps = []): Steps[] {
  if (typeof value !== 'object' || value === null) return [above];
  return [above, ...Object.entries(value).flatMap(([key, inner]) => pathsIn(inner, [...above, key]))];
}

/** The value with another one at a place; undefined: without it. */
function changed(value: unknown, [step, ...below]: Steps, to: unknown): unknown {
  if (step === undefined) return to;
  if (typeof value !== 'object' || value === null) return value;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  copy[step] = changed(copy[step], below, to);
  return copy;
}
