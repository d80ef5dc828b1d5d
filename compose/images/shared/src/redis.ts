import { Redis } from 'ioredis';
import { integer, text, type Environment } from './environment.ts';
import { log, reason } from './log.ts';

export type { Redis } from 'ioredis';

export interface RedisSettings {
  host: string;
  port: number;
  username?: string;
  password?: string;
  db: number;
}

/** Where Redis is, from the variables that Dify's api and plugin daemon share (REDIS_HOST …). */
export function redisSettings(env: Environment): RedisSettings {
  return withCredentials(text(env, 'REDIS_USERNAME'), text(env, 'REDIS_PASSWORD'), {
    host: text(env, 'REDIS_HOST', 'localhost'),
    port: integer(env, 'REDIS_PORT', 6379),
    db: integer(env, 'REDIS_DB', 0),
  });
}

/** Where the broker is, from a URL as Celery takes it (`redis://:password@redis:6379/1`). Throws when it is none. */
export function redisSettingsFromUrl(url: string): RedisSettings {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol)) {
    throw new Error('CELERY_BROKER_URL is no redis URL');
  }
  return withCredentials(decodeURIComponent(parsed.username), decodeURIComponent(parsed.password), {
    host: parsed.hostname,
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    db: Number(parsed.pathname.slice(1) || 0),
  });
}

function withCredentials(username: string, password: string, settings: RedisSettings): RedisSettings {
  return { ...settings, ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

/**
 * A connection that comes back by itself. A command fails at once while the server is away (as Dify's do) instead of
 * waiting in a queue.
 */
export function openRedis(settings: RedisSettings, what: string): Redis {
  const redis = new Redis({
    ...settings,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 10_000,
    retryStrategy: () => 500,
  });
  let last = '';
  redis.on('error', (error: Error) => {
    const said = reason(error);
    if (said !== last) log(`${what}: ${said}`);
    last = said;
  });
  redis.on('ready', () => {
    last = '';
  });
  return redis;
}

/**
 * Connects; throws the reason after `withinMs`, or at once when the server refuses the credentials. The connection goes on
 * trying.
 */
export async function redisAnswers(redis: Redis, withinMs: number): Promise<void> {
  let seen: Error | undefined;
  const note = (error: Error) => {
    seen = error;
  };
  redis.on('error', note);
  redis.connect().catch(() => undefined);
  const until = performance.now() + withinMs;
  try {
    for (;;) {
      const failure = await redis.ping().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      const cause = isRefusal(failure) ? failure : (seen ?? failure);
      if (isRefusal(cause) || performance.now() >= until) throw cause;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    redis.off('error', note);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && /NOAUTH|WRONGPASS|NOPERM/.test(error.message);
}
