import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationArchive } from '../../../../fixtures/data/backup/configuration-archive.ts';
import { gnuLong, pax, rawTar, type RawEntry } from '../../../../fixtures/testing/raw-tar.ts';
import { unpackConfiguration } from '../../../../fixtures/data/restore/unpack.ts';

let dir: string;
let tar: string;
let out: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'restore-unpack-'));
  tar = path.join(dir, 'configuration.tar');
  out = path.join(dir, 'out');
  mkdirSync(path.join(dir, 'elsewhere'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('nothing of a hostile configuration is written, and one line names it', () => {
  const long = (name: string) => `${'a/'.repeat(60)}${name}`;
  test.for<[string, RawEntry[], RegExp]>([
    [
      'a file below a link',
      [
        { name: 'up', type: '2', link: 'ELSEWHERE' },
        { name: 'up/x', mode: 0o4755, body: 'x' },
      ],
      /^up\/x (is below up, which is a link|has the bit setuid)/,
    ],
    [
      'a plain file below a link',
      [
        { name: 'up', type: '2', link: 'ELSEWHERE' },
        { name: './up//x', body: 'x' },
      ],
      /is below up, which is a link$/,
    ],
    [
      'a file below a link that comes after it',
      [
        { name: 'up/x', body: 'x' },
        { name: 'up', type: '2', link: 'ELSEWHERE' },
      ],
      /^up\/x is below up, which is a link$/,
    ],
    [
      'a file below a link to a link',
      [
        { name: 'a', type: '2', link: 'b' },
        { name: 'b', type: '2', link: 'ELSEWHERE' },
        { name: 'a/x', body: 'x' },
      ],
      /^a\/x is below a, which is a link$/,
    ],
    [
      'a file in place of a link',
      [
        { name: 'up', type: '2', link: 'ELSEWHERE/x' },
        { name: 'up', body: 'x' },
      ],
      /^up comes twice$/,
    ],
    [
      'a folder in place of a link',
      [
        { name: 'up', type: '2', link: 'ELSEWHERE' },
        { name: './up/', type: '5' },
      ],
      /^up comes twice$/,
    ],
    [
      'a hard link out of the folder',
      [{ name: 'x', type: '1', link: '/etc/passwd' }],
      /^x is neither file, folder nor link$/,
    ],
    [
      'a hard link within',
      [
        { name: 'a', body: 'x' },
        { name: 'x', type: '1', link: 'a' },
      ],
      /^x is neither file, folder nor link$/,
    ],
    ['an absolute name', [{ name: '/ELSEWHERE/x', body: 'x' }], /has an absolute name$/],
    ['a climbing name', [{ name: '../elsewhere/x', body: 'x' }], /^\.\.\/elsewhere\/x would leave the folder$/],
    ['a name that climbs inside', [{ name: 'a/../../elsewhere/x', body: 'x' }], /would leave the folder$/],
    ['a climbing link', [{ name: '../elsewhere/l', type: '2', link: 'x' }], /would leave the folder$/],
    ['a climbing folder', [{ name: '../elsewhere/d/', type: '5' }], /would leave the folder$/],
    [
      'a long name of GNU that climbs',
      [gnuLong('L', long('../../../elsewhere/x')), { name: 'short', body: 'x' }],
      /would leave the folder$/,
    ],
    [
      'a long name of GNU that is absolute',
      [gnuLong('L', `/${long('x')}`), { name: 'short', body: 'x' }],
      /has an absolute name$/,
    ],
    [
      'a long link of GNU, and a file below it',
      [gnuLong('K', 'ELSEWHERE'), { name: 'up', type: '2', link: 'short' }, { name: 'up/x', body: 'x' }],
      /is below up, which is a link$/,
    ],
    [
      'a path of pax that climbs',
      [pax({ path: '../elsewhere/x' }), { name: 'short', body: 'x' }],
      /would leave the folder$/,
    ],
    [
      'a path of pax that is absolute',
      [pax({ path: '/ELSEWHERE/x' }), { name: 'short', body: 'x' }],
      /has an absolute name$/,
    ],
    [
      'a link path of pax, and a file below it',
      [pax({ linkpath: 'ELSEWHERE' }), { name: 'up', type: '2', link: 'x' }, { name: 'up/x', body: 'x' }],
      /is below up, which is a link$/,
    ],
    [
      'a path for all of pax',
      [{ ...pax({ path: '../elsewhere/x' }), type: 'g' }, pax({ mtime: '1' }), { name: 'short', body: 'x' }],
      /would leave the folder$/,
    ],
    ['a sparse file of GNU', [{ name: 'x', type: 'S', body: 'x' }], /is neither file, folder nor link$/],
    [
      'a sparse file of pax',
      [
        pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': '../elsewhere/x' }),
        { name: 'x', body: '1\n0\n1\nx' },
      ],
      /is neither file, folder nor link$/,
    ],
    ['a device', [{ name: 'x', type: '4' }], /is neither file, folder nor link$/],
    ['a device of characters', [{ name: 'x', type: '3' }], /is neither file, folder nor link$/],
    ['a FIFO', [{ name: 'x', type: '6' }], /is neither file, folder nor link$/],
    ['a kind of nobody', [{ name: 'x', type: 'Z', body: 'x' }], /is neither file, folder nor link$/],
    ['setuid', [{ name: 'x', mode: 0o4755, body: 'x' }], /^x has the bit setuid/],
    ['setgid', [{ name: 'x', mode: 0o2755, body: 'x' }], /^x has the bit setuid, setgid or sticky/],
    ['sticky', [{ name: 'x', mode: 0o1755, body: 'x' }], /^x has the bit setuid, setgid or sticky/],
    ['a folder with content', [{ name: 'd/', type: '5', body: 'x'.repeat(512) }], /^d\/ is no file and has content$/],
    ['a file with the name of a folder', [{ name: 'd/', body: 'x' }], /is a file with the name of a folder$/],
    [
      'a file below a file',
      [
        { name: 'a', body: 'x' },
        { name: 'a/b', body: 'x' },
      ],
      /^a\/b is below a, which is a file$/,
    ],
    ['a file too large', [{ name: 'x', sizeBytes: 2 ** 32 - 1, body: 'x' }], /is too large for configuration$/],
    ['a line break in a name', [{ name: '../a\nb', body: 'x' }], /^\.\.\/a\\nb would leave the folder$/],
  ])('%s', async ([, entries, message]) => {
    const here = entries.map((entry) => ({
      ...entry,
      name: String(entry.name).replace('/ELSEWHERE', path.join(dir, 'elsewhere')),
      link: entry.link?.replace('ELSEWHERE', path.join(dir, 'elsewhere')) ?? '',
      body: String(entry.body ?? '').replace('ELSEWHERE', path.join(dir, 'elsewhere')),
    }));
    // What is sound comes first: it is not written either.
    writeFileSync(tar, rawTar({ name: 'first', body: 'sound' }, ...here));
    const refused = await unpackConfiguration(tar, out).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect((refused as Error).message).toMatch(message);
    expect((refused as Error).message).not.toContain('\n');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(path.join(dir, 'elsewhere'))).toEqual([]);
  });

  test('one that is cut, is none, or has another number of entries', async () => {
    const whole = rawTar({ name: 'a', body: 'x'.repeat(1000) }, { name: 'b', body: 'x' });
    writeFileSync(tar, whole.subarray(0, 700));
    await expect(unpackConfiguration(tar, out)).rejects.toThrow(/is cut$/);
    writeFileSync(tar, whole.subarray(0, 1536));
    await expect(unpackConfiguration(tar, out, { entries: 2 })).rejects.toThrow(/has 1 entries, its manifest says 2/);
    writeFileSync(tar, 'x'.repeat(512));
    await expect(unpackConfiguration(tar, out)).rejects.toThrow(/is none$/);
    expect(existsSync(out)).toBe(false);
  });
});

test.for(['ustar', 'pax', 'gnu'])('is unpacked from a tar of format %s', async (format) => {
  const long = `volumes/${'a'.repeat(60)}/${'b'.repeat(60)}`;
  const from = path.join(dir, 'in');
  mkdirSync(path.join(from, long), { recursive: true });
  writeFileSync(path.join(from, '.env'), 'SECRET=ä\n', { mode: 0o600 });
  writeFileSync(path.join(from, long, 'empty'), '');
  writeFileSync(path.join(from, 'run.sh'), 'x'.repeat(1025));
  chmodSync(path.join(from, 'run.sh'), 0o755);
  symlinkSync('run.sh', path.join(from, 'link'));
  symlinkSync('/etc/nginx/modules', path.join(from, 'modules'));
  mkdirSync(path.join(from, 'outside/etc'), { recursive: true });
  mkdirSync(path.join(from, 'shared'));
  chmodSync(path.join(from, 'shared'), 0o2550);
  utimesSync(path.join(from, 'shared'), 1000, 1000);
  execFileSync('tar', [`--format=${format}`, '-C', from, '-cf', tar, '.']);
  await unpackConfiguration(tar, out, { except: 'outside' });
  expect(existsSync(path.join(out, 'outside'))).toBe(false);
  expect(readFileSync(path.join(out, '.env'), 'utf8')).toBe('SECRET=ä\n');
  expect(statSync(path.join(out, '.env')).mode & 0o777).toBe(0o600);
  expect(statSync(path.join(out, 'run.sh')).mode & 0o777).toBe(0o755);
  expect(statSync(path.join(out, 'shared')).mode & 0o7777).toBe(0o550);
  expect(statSync(path.join(out, 'shared')).mtimeMs).toBe(1000_000);
  expect(readFileSync(path.join(out, 'link'), 'utf8')).toHaveLength(1025);
  expect(readlinkSync(path.join(out, 'modules'))).toBe('/etc/nginx/modules');
  expect(statSync(path.join(out, long, 'empty')).size).toBe(0);
});

test('what the writer writes the reader reads, whatever the names, modes and sizes', async () => {
  const character = fc.oneof(
    { weight: 3, arbitrary: fc.stringMatching(/^[abcXYZ019 ._-]$/) },
    fc.constantFrom('\n', '\t', '"', "'", '\\', '$', '*', '=', '\u0001', 'ü', '世', '🙂', '\u2028'),
  );
  const step = fc
    .array(character, { minLength: 1, maxLength: 60 })
    .map((parts) => parts.join(''))
    .filter((name) => !['.', '..'].includes(name) && Buffer.byteLength(name) <= 255);
  const file = fc.record({
    at: fc.array(step, { minLength: 1, maxLength: 4 }),
    content: fc.oneof(fc.constant(0), fc.nat(1100), fc.constantFrom(511, 512, 513)).map((size) => 'x'.repeat(size)),
    mode: fc.integer({ min: 0, max: 0o777 }),
    link: fc.boolean(),
  });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 6 }), async (files) => {
      const [from, to, archive] = ['from', 'to', 'tar'].map((what) => path.join(dir, `${what}${run}`)) as [
        string,
        string,
        string,
      ];
      run++;
      for (const { at, content, mode, link } of files) {
        const target = path.join(from, ...at);
        try {
          mkdirSync(path.dirname(target), { recursive: true });
          if (link) symlinkSync(content.slice(0, 200) || 'x', target);
          else writeFileSync(target, content, { flag: 'wx' });
          if (!link) chmodSync(target, mode);
        } catch (error) {
          // A name is a folder of another one, or comes twice: one of them is enough.
          expect(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOENT']).toContain((error as NodeJS.ErrnoException).code);
        }
      }
      const sink = createWriteStream(archive);
      const written = new ConfigurationArchive(sink);
      const names = listed(from);
      for (const name of names.keys()) await written.add(path.join(from, name), name);
      await written.end();
      sink.end();
      await once(sink, 'close');
      await unpackConfiguration(archive, to, { entries: names.size });
      expect(listed(to)).toEqual(names);
    }),
    { seed: 11, numRuns: 25 },
  );
});

/** Every entry below a folder, with what there is to compare. */
function listed(top: string, below = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const child of readdirSync(path.join(top, below)).toSorted()) {
    const name = path.join(below, child);
    const seen = lstatSync(path.join(top, name));
    const mode = seen.isSymbolicLink() ? '' : (seen.mode & 0o7777).toString(8);
    const content = seen.isFile()
      ? readFileSync(path.join(top, name), 'utf8')
      : seen.isSymbolicLink()
        ? readlinkSync(path.join(top, name))
        : '';
    found.set(name, `${mode} ${Math.floor(seen.mtimeMs / 1000)} ${content}`);
    if (seen.isDirectory()) for (const [deeper, what] of listed(top, name)) found.set(deeper, what);
  }
  return found;
}
