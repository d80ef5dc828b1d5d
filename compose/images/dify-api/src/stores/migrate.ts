import { log } from '../../../shared/src/log.ts';
import { inTransaction, type Database } from '../../../shared/src/postgres.ts';
import { indexes, schemaRevision, tables } from './schema.ts';

/** Any number that all replicas agree on. */
const migrationLock = 1_500_001;

/**
 * Brings the database to the schema, whole or not at all. Replicas that start at once wait for each other at a lock of
 * the database; the second one finds the work done.
 */
export async function migrate(database: Database): Promise<void> {
  await inTransaction(database, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await client.query('CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)');
    const { rows } = await client.query<{ version_num: string }>('SELECT version_num FROM alembic_version');
    if (rows[0]?.version_num === schemaRevision) return;
    log('Starting database migration.');
    await client.query('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"');
    for (const table of tables) await client.query(`CREATE TABLE IF NOT EXISTS ${table}`);
    for (const index of indexes) await client.query(`CREATE INDEX IF NOT EXISTS ${index}`);
    await client.query('DELETE FROM alembic_version');
    await client.query('INSERT INTO alembic_version (version_num) VALUES ($1)', [schemaRevision]);
    log('Database migration successful!');
  });
}
