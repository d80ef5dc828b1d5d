import type { Redis } from '../../../shared/src/redis.ts';
import type { SessionStore } from './stores.ts';

const failureSeconds = 60 * 60 * 24;
const daySeconds = 60 * 60 * 24;

const failureKey = (email: string) => `login_error_rate_limit:${email}`;
const tokenKey = (token: string) => `refresh_token:${token}`;
const accountKey = (accountId: string) => `account_refresh_token:${accountId}`;

/** Sessions in Redis under Dify's keys. Every call rejects at once while Redis is away. */
export function sessionsInRedis(redis: Redis): SessionStore {
  return {
    async loginFailures(email) {
      return Number((await redis.get(failureKey(email))) ?? 0);
    },
    async addLoginFailure(email) {
      await redis.multi().incr(failureKey(email)).expire(failureKey(email), failureSeconds).exec();
    },
    async clearLoginFailures(email) {
      await redis.del(failureKey(email));
    },
    async saveRefreshToken(token, accountId, days) {
      await redis.setex(tokenKey(token), days * daySeconds, accountId);
      await redis.setex(accountKey(accountId), days * daySeconds, token);
    },
    findRefreshToken: (token) => redis.get(tokenKey(token)),
    async deleteRefreshToken(token, accountId) {
      await redis.del(tokenKey(token), accountKey(accountId));
    },
    async logOut(accountId) {
      const token = await redis.get(accountKey(accountId));
      await redis.del(accountKey(accountId), ...(token === null ? [] : [tokenKey(token)]));
    },
  };
}
