import { parseArgs } from 'node:util';
import { text } from '../../shared/src/environment.ts';
import { serve } from '../../shared/src/http-server.ts';
import { runMain, stopOnSignal } from '../../shared/src/lifecycle.ts';
import { log, reason } from '../../shared/src/log.ts';
import { openRedis, redisUrlSettings } from '../../shared/src/redis.ts';
import { startSlowly } from '../../shared/src/starting.ts';
import { agentApp } from './app.ts';
import { Runs } from './runs.ts';
import { agentSettings } from './settings.ts';

/** What uvicorn leaves with when the application cannot be loaded, and when it does not start. */
const [NOT_LOADED, NOT_STARTED] = [1, 3];

/**
 * `uvicorn dify_agent.server.app:app [--host …] [--port …]`, as the real image starts it. As the real server it asks Redis when the
 * first run comes, and stands when it is away.
 */
async function main(): Promise<void> {
  const env = process.env;
  const one = { type: 'string' } as const;
  const { values } = parseArgs({ options: { host: one, port: one }, strict: false });
  const settings = agentSettings(env);
  for (const setting of settings.unheeded) log(`this stand-in does not know ${setting}`);
  await startSlowly(env);
  const redis = openRedis(redisUrlOrLeave(settings.redisUrl), 'redis');
  redis.connect().catch(() => undefined);
  const host = String(values['host'] ?? text(env, 'UVICORN_HOST', '127.0.0.1'));
  const port = Number(values['port'] ?? text(env, 'UVICORN_PORT', '8000'));
  const runs = new Runs(redis, settings);
  const server = await serve(agentApp({ settings, runs }), { host, port });
  log(`Uvicorn running on http://${host}:${port}`);
  stopOnSignal(async () => {
    await server.stop(stopWithinMs);
    redis.disconnect();
  });
}

const stopWithinMs = 8000;

function redisUrlOrLeave(url: string) {
  try {
    return redisUrlSettings(url);
  } catch (error) {
    process.stderr.write(`DIFY_AGENT_REDIS_URL: ${reason(error)}\nApplication startup failed. Exiting.\n`);
    process.exit(NOT_STARTED);
  }
}

runMain(main, NOT_LOADED);
