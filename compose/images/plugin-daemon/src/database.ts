import { log, reason } from '../../shared/src/log.ts';
import {
  databaseAnswers,
  inTransaction,
  openDatabase,
  type Database,
  type DatabaseSettings,
} from '../../shared/src/postgres.ts';
import { indexes, tables } from './schema.ts';

const poolConnections = 5;
/** Any number that the daemon's instances agree on: one migrates at a time. */
const migrationLock = 5002;

/**
 * Opens the daemon's own database. Like the real daemon it tries that database first and, when this fails, makes it by
 * way of the server's default database. Throws when the server cannot be reached or refuses the login.
 */
export async function openPluginDatabase(settings: DatabaseSettings, defaultDatabase: string): Promise<Database> {
  const own = openDatabase(settings, poolConnections);
  try {
    await databaseAnswers(own, 0);
  } catch (error) {
    log(`failed to initialize database, got error ${reason(error)}`);
    await createDatabase({ ...settings, database: defaultDatabase }, settings.database);
    await databaseAnswers(own, 0);
  }
  await inTransaction(own, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    for (const table of tables) await client.query(`CREATE TABLE IF NOT EXISTS ${table}`);
    for (const index of indexes) await client.query(`CREATE INDEX IF NOT EXISTS ${index}`);
  });
  log('dify plugin db initialized');
  return own;
}

async function createDatabase(settings: DatabaseSettings, name: string): Promise<void> {
  const server = openDatabase(settings, 1);
  try {
    const found = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await server.query(`CREATE DATABASE "${name.replaceAll('"', '""')}"`);
  } finally {
    await server.end();
  }
}
