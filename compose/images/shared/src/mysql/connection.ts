import { createHash } from 'node:crypto';
import net from 'node:net';
import { columnOf, MysqlError, PacketReader, type Column } from './packets.ts';

export interface MysqlSettings {
  host: string;
  port: number;
  user: string;
  password: string;
  /** Empty: none is chosen. */
  database: string;
}

export interface MysqlResult {
  rows: Record<string, unknown>[];
  /** Rows that a change met, or that were returned. */
  rowCount: number;
}

const CAPABILITIES =
  0x2 | // a change tells the rows that it met, not those that it made different
  0x4 |
  0x200 |
  0x2000 |
  0x8000 |
  0x80000;
const WITH_DATABASE = 0x8;
/** Set by servers that are MySQL; MariaDB says by its absence that it has further capabilities. */
const IS_MYSQL = 0x1;
/** MariaDB tells which texts are JSON. */
const EXTENDED_METADATA = 0x8;
const UTF8MB4 = 45;
const LONGEST_PACKET = 0xffffff;
const NATIVE = 'mysql_native_password';

/** A connection to MariaDB by MySQL's text protocol; one question at a time. Knows the password of accounts as MariaDB makes them. */
export class MysqlConnection {
  readonly #socket: net.Socket;
  readonly #waiting: ((packet: Buffer | Error) => void)[] = [];
  readonly #packets: Buffer[] = [];
  #pending: Buffer = Buffer.alloc(0);
  #sequence = 0;
  #extended = false;
  #failure: Error | null = null;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', (data: Buffer) => this.#receive(data));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the database closed the connection')));
  }

  /** Whether the connection can still be used. */
  get usable(): boolean {
    return this.#failure === null;
  }

  /** Connects and logs in within `withinMs`. Throws what the server or the system says. */
  static async open(settings: MysqlSettings, withinMs: number): Promise<MysqlConnection> {
    const socket = net.connect({ host: settings.host, port: settings.port, keepAlive: true, noDelay: true });
    const connection = new MysqlConnection(socket);
    const timer = setTimeout(() => socket.destroy(new Error('timeout expired')), withinMs);
    try {
      await connection.#logIn(settings);
      return connection;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** One statement. Throws {@link MysqlError} for what the server refuses. */
  query(sql: string): Promise<MysqlResult> {
    const answer = this.#last.then(() => this.#query(sql));
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    if (this.usable) this.#write(Buffer.from([1]), 0);
    this.#socket.destroySoon();
  }

  async #logIn({ user, password, database }: MysqlSettings): Promise<void> {
    const greeting = await this.#next();
    if (greeting[0] === 0xff) throw new MysqlError(greeting);
    const reader = new PacketReader(greeting);
    reader.integer(1);
    reader.untilZero();
    reader.integer(4);
    const nonce = [reader.bytes(8)];
    reader.integer(1);
    const offered = reader.integer(2);
    reader.bytes(3 + 2 + 1 + 6);
    const further = reader.integer(4);
    nonce.push(reader.untilZero());
    this.#extended = (offered & IS_MYSQL) === 0 && (further & EXTENDED_METADATA) !== 0;
    const capabilities = CAPABILITIES | (database === '' ? 0 : WITH_DATABASE);
    const head = Buffer.alloc(32);
    head.writeUInt32LE(capabilities, 0);
    head.writeUInt32LE(LONGEST_PACKET, 4);
    head.writeUInt8(UTF8MB4, 8);
    if (this.#extended) head.writeUInt32LE(EXTENDED_METADATA, 28);
    const proof = nativeProof(password, Buffer.concat(nonce));
    const parts = [head, zeroEnded(user), Buffer.from([proof.length]), proof];
    if (database !== '') parts.push(zeroEnded(database));
    this.#write(Buffer.concat([...parts, zeroEnded(NATIVE)]));
    let answer = await this.#next();
    if (answer[0] === 0xfe) {
      const asked = new PacketReader(answer.subarray(1));
      const plugin = asked.untilZero().toString();
      if (plugin !== NATIVE) throw new Error(`this client does not know the authentication ${plugin}`);
      this.#write(nativeProof(password, asked.untilZero()));
      answer = await this.#next();
    }
    if (answer[0] === 0xff) throw new MysqlError(answer);
  }

  async #query(sql: string): Promise<MysqlResult> {
    const bytes = Buffer.concat([Buffer.from([3]), Buffer.from(sql)]);
    if (bytes.length >= LONGEST_PACKET) throw new Error('a statement of 16 MB or more');
    this.#sequence = 0;
    this.#write(bytes);
    const first = await this.#next();
    if (first[0] === 0xff) throw new MysqlError(first);
    if (first[0] === 0) return { rows: [], rowCount: new PacketReader(first.subarray(1)).length() ?? 0 };
    const columns: Column[] = [];
    const number = new PacketReader(first).length() ?? 0;
    for (let column = 0; column < number; column++) columns.push(columnOf(await this.#next(), this.#extended));
    await this.#next();
    const rows: MysqlResult['rows'] = [];
    for (;;) {
      const packet = await this.#next();
      if (packet[0] === 0xff) throw new MysqlError(packet);
      if (packet[0] === 0xfe && packet.length < 9) return { rows, rowCount: rows.length };
      const reader = new PacketReader(packet);
      const row: Record<string, unknown> = {};
      for (const { name, read } of columns) {
        const value = reader.counted();
        row[name] = value === null ? null : read(value);
      }
      rows.push(row);
    }
  }

  #write(payload: Buffer, sequence = this.#sequence): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head.writeUInt8(sequence, 3);
    this.#sequence = sequence + 1;
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #receive(data: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, data]);
    while (this.#pending.length >= 4) {
      const length = this.#pending.readUIntLE(0, 3);
      if (length === LONGEST_PACKET) return void this.#socket.destroy(new Error('an answer of 16 MB or more'));
      if (this.#pending.length < 4 + length) return;
      this.#sequence = (this.#pending[3] ?? 0) + 1;
      const packet = Buffer.from(this.#pending.subarray(4, 4 + length));
      this.#pending = this.#pending.subarray(4 + length);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(packet);
      else this.#packets.push(packet);
    }
  }

  async #next(): Promise<Buffer> {
    const there = this.#packets.shift();
    if (there) return there;
    if (this.#failure) throw this.#failure;
    const packet = await new Promise<Buffer | Error>((resolve) => this.#waiting.push(resolve));
    if (packet instanceof Error) throw packet;
    return packet;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiting of this.#waiting.splice(0)) waiting(this.#failure);
  }
}

const zeroEnded = (text: string): Buffer => Buffer.from(`${text}\0`);

function nativeProof(password: string, nonce: Buffer): Buffer {
  if (password === '') return Buffer.alloc(0);
  const sha1 = (...parts: Buffer[]) => createHash('sha1').update(Buffer.concat(parts)).digest();
  const hashed = sha1(Buffer.from(password));
  const mask = sha1(nonce, sha1(hashed));
  return Buffer.from(hashed.map((byte, at) => byte ^ (mask[at] ?? 0)));
}
