import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { compareFingerprints } from '../../../../fixtures/data/snapshot/compare.ts';
import { LISTING_COMMAND, readListing } from '../../../../fixtures/data/snapshot/files.ts';
import { ttlClass } from '../../../../fixtures/data/snapshot/redis.ts';
import { canonicalJson, digestOf, nameOf, Sum } from '../../../../fixtures/data/snapshot/sum.ts';

const run = promisify(execFile);
const HOUR_MS = 3_600_000;

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function listed(folder: string, pieceBytes: number) {
  const { stdout } = await run('sh', ['-c', LISTING_COMMAND], { cwd: folder, encoding: 'buffer' });
  return readListing(inPieces(stdout, pieceBytes));
}

describe('a listing of files', () => {
  test('gives odd names, contents and modes as they are, however it is cut in pieces, and shows each damage', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'snapshot-'));
    try {
      await mkdir(join(folder, 'upload files'));
      await writeFile(join(folder, 'upload files', 'ä \n\\x.txt'), 'abc', { mode: 0o600 });
      await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x66, 0xff])]), '');
      const before = await listed(folder, 7);
      expect(await listed(folder, 100_000)).toEqual(before);
      expect(Object.keys(before)).toEqual(['f\\xff', 'upload files', 'upload files/ä \n\\x5cx.txt']);
      expect(before['upload files/ä \n\\x5cx.txt']).toMatchObject({
        kind: 'f',
        sizeBytes: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        mode: '600',
      });
      await chmod(join(folder, 'upload files'), 0o711);
      await writeFile(join(folder, 'upload files', 'ä \n\\x.txt'), 'abd');
      const told = compareFingerprints({ files: before }, { files: await listed(folder, 64) });
      expect(told.map(({ thing }) => thing)).toEqual(['file upload files', 'file upload files/ä \n\\x5cx.txt']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test.for([
    ['ends in the middle of an entry', 'f 1 0 0 644 a', /ends in the middle/],
    ['lacks the sum of a file', 'f 1 0 0 644 a\0', /no sum for a/],
    ['holds an error text', 'find: permission denied\0', /neither entry nor sum/],
  ] as const)('that %s is refused', async ([, text, message]) => {
    await expect(readListing(inPieces(Buffer.from(text), 5))).rejects.toThrow(message);
  });
});

test('a time to live keeps its class while a drill takes its time', () => {
  expect(ttlClass(-1, 0, 0)).toBe('none');
  expect(ttlClass(60_000, 0, 0)).toBeUndefined();
  expect(ttlClass(HOUR_MS, 0, 0)).toBe('short');
  expect(ttlClass(25 * HOUR_MS, 0, 0)).toBe('long');
  expect(ttlClass(23 * HOUR_MS, 2 * HOUR_MS, 0)).toBe('long');
});

test('a sum depends on what is in it, and how often, and not on the order', () => {
  const of = (...all: string[][]) => {
    const sum = new Sum();
    for (const parts of all) sum.add(...parts);
    return sum.amount;
  };
  expect(of(['a'], ['b'])).toEqual(of(['b'], ['a']));
  expect(of(['a'], ['a']).checksum).not.toBe(of().checksum);
  expect(of(['a'])).not.toEqual(of(['b']));
  expect(digestOf('ab', 'c')).not.toBe(digestOf('a', 'bc'));
  expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'ä' })).toBe('{"a":"ä","b":[{"c":null,"d":1}]}');
  expect(nameOf(Buffer.from('\\xff'))).not.toBe(nameOf(Buffer.from([0xff])));
});
