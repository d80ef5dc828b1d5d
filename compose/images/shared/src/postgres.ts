import pg from 'pg';
import type { Database, DatabaseClient } from './database.ts';
import { integer, text, type Environment } from './environment.ts';
import { log, reason } from './log.ts';
import { MysqlPool } from './mysql/pool.ts';
import { libpqTls, pgxTls, speaksTls, type DatabaseTls } from './postgres-tls.ts';
import { tlsOptions } from './tls.ts';

export type { Database, DatabaseClient } from './database.ts';

// Dify's columns are `timestamp without time zone` and hold UTC; pg would read them as local time.
pg.types.setTypeParser(pg.types.builtins.TIMESTAMP, (value) => new Date(`${value.replace(' ', 'T')}Z`));
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface DatabaseSettings {
  /** By which protocol. */
  type: 'postgresql' | 'mysql';
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
  tls: DatabaseTls;
}

/** `mysql`: the release is one that heeds DB_TYPE. */
export interface DatabaseReading {
  database?: string;
  client?: 'libpq' | 'pgx';
  mysql?: boolean;
}

/**
 * Where the database is, from the variables that Dify's api, worker and plugin daemon share (DB_HOST …). `client`: the library of
 * the real program, which reads TLS from variables of its own.
 */
export function databaseSettings(
  env: Environment,
  { database = 'dify', client = 'libpq', mysql = false }: DatabaseReading = {},
): DatabaseSettings {
  const host = text(env, 'DB_HOST', 'localhost');
  return {
    type: mysql && text(env, 'DB_TYPE') === 'mysql' ? 'mysql' : 'postgresql',
    host,
    port: integer(env, 'DB_PORT', 5432),
    user: text(env, 'DB_USERNAME', 'postgres'),
    password: text(env, 'DB_PASSWORD'),
    database: text(env, 'DB_DATABASE', database),
    tls: client === 'pgx' ? pgxTls(env, host) : libpqTls(env, host),
  };
}

/** Longer than a connection takes on a machine that is starved: real clients wait without a limit. */
const connectWithinMs = 10_000;

/** A pool that connects on demand, gives up a connection attempt after 10 s and survives the loss of the server. */
export function openDatabase({ tls, type, ...settings }: DatabaseSettings, connections: number): Database {
  if (type === 'mysql') return new MysqlPool(settings, { most: connections, withinMs: connectWithinMs });
  const Pool = tls === 'prefer' ? PreferringPool : pg.Pool;
  const pool = new Pool({
    ...settings,
    ssl: tls === 'off' || tls === 'prefer' ? false : tlsOptions(tls),
    max: connections,
    connectionTimeoutMillis: connectWithinMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    options: '-c TimeZone=UTC',
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => log(`database: ${reason(error)}`));
  return pool as Database;
}

/** A pool that asks its server, once it is there, whether it speaks TLS, and then goes that way (`prefer`). */
class PreferringPool extends pg.Pool {
  #decided: Promise<void> | null = null;

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Parameters<pg.Pool['connect']>[0]): void;
  override connect(callback?: Parameters<pg.Pool['connect']>[0]): Promise<pg.PoolClient> | void {
    if (callback === undefined) return this.#decide().then(() => super.connect());
    this.#connectFor(callback).catch((error: unknown) => log(`database: ${reason(error)}`));
  }

  /** `query` asks in this way; what fails is told to its callback. */
  async #connectFor(callback: Parameters<pg.Pool['connect']>[0]): Promise<void> {
    await this.#decide();
    super.connect(callback);
  }

  #decide(): Promise<void> {
    const { host = '', port = 0 } = this.options;
    this.#decided ??= speaksTls(host, port).then((speaks) => {
      this.options.ssl = speaks ? { rejectUnauthorized: false } : false;
      // It is away, or starting: the next connection asks again.
      if (speaks === null) this.#decided = null;
    });
    return this.#decided;
  }
}

/**
 * Waits until the database answers. A few tries only, as Dify's own start does: the restart policy is what waits longer.
 * Throws the last error.
 */
export async function databaseAnswers(pool: Database, withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  for (;;) {
    try {
      await pool.query('SELECT 1');
      return;
    } catch (error) {
      if (performance.now() >= until || !mayPass(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** Whether an error of a connection attempt can go away by itself; a refused password or an unknown database does not. */
function mayPass(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  // MariaDB: access denied, no such database.
  return !code.startsWith('28') && code !== '3D000' && code !== '42000';
}

/** Runs `work` in one transaction and returns what it returns; an error rolls back. */
export async function inTransaction<T>(pool: Database, work: (client: DatabaseClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}
