import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { log, reason } from '../../shared/src/log.ts';
import type { Redis } from '../../shared/src/redis.ts';

const statusKey = 'plugin_daemon:cluster-nodes-status-hash-map';
const masterKey = 'plugin_daemon:cluster-master-preemption-lock';
const heartbeatMs = 5000;
const masterSeconds = 15;

/** Tells the other nodes by Redis that this one lives, as the real daemon's cluster does. Returns how to leave it. */
export function joinCluster(redis: Redis, port: number): () => Promise<void> {
  const id = randomUUID();
  const beat = async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((address) => address.family === 'IPv4')
      .map((address) => ({ ip: address.address, port, votes: [] }));
    await redis.hset(statusKey, id, JSON.stringify({ addresses, last_ping_at: Math.floor(Date.now() / 1000) }));
    await redis.set(masterKey, id, 'EX', masterSeconds, 'NX');
    if ((await redis.get(masterKey)) === id) await redis.expire(masterKey, masterSeconds);
  };
  const tell = () => {
    beat().catch((error: unknown) => log(`failed to update the status of the node: ${reason(error)}`));
  };
  tell();
  const timer = setInterval(tell, heartbeatMs);
  return async () => {
    clearInterval(timer);
    await redis.hdel(statusKey, id).catch(() => undefined);
    if ((await redis.get(masterKey).catch(() => null)) === id) await redis.del(masterKey).catch(() => undefined);
  };
}
