import type { Redis } from '../../../shared/src/redis.ts';
import type { TaskQueue } from '../stores/knowledge.ts';
import { bindingOf, taskMessage } from './message.ts';

/** Tasks on their way to the worker, as lists in the broker's database. Rejects at once while the broker is away. */
export function tasksInRedis(redis: Redis): TaskQueue {
  return {
    async send(task, queue, args) {
      const { key, member } = bindingOf(queue);
      await redis.sadd(key, member);
      await redis.lpush(queue, taskMessage(task, queue, args).message);
    },
  };
}
