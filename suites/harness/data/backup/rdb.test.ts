import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Crc64 } from '../../../../fixtures/data/backup/crc64.ts';
import { RdbStream } from '../../../../fixtures/data/backup/rdb-stream.ts';

/** A file as redis writes it: header, what is given, the end with its checksum. */
function rdb(...content: (string | number[])[]): Buffer {
  const body = Buffer.concat([
    Buffer.from('REDIS0012'),
    ...content.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : Buffer.from(piece))),
    Buffer.from([0xff]),
  ]);
  const crc = new Crc64();
  crc.update(body);
  return Buffer.concat([body, crc.digest()]);
}

const MARK = 'f'.repeat(40);
const aux = [0xfa, 3, ...Buffer.from('ver'), 3, ...Buffer.from('8.0')];
const database = (number: number) => [0xfe, number, 0xfb, 1, 0];
const key = (type: number, name: string, ...value: number[]) => [type, name.length, ...Buffer.from(name), ...value];
const zeros = (number: number) => Array.from({ length: number }, () => 0);

async function through(file: Buffer, chunkBytes = 7): Promise<{ out: Buffer; counts: RdbStream['counts'] }> {
  const chunks = Array.from({ length: Math.ceil(file.length / chunkBytes) }, (_, i) =>
    file.subarray(i * chunkBytes, (i + 1) * chunkBytes),
  );
  const stream = Readable.from(chunks).pipe(new RdbStream());
  const out: Buffer[] = [];
  for await (const chunk of stream) out.push(chunk as Buffer);
  return { out: Buffer.concat(out), counts: stream.counts };
}

test('the checksum is that of redis', () => {
  const crc = new Crc64();
  crc.update(Buffer.from('123456789'));
  expect(crc.digest().reverse().toString('hex')).toBe('e9c6d914c4b8d9ca');
});

describe('what redis-cli writes', () => {
  const file = rdb(aux, database(0), key(0, 'a', 1, 0x62), database(1), key(2, 's', 2, 1, 0x61, 1, 0x62));

  test.for([1, 7, 48, 49, 1000])('passes as it is, in chunks of %i bytes', async (chunkBytes) => {
    const { out, counts } = await through(file, chunkBytes);
    expect(out.equals(file)).toBe(true);
    expect([...counts]).toEqual([
      [0, { keys: 1, expiring: 0 }],
      [1, { keys: 1, expiring: 0 }],
    ]);
  });

  test('loses the mark that ends a transfer of unknown length', async () => {
    const { out } = await through(Buffer.concat([file, Buffer.from(MARK)]));
    expect(out.equals(file)).toBe(true);
  });

  test('may have no checksum, when the server writes none', async () => {
    const bare = Buffer.concat([file.subarray(0, -8), Buffer.alloc(8)]);
    expect((await through(bare)).out.equals(bare)).toBe(true);
  });

  test('of an empty server has no keys', async () => {
    expect((await through(rdb(aux))).counts).toEqual(new Map());
  });

  test.for<[string, Buffer, RegExp]>([
    ['cut', file.subarray(0, -3), /no whole RDB file/],
    ['cut within the mark', Buffer.concat([file, Buffer.from(MARK.slice(1))]), /no whole RDB file/],
    ['cut in the middle', file.subarray(0, 30), /no whole RDB file/],
    ['empty', Buffer.alloc(0), /no whole RDB file/],
    ['an error message', Buffer.from('NOAUTH Authentication required.\n'.repeat(5)), /does not begin as an RDB file/],
  ])('is refused when it is %s', async ([, damaged, message]) => {
    await expect(through(damaged)).rejects.toThrow(message);
  });

  test('is refused when one byte of it is another', async () => {
    for (let at = 9; at < file.length - 9; at++) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      await expect(through(damaged, 1000), `byte ${at}`).rejects.toThrow(/no whole RDB file/);
    }
  });
});

/** One key of each kind between two strings: passed over by exactly its own length, or the second is not found. */
describe('keys are counted past a value of each kind', () => {
  const text = (length: number) => [length, ...zeros(length)];
  const stream = (lengths: number, groupLengths: number, consumerBytes: number) =>
    [
      [1, ...text(16), ...text(30)],
      zeros(lengths),
      [1, ...text(2), ...zeros(groupLengths)],
      [1, ...zeros(24), 5],
      [1, ...text(3), ...zeros(consumerBytes), 1, ...zeros(16)],
    ].flat();
  test.for<[string, number, number[]]>([
    ['a string', 0, text(5)],
    ['a long string', 0, [0x41, 0x00, ...zeros(256)]],
    ['a string with a length of 32 bits', 0, [0x80, 0, 0, 0, 3, ...zeros(3)]],
    ['a string with a length of 64 bits', 0, [0x81, ...zeros(7), 3, ...zeros(3)]],
    ['a number of 8 bits', 0, [0xc0, 1]],
    ['a number of 16 bits', 0, [0xc1, 1, 1]],
    ['a number of 32 bits', 0, [0xc2, 1, 1, 1, 1]],
    ['a compressed string', 0, [0xc3, 4, 0x41, 0x00, ...zeros(4)]],
    ['a list', 1, [2, ...text(1), ...text(2)]],
    ['a set', 2, [2, ...text(1), ...text(2)]],
    ['an old sorted set', 3, [3, ...text(1), 1, 0x31, ...text(1), 254, ...text(1), 253]],
    ['a hash', 4, [1, ...text(1), ...text(2)]],
    ['a sorted set', 5, [2, ...text(1), ...zeros(8), ...text(2), ...zeros(8)]],
    ['a value of a module', 7, [0x81, ...zeros(8), 1, 5, 2, 6, 3, ...zeros(4), 4, ...zeros(8), 5, ...text(3), 0]],
    ['a packed set of numbers', 11, text(12)],
    ['a quick list', 14, [2, ...text(3), ...text(4)]],
    ['a quick list of packs', 18, [2, 2, ...text(3), 1, ...text(4)]],
    ['a packed hash', 16, text(9)],
    ['a stream of release 5', 15, stream(3, 2, 8)],
    ['a stream of release 7.0', 19, stream(8, 3, 8)],
    ['a stream of release 7.2', 21, stream(8, 3, 16)],
    ['a hash with times to live', 24, [...zeros(8), 1, 5, ...text(1), ...text(2)]],
    ['a packed hash with times to live', 25, [...zeros(8), ...text(4)]],
  ])('%s', async ([, type, value]) => {
    const file = rdb(
      aux,
      database(0),
      key(0, 'first', 1, 0x61),
      [0xfc, ...zeros(8)],
      key(type, 'k', ...value),
      [0xf8, 3, 0xf9, 4],
      key(0, 'last', 1, 0x62),
      database(3),
      key(0, 'other', 1, 0x63),
    );
    expect([...(await through(file)).counts]).toEqual([
      // The one in the middle expires some time: a restore may find it gone.
      [0, { keys: 3, expiring: 1 }],
      [3, { keys: 1, expiring: 0 }],
    ]);
  });

  test('a kind that is not known is refused by its number', async () => {
    const file = rdb(aux, database(2), key(99, 'k', 1, 2, 3));
    await expect(through(file)).rejects.toThrow(/^database 2 holds a value of type 99, which is not known here/);
  });

  test('a file that is whole by its checksum and ends within a key is refused', async () => {
    await expect(through(rdb(aux, database(0), [0, 200, 0x61]))).rejects.toThrow(/ends within a key/);
  });
});
