import type { Database, DatabaseClient, Rows } from '../database.ts';
import { MysqlConnection, type MysqlResult, type MysqlSettings } from './connection.ts';
import { literal, SESSION, translated } from './dialect.ts';

/** Connections to MariaDB that take PostgreSQL's statements; at most `most` at once, whoever comes later waits. */
export class MysqlPool implements Database {
  readonly #settings: MysqlSettings;
  readonly #most: number;
  readonly #withinMs: number;
  readonly #idle: MysqlConnection[] = [];
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(settings: MysqlSettings, { most, withinMs }: { most: number; withinMs: number }) {
    this.#settings = settings;
    this.#most = most;
    this.#withinMs = withinMs;
  }

  async query<T extends object>(statement: string, values: unknown[] = []): Promise<Rows<T>> {
    const connection = await this.#take();
    try {
      return (await ask(connection, statement, values)) as Rows<T>;
    } finally {
      this.#giveBack(connection);
    }
  }

  async connect(): Promise<DatabaseClient> {
    const connection = await this.#take();
    return {
      query: async <T extends object>(statement: string, values: unknown[] = []) =>
        (await ask(connection, statement, values)) as Rows<T>,
      release: (error) => {
        if (error) connection.close();
        this.#giveBack(connection);
      },
    };
  }

  async end(): Promise<void> {
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  async #take(): Promise<MysqlConnection> {
    while (this.#taken >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken++;
    try {
      for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) if (idle.usable) return idle;
      const connection = await MysqlConnection.open(this.#settings, this.#withinMs);
      for (const setting of SESSION) await connection.query(setting);
      return connection;
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  #giveBack(connection: MysqlConnection): void {
    if (connection.usable) this.#idle.push(connection);
    this.#free();
  }

  #free(): void {
    this.#taken--;
    this.#waiting.shift()?.();
  }
}

async function ask(connection: MysqlConnection, statement: string, values: unknown[]): Promise<MysqlResult> {
  const asked = translated(statement, values);
  if (asked.kind === 'nothing') return { rows: [], rowCount: 0 };
  if (asked.kind === 'update') {
    const found = await connection.query(asked.find);
    if (found.rowCount === 0) return found;
    const ids = found.rows.map(({ id }) => literal(id)).join(', ');
    await connection.query(asked.change(ids));
    return connection.query(asked.read(ids));
  }
  const result = await connection.query(asked.sql);
  // PostgreSQL's locks of a transaction end with it, MariaDB's with the session.
  if (/^(COMMIT|ROLLBACK)$/.test(statement)) await connection.query('SELECT RELEASE_ALL_LOCKS()');
  return result;
}
