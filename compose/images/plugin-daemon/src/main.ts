import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { flag, integer, text } from '../../shared/src/environment.ts';
import { serve } from '../../shared/src/http-server.ts';
import { runMain, stopOnSignal } from '../../shared/src/lifecycle.ts';
import { log } from '../../shared/src/log.ts';
import { startSlowly } from '../../shared/src/starting.ts';
import { databaseSettings } from '../../shared/src/postgres.ts';
import { openRedis, redisAnswers, redisSettings } from '../../shared/src/redis.ts';
import { daemonApp } from './app.ts';
import { joinCluster } from './cluster.ts';
import { openPluginDatabase } from './database.ts';
import { openDebuggingPort } from './debugging.ts';
import { daemonTraits } from './release.ts';
import { isDebuggingKey, storedPlugins } from './stored.ts';

const redisWithinMs = 5000;
const stopWithinMs = 8000;
/** What a Go program that panics leaves with. */
const panicExitCode = 2;

/** Starts the plugin daemon. It panics when its key is missing, or when the database or Redis does not let it in. */
async function main(): Promise<void> {
  const env = process.env;
  const serverKey = text(env, 'SERVER_KEY');
  if (serverKey === '') throw new Error('invalid configuration: SERVER_KEY is required');
  const port = integer(env, 'SERVER_PORT', 5002);
  await startSlowly(env);
  await makeFolders();
  const { mysql } = daemonTraits(text(env, 'DAEMON_VERSION', '0.1.2'));
  const settings = databaseSettings(env, { database: 'dify_plugin', client: 'pgx', mysql });
  const serversOwn = settings.type === 'mysql' ? 'mysql' : 'postgres';
  const database = await openPluginDatabase(settings, text(env, 'DB_DEFAULT_DATABASE', serversOwn));
  const redis = openRedis(redisSettings(env, 'always'), 'redis');
  await redisAnswers(redis, redisWithinMs);
  const leaveCluster = joinCluster(redis, port);
  const debugging = flag(env, 'PLUGIN_REMOTE_INSTALLING_ENABLED', true)
    ? await openDebuggingPort(
        integer(env, 'PLUGIN_REMOTE_INSTALLING_PORT', 5003),
        text(env, 'PLUGIN_REMOTE_INSTALLING_HOST', '0.0.0.0'),
        (key) => isDebuggingKey(redis, key),
      )
    : undefined;
  const server = await serve(
    daemonApp({ store: storedPlugins(database, redis), serverKey, version: text(env, 'DAEMON_VERSION', '0.1.2') }),
    {
      host: text(env, 'SERVER_HOST', '0.0.0.0'),
      port,
    },
  );
  log(`plugin daemon listens on ${port}`);
  stopOnSignal(async () => {
    debugging?.close();
    await server.stop(stopWithinMs);
    await leaveCluster();
    redis.disconnect();
    await database.end();
  });
}

async function makeFolders(): Promise<void> {
  const root = text(process.env, 'PLUGIN_STORAGE_LOCAL_ROOT', '/app/storage');
  const working = text(process.env, 'PLUGIN_WORKING_PATH', '/app/storage/cwd');
  const inside = [
    text(process.env, 'PLUGIN_INSTALLED_PATH', 'plugin'),
    text(process.env, 'PLUGIN_PACKAGE_CACHE_PATH', 'plugin_packages'),
    text(process.env, 'PLUGIN_MEDIA_CACHE_PATH', 'assets'),
  ];
  for (const folder of [working, ...inside.map((name) => path.join(root, name))]) {
    await mkdir(folder, { recursive: true });
  }
}

runMain(main, panicExitCode);
