import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { edited, editsForHost } from '../../../../fixtures/data/restore/archive-edits.ts';
import { lookAtArchive } from '../../../../fixtures/data/restore/archive-check.ts';
import { specialsInWords } from '../../../../fixtures/data/restore/copied.ts';
import { gnuLong, pax, rawTar, type RawEntry } from '../../../../fixtures/testing/raw-tar.ts';

let dir: string;
let tar: string;

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'archive-look-'));
  tar = path.join(dir, 'part.tar');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const long = `${'a/'.repeat(60)}x`;

describe('an entry that no backup writes is refused by its name, in one line', () => {
  test.for<[string, RawEntry[], RegExp]>([
    ['an absolute name', [{ name: '/etc/x', body: 'x' }], /^\/etc\/x has an absolute name$/],
    ['a climbing name', [{ name: './../x', body: 'x' }], /would leave the folder$/],
    ['a climbing device', [{ name: '../x', type: '4' }], /would leave the folder$/],
    ['a long name that climbs', [gnuLong('L', `../${long}`), { name: 'short' }], /would leave the folder$/],
    [
      'a file below a link',
      [
        { name: './up', type: '2', link: '/elsewhere' },
        { name: './up//x', body: 'x' },
      ],
      /^\.\/up\/\/x is below up, which is a link$/,
    ],
    [
      'a device below a link',
      [
        { name: './up', type: '2', link: '../1' },
        { name: './up/x', type: '3' },
      ],
      /is below up, which is a link$/,
    ],
    ['a hard link out', [{ name: 'x', type: '1', link: '/etc/passwd' }], /^x is a hard link to a name that has an abs/],
    [
      'a hard link that climbs',
      [{ name: 'x', type: '1', link: 'a/../../x' }],
      /to a name that would leave the folder$/,
    ],
    [
      'a hard link through a link',
      [
        { name: 'up', type: '2', link: '/elsewhere' },
        { name: 'x', type: '1', link: 'up/x' },
      ],
      /^x is a hard link through a link$/,
    ],
    ['a header of pax', [pax({ path: '../x' }), { name: 'short', body: 'x' }], /is none that a backup writes/],
    ['a kind of nobody', [{ name: 'x', type: 'Z' }], /^x is of a kind that no backup holds/],
    ['a FIFO with content', [{ name: 'x', type: '6', body: 'x' }], /^x has content, which its kind never has$/],
    ['a file in place of the folder', [{ name: './', body: 'x' }], /stands for the folder itself and is none$/],
    ['an empty name', [{ name: '', body: 'x' }], /has no name$/],
    ['another format', [{ name: 'x', magic: 'ustar\x0000' }], /is none that a backup writes/],
    ['two long names', [gnuLong('L', 'a'), gnuLong('L', 'b'), { name: 'x' }], /is none that a backup writes/],
    ['a size beyond the end', [{ name: 'x', sizeBytes: 1_000_000 }], /ends too soon: it is cut$/],
    ['a line break', [{ name: '../a\nb' }], /^\.\.\/a\\nb would leave the folder$/],
  ])('%s', async ([, entries, message]) => {
    writeFileSync(tar, rawTar({ name: './first', body: 'sound' }, ...entries));
    const refused = await lookAtArchive(tar).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Error);
    expect((refused as Error).message).toMatch(message);
    expect((refused as Error).message).not.toContain('\n');
  });

  test('bytes behind the end, and an archive without one', async () => {
    const sound = rawTar({ name: './a', body: 'x' });
    writeFileSync(tar, Buffer.concat([sound, rawTar({ name: '../b', body: 'x' })]));
    await expect(lookAtArchive(tar)).rejects.toThrow(/something stands behind the end/);
    writeFileSync(tar, sound.subarray(0, -1024));
    await expect(lookAtArchive(tar)).rejects.toThrow(/is cut$/);
  });
});

