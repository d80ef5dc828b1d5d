import { randomUUID } from 'node:crypto';
import type { Database } from '../../shared/src/postgres.ts';
import type { Redis } from '../../shared/src/redis.ts';
import type { Endpoint, PluginStore } from './store.ts';

const prefix = 'plugin_daemon:';
const endpointCacheSeconds = 60 * 30;
const debuggingKeySeconds = 60 * 60 * 24;

/** The plugin daemon's store over its PostgreSQL database and Redis. */
export function storedPlugins(database: Database, redis: Redis): PluginStore {
  return {
    async findEndpoint(hookId) {
      const key = `${prefix}endpoint:hook_id:${hookId}`;
      const cached = await redis.get(key);
      if (cached !== null) return JSON.parse(cached) as Endpoint;
      const { rows } = await database.query<Endpoint>(
        `SELECT hook_id AS "hookId", tenant_id AS "tenantId", plugin_id AS "pluginId", enabled
           FROM endpoints WHERE hook_id = $1`,
        [hookId],
      );
      const found = rows[0] ?? null;
      if (found) await redis.set(key, JSON.stringify(found), 'EX', endpointCacheSeconds);
      return found;
    },
    async countInstallations(tenantId) {
      const { rows } = await database.query<{ count: number }>(
        'SELECT count(*) AS count FROM plugin_installations WHERE tenant_id = $1',
        [tenantId],
      );
      return rows[0]?.count ?? 0;
    },
    async debuggingKey(tenantId) {
      const byTenant = `${prefix}remote:key:manager:id2key:${tenantId}`;
      const kept = await redis.get(byTenant);
      if (kept !== null) return kept;
      const made = randomUUID();
      await redis
        .multi()
        .set(byTenant, made, 'EX', debuggingKeySeconds)
        .set(`${prefix}remote:key:manager:key2id:${made}`, tenantId, 'EX', debuggingKeySeconds)
        .exec();
      return made;
    },
  };
}

/** Whether a key was given out for remote debugging. */
export async function isDebuggingKey(redis: Redis, key: string): Promise<boolean> {
  return (await redis.exists(`${prefix}remote:key:manager:key2id:${key}`)) === 1;
}
