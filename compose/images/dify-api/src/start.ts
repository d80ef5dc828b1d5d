import { integer, text } from '../../shared/src/environment.ts';
import { serve } from '../../shared/src/http-server.ts';
import { stopOnSignal } from '../../shared/src/lifecycle.ts';
import { log } from '../../shared/src/log.ts';
import { databaseAnswers, databaseSettings, openDatabase, type Database } from '../../shared/src/postgres.ts';
import { migrateSlowly, startSlowly } from '../../shared/src/starting.ts';
import { brokerSettings, openRedis, redisAnswers, redisSettings, type RedisSettings } from '../../shared/src/redis.ts';
import { difyApi } from './app.ts';
import { runBeat } from './celery/beat.ts';
import { tasksInRedis } from './celery/queue.ts';
import { runWorker } from './celery/worker.ts';
import { traitsOf } from './release.ts';
import { readSettings, redisVerifies, type Settings } from './settings.ts';
import { accountsInPostgres } from './stores/accounts-postgres.ts';
import { appsInPostgres } from './stores/apps-postgres.ts';
import { filesOnDisk } from './stores/files-disk.ts';
import { filesInS3, s3Settings } from './stores/files-s3.ts';
import { knowledgeInPostgres } from './stores/knowledge-postgres.ts';
import { migrate } from './stores/migrate.ts';
import { runsInPostgres } from './stores/runs-postgres.ts';
import { sessionsInRedis } from './stores/sessions-redis.ts';
import { apiKeysInPostgres, workflowsInPostgres } from './stores/workflows-postgres.ts';
import type { FileStore } from './stores/stores.ts';
import { knowsRedis, storageUnheeded, unheededSettings, type Unheeded } from './unheeded.ts';

const env = process.env;
/** A short try only: waiting longer is the restart policy's part. */
const storesWithinMs = 5000;
const poolConnections = 10;
/** Below the 10 s that `docker stop` waits. */
const stopWithinMs = 8000;

/**
 * Starts what MODE names: the api, the worker or beat, as the real image's entry point does. With `queues` it is a worker for
 * these, whatever MODE says.
 */
export async function startMode(queues?: readonly string[]): Promise<void> {
  const mode = queues ? 'worker' : text(env, 'MODE', 'api');
  const database = openDatabase(
    databaseSettings(env, { mysql: traitsOf(text(env, 'DIFY_VERSION', '1.5.0')).mysql }),
    poolConnections,
  );
  for (const { setting } of unheededSettings(env)) log(`this stand-in does not know ${setting}`);
  // The entry point compares it with this very word.
  const migrates = env['MIGRATION_ENABLED'] === 'true';
  if (migrates) log('Running migrations');
  await startSlowly(env);
  if (migrates) await upgradeDatabase(database);
  if (mode === 'migration') return await database.end();
  if (mode === 'worker') {
    const { files } = await openFiles();
    const stores = { ...knowledgeInPostgres(database), files };
    const stop = runWorker({
      broker: broker(),
      queues: queues ?? workerQueues(),
      database,
      stores,
    });
    return stopOnSignal(async () => {
      await stop(stopWithinMs);
      await database.end();
    });
  }
  if (mode === 'beat') {
    // A health check finds it by the name that the real one has; no longer than the one it takes the place of.
    process.title = 'celery -A app beat';
    const stop = runBeat(broker());
    return stopOnSignal(async () => {
      stop();
      await database.end();
    });
  }
  await startApi(database);
}

/**
 * The migration step of the real entry point. It takes a lock in Redis first, so it fails without Redis as it does
 * without the database, and the container stops.
 */
async function upgradeDatabase(database: Database): Promise<void> {
  log('Preparing database migration...');
  if (knowsRedis(env)) {
    const redis = openRedis(redisSettings(env, redisVerifies(env)), 'redis');
    await redisAnswers(redis, storesWithinMs);
    redis.disconnect();
  }
  await databaseAnswers(database, storesWithinMs);
  await migrateSlowly(env, () => database.query('SELECT sum(n) FROM generate_series(1, 200000) AS n'));
  await migrate(database);
}

/** Where files are kept: in a bucket of the stack, else in a folder, which nothing is asked of where the setting is refused. */
async function openFiles(): Promise<{ files: FileStore; unheeded: Unheeded[] }> {
  const settings = s3Settings(env);
  const bucket = settings === null ? null : await filesInS3(settings);
  const unheeded = settings !== null && bucket === null ? [storageUnheeded] : [];
  for (const { setting } of unheeded) log(`this stand-in does not know ${setting}: a placeholder answers there`);
  return { files: bucket ?? filesOnDisk(storageRoot()), unheeded };
}

async function startApi(database: Database): Promise<void> {
  const { files, unheeded } = await openFiles();
  const redis = openRedis(redisSettings(env, redisVerifies(env)), 'redis');
  // It may go away later: only what needs a session fails then.
  redis.connect().catch(() => undefined);
  const queue = openRedis(broker(), 'broker');
  queue.connect().catch(() => undefined);
  const stores = {
    accounts: accountsInPostgres(database),
    apps: appsInPostgres(database),
    sessions: sessionsInRedis(redis),
    files,
    workflows: workflowsInPostgres(database),
    keys: apiKeysInPostgres(database),
    runs: runsInPostgres(database),
    ...knowledgeInPostgres(database),
    tasks: tasksInRedis(queue),
  };
  const server = await serve(difyApi({ settings: withUnheeded(readSettings(env), unheeded), stores }), {
    host: text(env, 'DIFY_BIND_ADDRESS', '0.0.0.0'),
    port: integer(env, 'DIFY_PORT', 5001),
  });
  log(`Listening at: http://0.0.0.0:${server.port} (${process.pid})`);
  stopOnSignal(async () => {
    await server.stop(stopWithinMs);
    redis.disconnect();
    queue.disconnect();
    await database.end();
  });
}

const withUnheeded = (settings: Settings, more: readonly Unheeded[]): Settings => ({
  ...settings,
  unheeded: [...settings.unheeded, ...more],
});

/** The default is Dify's: a folder beside the api's code. */
function storageRoot(): string {
  const root = text(env, 'STORAGE_TYPE', 'opendal') === 'local' ? 'STORAGE_LOCAL_PATH' : 'OPENDAL_FS_ROOT';
  return text(env, root, '/app/api/storage').replace(/^(?!\/)/, '/app/api/');
}

function broker(): RedisSettings {
  return brokerSettings(text(env, 'CELERY_BROKER_URL', 'redis://redis:6379/1'), env, redisVerifies(env));
}

function workerQueues(): string[] {
  return text(env, 'CELERY_QUEUES', 'dataset,mail,ops_trace,app_deletion').split(',');
}