test('what tar writes for a backup is read to its end: long names, links, sparse files, odd owners and times', async () => {
  const from = path.join(dir, 'in');
  mkdirSync(path.join(from, `${'b'.repeat(90)}/${'c'.repeat(90)}`), { recursive: true });
  writeFileSync(path.join(from, `${'b'.repeat(90)}/${'c'.repeat(90)}/deep`), 'x');
  writeFileSync(path.join(from, 'odd\nname ü'), 'y'.repeat(1025));
  writeFileSync(path.join(from, 'run'), 'x');
  chmodSync(path.join(from, 'run'), 0o4755);
  linkSync(path.join(from, 'run'), path.join(from, 'run-too'));
  symlinkSync('z'.repeat(150), path.join(from, 'link'));
  writeFileSync(path.join(from, 'old'), '');
  utimesSync(path.join(from, 'old'), -1000, -1000);
  mkdirSync(path.join(from, 'shared'));
  chmodSync(path.join(from, 'shared'), 0o2775);
  execFileSync('mkfifo', [path.join(from, 'fifo')]);
  const sparse = path.join(from, 'sparse');
  writeFileSync(sparse, '');
  // Enough islands of data for a map that goes on in blocks of its own.
  for (let at = 1; at <= 60; at++)
    execFileSync('dd', ['if=/dev/urandom', `of=${sparse}`, 'bs=4096', 'count=1', `seek=${at * 64}`, 'conv=notrunc'], {
      stdio: 'ignore',
    });
  truncateSync(sparse, 5 * 1024 ** 3);
  const options = ['--format=gnu', '--blocking-factor=1', '--numeric-owner', '--owner=4000000', '--sparse'];
  execFileSync('tar', [...options, '-C', from, '-cf', tar, '.']);
  const { devices, programs } = await lookAtArchive(tar);
  expect(devices).toEqual([]);
  // Of a program with two names, tar writes the second as a hard link, whose own bits nobody takes.
  expect(programs).toHaveLength(1);
  expect(programs[0]?.name).toMatch(/^\.\/run/);
});

describe('what a folder of the host gets', () => {
  const entries: RawEntry[] = [
    { name: './', type: '5', mode: 0o2775 },
    { name: './plain', body: 'x'.repeat(600) },
    gnuLong('L', `./${long}`),
    { name: './short', type: '4' },
    { name: './null', type: '3' },
    { name: './also-null', type: '1', link: 'null' },
    { name: './again-null', type: '1', link: './also-null' },
    { name: './run', mode: 0o4755, body: 'y' },
    { name: './group', mode: 0o2711, body: 'z'.repeat(512) },
    { name: './twice', type: '3' },
    { name: './twice', type: '4' },
    { name: './later', type: '4' },
    { name: './later', mode: 0o640, body: 'now a file' },
  ];

  test('no device by any name, no setuid, and everything else as it was', async () => {
    writeFileSync(tar, rawTar(...entries));
    const look = await lookAtArchive(tar);
    expect(look.deviceNames).toBe(5);
    const plain = await buffer(edited(Readable.from([rawTar(...entries)]), editsForHost(look)));
    expect(plain).toEqual(
      rawTar(
        { name: './', type: '5', mode: 0o2775 },
        { name: './plain', body: 'x'.repeat(600) },
        { name: './run', mode: 0o755, body: 'y' },
        { name: './group', mode: 0o711, body: 'z'.repeat(512) },
        { name: './later', mode: 0o640, body: 'now a file' },
      ),
    );
    expect(specialsInWords(look, true)).toBe(
      `its place is a folder of the host: devices are left out (./${long}, ./null, ./also-null and 3 more); files lose the bits setuid and setgid (./run, ./group)`,
    );
    expect(specialsInWords(look, false)).toMatch(/^put back into the volume as they were: devices \(/);
    expect(specialsInWords({ devices: [], programs: [], deviceNames: 0 }, true)).toBeNull();
  });

  test('the same, however its bytes come', async () => {
    const whole = rawTar(...entries);
    writeFileSync(tar, whole);
    const edits = editsForHost(await lookAtArchive(tar));
    const expected = await buffer(edited(Readable.from([whole]), edits));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: whole.length }), { maxLength: 30 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const chunks = at.slice(1).map((end, i) => whole.subarray(at[i], end));
        const seen = await buffer(edited(Readable.from(chunks.filter(({ length }) => length > 0)), edits));
        expect(seen.equals(expected)).toBe(true);
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});
