import { flag, text, type Environment } from './environment.ts';

/** Sentinels that are asked where the master is, and what they are asked for. */
export interface SentinelSettings {
  sentinels: readonly { host: string; port: number }[];
  /** The name under which they watch the master. */
  name: string;
  username?: string;
  password?: string;
  /** How long each of them may take. */
  withinMs: number;
}

const USUAL_PORT = 26379;
/** As long as the server itself is waited for. Dify's default is a tenth of a second, and a machine that tries a stack was seen to take three. */
const LEAST_MS = 10_000;

/**
 * The sentinels of api and plugin daemon (api/extensions/ext_redis.py; internal/utils/cache of the daemon): `host:port,host:port`, each
 * with its port. Throws as they do, in words that name the variable, when there is none or no name of a master.
 */
export function redisSentinels(env: Environment): SentinelSettings {
  const nodes = text(env, 'REDIS_SENTINELS');
  if (nodes === '') throw new Error('REDIS_SENTINELS must be set when REDIS_USE_SENTINEL is True');
  const name = text(env, 'REDIS_SENTINEL_SERVICE_NAME');
  if (name === '') throw new Error('REDIS_SENTINEL_SERVICE_NAME must be set when REDIS_USE_SENTINEL is True');
  return {
    sentinels: nodes.split(',').map((node) => {
      const [host = '', port = ''] = node.split(':');
      if (!/^\d{1,5}$/.test(port)) throw new Error(`REDIS_SENTINELS: no port in "${node}"`);
      return { host: host.trim(), port: Number(port) };
    }),
    name,
    ...credentials(text(env, 'REDIS_SENTINEL_USERNAME'), text(env, 'REDIS_SENTINEL_PASSWORD')),
    withinMs: within(env, 'REDIS_SENTINEL_SOCKET_TIMEOUT'),
  };
}

/**
 * The sentinels of Celery: `sentinel://:password@host:port/db;sentinel://…`, where login and number of the database are the master's
 * (kombu takes those of the first) and the sentinels' own are variables. Throws when one of them is no such URL.
 */
export function brokerSentinels(urls: string, env: Environment): { first: URL; settings: SentinelSettings } {
  const parsed = urls.split(';').map((url) => (URL.canParse(url.trim()) ? new URL(url.trim()) : null));
  const all = parsed.filter((url): url is URL => url?.protocol === 'sentinel:' && url.hostname !== '');
  const [first] = all;
  if (!first || all.length < parsed.length) throw new Error('CELERY_BROKER_URL is no list of sentinel URLs');
  return {
    first,
    settings: {
      sentinels: all.map(({ hostname, port }) => ({ host: hostname, port: Number(port || USUAL_PORT) })),
      // Without CELERY_USE_SENTINEL kombu has no name to ask for: nothing is found, and each task fails.
      name: (flag(env, 'CELERY_USE_SENTINEL', false) && text(env, 'CELERY_SENTINEL_MASTER_NAME')) || 'None',
      ...credentials('', text(env, 'CELERY_SENTINEL_PASSWORD')),
      withinMs: within(env, 'CELERY_SENTINEL_SOCKET_TIMEOUT'),
    },
  };
}

/** What a client logs in with, as far as it has it: an empty one is none. */
export function credentials(username: string, password: string): { username?: string; password?: string } {
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
}

function within(env: Environment, variable: string): number {
  return Math.max(LEAST_MS, Number(text(env, variable, '0.1')) * 1000 || 0);
}
