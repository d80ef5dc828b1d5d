import { Redis } from 'ioredis';
import { flag, integer, text, type Environment } from './environment.ts';
import { log, reason } from './log.ts';
import { brokerSentinels, credentials, redisSentinels, type SentinelSettings } from './sentinels.ts';
import { tlsOptions, type TlsSettings } from './tls.ts';

export type { Redis } from 'ioredis';

export interface RedisSettings {
  /** The server itself, or whom to ask where it is: at each connection anew. */
  at: { host: string; port: number } | SentinelSettings;
  username?: string;
  password?: string;
  db: number;
  /** undefined: in the clear. */
  tls?: TlsSettings;
}

/**
 * How REDIS_USE_SSL is heeded, which depends on the client. `always`: the certificate is verified by the system's list (redis-py's
 * and Go's default). `asked`: as REDIS_SSL_CERT_REQS and REDIS_SSL_CA_CERTS say (api since 1.8).
 */
export type RedisVerifies = 'always' | 'asked';

/**
 * Where Redis is, from the variables that Dify's api and plugin daemon share (REDIS_HOST …). Behind sentinels api does not heed
 * REDIS_USE_SSL (api/extensions/ext_redis.py). Throws when REDIS_USE_SENTINEL is on and no sentinel or no master is named.
 */
export function redisSettings(env: Environment, verifies: RedisVerifies): RedisSettings {
  const login = credentials(text(env, 'REDIS_USERNAME'), text(env, 'REDIS_PASSWORD'));
  const db = integer(env, 'REDIS_DB', 0);
  if (flag(env, 'REDIS_USE_SENTINEL', false)) return { at: redisSentinels(env), ...login, db };
  const host = text(env, 'REDIS_HOST', 'localhost');
  const tls = flag(env, 'REDIS_USE_SSL', false) ? redisTls(env, verifies, host) : undefined;
  return { at: { host, port: integer(env, 'REDIS_PORT', 6379) }, ...login, db, ...(tls ? { tls } : {}) };
}

/** redis-py checks the name wherever it verifies, since 6.0. */
function redisTls(env: Environment, verifies: RedisVerifies, servername: string): TlsSettings {
  if (verifies === 'always') return { verify: true, verifyName: true, authorities: null, servername };
  const verify = /^CERT_(REQUIRED|OPTIONAL)$/.test(text(env, 'REDIS_SSL_CERT_REQS', 'CERT_NONE'));
  return { verify, verifyName: verify, authorities: text(env, 'REDIS_SSL_CA_CERTS') || null, servername };
}

/**
 * Where the broker is, from a URL as Celery takes it (`redis://:password@redis:6379/1`, or a list of sentinels). `rediss://` is TLS and not verified, unless
 * the URL says so (kombu's default); for an api that reads REDIS_SSL_CERT_REQS, REDIS_USE_SSL decides for the broker, too. Throws when
 * it is no such URL.
 */
export function brokerSettings(url: string, env: Environment, verifies: RedisVerifies): RedisSettings {
  if (url.startsWith('sentinel://')) {
    const { first, settings } = brokerSentinels(url, env);
    return { ...addressIn(first), at: settings };
  }
  const parsed = redisUrl(url);
  if (!parsed) throw new Error('CELERY_BROKER_URL is no redis URL');
  const asked = verifies === 'asked' && flag(env, 'REDIS_USE_SSL', false);
  const reqs = parsed.searchParams.get('ssl_cert_reqs') ?? '';
  return addressIn(
    parsed,
    asked ? redisTls(env, verifies, parsed.hostname) : urlTls(parsed, /required|optional/i.test(reqs)),
  );
}

/** As redis-py takes a URL: what `rediss://` leads to is verified unless the URL says otherwise. Throws its words for what is none. */
export function redisUrlSettings(url: string): RedisSettings {
  const parsed = redisUrl(url);
  if (!parsed) {
    throw new Error('Redis URL must specify one of the following schemes (redis://, rediss://, unix://)');
  }
  return addressIn(parsed, urlTls(parsed, !/none/i.test(parsed.searchParams.get('ssl_cert_reqs') ?? '')));
}

function redisUrl(url: string): URL | null {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed && ['redis:', 'rediss:'].includes(parsed.protocol) ? parsed : null;
}

function urlTls({ protocol, hostname, searchParams }: URL, verify: boolean): TlsSettings | undefined {
  if (protocol !== 'rediss:') return undefined;
  return { verify, verifyName: verify, authorities: searchParams.get('ssl_ca_certs'), servername: hostname };
}

function addressIn({ username, password, hostname, port, pathname }: URL, tls?: TlsSettings): RedisSettings {
  return {
    at: { host: hostname, port: port === '' ? 6379 : Number(port) },
    ...credentials(decodeURIComponent(username), decodeURIComponent(password)),
    db: Number(pathname.slice(1) || 0),
    ...(tls ? { tls } : {}),
  };
}

/**
 * A connection that comes back by itself. A command fails at once while the server is away (as Dify's do) instead of
 * waiting in a queue.
 */
export function openRedis({ tls, at, ...settings }: RedisSettings, what: string): Redis {
  const redis = new Redis({
    ...('sentinels' in at ? throughSentinels(at) : at),
    ...settings,
    ...(tls ? { tls: tlsOptions(tls) } : {}),
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 10_000,
    retryStrategy: () => 500,
  });
  let last = '';
  const tell = (said: string) => {
    if (said !== last) log(`${what}: ${said}`);
    last = said;
  };
  // Of sentinels the client's own error says only that none of them could tell: what each answered is another event.
  redis.on('sentinelError', (error: Error) =>
    tell(error.message.endsWith('invalid reply: null') ? `No master found for '${redis.options.name}'` : reason(error)),
  );
  redis.on('error', (error: Error) => {
    if (!error.message.startsWith('All sentinels are unreachable')) tell(reason(error));
  });
  redis.on('ready', () => {
    last = '';
  });
  return redis;
}

function throughSentinels({ sentinels, name, username, password, withinMs }: SentinelSettings) {
  return {
    sentinels: [...sentinels],
    name,
    ...(username ? { sentinelUsername: username } : {}),
    ...(password ? { sentinelPassword: password } : {}),
    sentinelCommandTimeout: withinMs,
    sentinelRetryStrategy: () => 500,
    // Those that the variables name, and no others: what a sentinel tells of its siblings is not asked for.
    updateSentinels: false,
  };
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
