import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { text, type Environment } from '../../../shared/src/environment.ts';
import { reason } from '../../../shared/src/log.ts';
import { brokerSettings, openRedis, redisAnswers, type Redis, type RedisSettings } from '../../../shared/src/redis.ts';
import { redisVerifies } from '../settings.ts';
import { controlChannel, pingMessage, replyBinding } from './control.ts';
import { openEnvelope, record } from './message.ts';

const noReplyExitCode = 69;
const usageExitCode = 2;
/** Where Celery sends and takes what has no queue of its own: no task of Dify's. */
const defaultQueue = 'celery';
/** Celery's time-out is for the answers: the way to the broker does not count. */
const connectWithinMs = 5000;

/**
 * The part of Celery's command line that compose files use. `celery -A app.celery worker -Q QUEUE,…` is a worker for these
 * queues. `celery -A app.celery inspect ping [-d NODE] [-t SECONDS]` and `celery status` are for health checks: they ask
 * through the broker and leave with 0 only when a worker has answered in time, else with 69.
 */
export async function celeryCommand(args: readonly string[], env: Environment): Promise<void> {
  const { values, positionals } = readArguments(args);
  const asked = positionals.join(' ');
  if (asked === 'worker') {
    const { startMode } = await import('../start.ts');
    return await startMode((values.queues ?? defaultQueue).split(','));
  }
  if (asked !== 'inspect ping' && asked !== 'status') {
    process.stderr.write(`Usage: celery -A app.celery inspect ping [-d NODE] [-t SECONDS]\n`);
    process.exit(usageExitCode);
  }
  const url = values.broker ?? text(env, 'CELERY_BROKER_URL', 'redis://redis:6379/1');
  const destination = values.destination?.flatMap((list) => list.split(',')) ?? null;
  const withinMs = Number(values.timeout ?? 1) * 1000;
  try {
    const nodes = await ping(brokerSettings(url, env, redisVerifies(env)), destination, withinMs);
    if (nodes.length === 0) {
      process.stderr.write('Error: No nodes replied within time constraint\n');
      process.exit(noReplyExitCode);
    }
    for (const node of nodes) process.stdout.write(`->  ${node}: OK\n        pong\n`);
    process.stdout.write(`\n${nodes.length} node${nodes.length === 1 ? '' : 's'} online.\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`Error: ${reason(error)}\n`);
    process.exit(1);
  }
}

interface Arguments {
  values: { app?: string; broker?: string; destination?: string[]; timeout?: string; queues?: string };
  positionals: string[];
}

function readArguments(args: readonly string[]): Arguments {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        app: { type: 'string', short: 'A' },
        broker: { type: 'string', short: 'b' },
        destination: { type: 'string', short: 'd', multiple: true },
        timeout: { type: 'string', short: 't' },
        json: { type: 'boolean', short: 'j' },
        quiet: { type: 'boolean', short: 'q' },
        queues: { type: 'string', short: 'Q' },
        pool: { type: 'string', short: 'P' },
        concurrency: { type: 'string', short: 'c' },
        autoscale: { type: 'string' },
        loglevel: { type: 'string', short: 'l' },
        hostname: { type: 'string', short: 'n' },
        'max-tasks-per-child': { type: 'string' },
      },
    });
  } catch (error) {
    process.stderr.write(`${reason(error)}\n`);
    process.exit(usageExitCode);
  }
}

async function ping(
  settings: RedisSettings,
  destination: readonly string[] | null,
  withinMs: number,
): Promise<string[]> {
  const redis = openRedis(settings, 'broker');
  await redisAnswers(redis, connectWithinMs);
  const asker = randomUUID();
  const binding = replyBinding(asker);
  try {
    await redis.sadd(binding.key, binding.member);
    await redis.publish(controlChannel(settings), pingMessage(asker, randomUUID(), destination, withinMs));
    return await answers(redis, binding.list, destination?.length ?? Number.POSITIVE_INFINITY, withinMs);
  } finally {
    await redis.srem(binding.key, binding.member).catch(() => undefined);
    await redis.del(binding.list).catch(() => undefined);
    redis.disconnect();
  }
}

/** Collects the nodes that answer until as many have as were asked, or the time is over. */
async function answers(redis: Redis, list: string, wanted: number, withinMs: number): Promise<string[]> {
  const until = performance.now() + withinMs;
  const nodes = new Set<string>();
  while (nodes.size < wanted) {
    const left = until - performance.now();
    if (left <= 0) break;
    const popped = await redis.brpop(list, Math.max(0.01, left / 1000));
    if (!popped) break;
    for (const [node, answer] of Object.entries(record(openEnvelope(popped[1]).body))) {
      if (record(answer)['ok'] === 'pong') nodes.add(node);
    }
  }
  return [...nodes];
}
