/** The wire format of MySQL's protocol (dev.mysql.com, "Client/Server Protocol"; MariaDB's knowledge base has its extensions). */

/** Reads one packet from its start. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  integer(length: number): number {
    const value = this.#bytes.readUIntLE(this.#at, length);
    this.#at += length;
    return value;
  }

  bytes(length: number): Buffer {
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  /** Up to the next zero, or to the end. */
  untilZero(): Buffer {
    const end = this.#bytes.indexOf(0, this.#at);
    const part = this.#bytes.subarray(this.#at, end < 0 ? undefined : end);
    this.#at = end < 0 ? this.#bytes.length : end + 1;
    return part;
  }

  /** A number that tells its own length; null: NULL of a row. */
  length(): number | null {
    const first = this.integer(1);
    if (first < 0xfb) return first;
    if (first === 0xfb) return null;
    return first === 0xfc ? this.integer(2) : first === 0xfd ? this.integer(3) : Number(this.#long());
  }

  /** Bytes after their length; null: NULL of a row. */
  counted(): Buffer | null {
    const length = this.length();
    return length === null ? null : this.bytes(length);
  }

  #long(): bigint {
    const value = this.#bytes.readBigUInt64LE(this.#at);
    this.#at += 8;
    return value;
  }
}

/** An error that the server answers with; `code` is its SQLSTATE. */
export class MysqlError extends Error {
  readonly code: string;
  readonly errno: number;

  constructor(packet: Buffer) {
    const reader = new PacketReader(packet.subarray(1));
    const errno = reader.integer(2);
    const rest = reader.bytes(reader.left).toString();
    const [, state, message] = /^#(.{5})([^]*)$/.exec(rest) ?? [undefined, 'HY000', rest];
    super(message);
    this.errno = errno;
    this.code = state ?? 'HY000';
  }
}

/** A column of a result, as far as its values need it. */
export interface Column {
  name: string;
  read: (value: Buffer) => unknown;
}

const BINARY = 63;

/** A column's definition; `extended`: with MariaDB's word on what a text is. */
export function columnOf(packet: Buffer, extended: boolean): Column {
  const reader = new PacketReader(packet);
  for (let skipped = 0; skipped < 4; skipped++) reader.counted();
  const name = reader.counted()?.toString() ?? '';
  reader.counted();
  const format = extended ? (reader.counted()?.toString('latin1') ?? '') : '';
  reader.length();
  const charset = reader.integer(2);
  const length = reader.integer(4);
  const type = reader.integer(1);
  return { name, read: readerOf({ type, length, charset, json: format.includes('json') }) };
}

function readerOf(column: { type: number; length: number; charset: number; json: boolean }): Column['read'] {
  const { type, length, charset, json } = column;
  if (json) return (value) => JSON.parse(value.toString()) as unknown;
  switch (type) {
    case 1:
      // The type that BOOLEAN is another word for.
      return length === 1 ? (value) => value.toString() !== '0' : number;
    case 0:
    case 2:
    case 3:
    case 4:
    case 5:
    case 8:
    case 9:
    case 246:
      return number;
    case 7:
    case 12:
      return (value) => new Date(`${value.toString().replace(' ', 'T')}Z`);
    case 249:
    case 250:
    case 251:
    case 252:
      return charset === BINARY ? (value) => value : text;
    default:
      return text;
  }
}

const number = (value: Buffer): number => Number(value.toString());
const text = (value: Buffer): string => value.toString();
