import { log, reason } from '../../../shared/src/log.ts';
import { openRedis, type RedisSettings } from '../../../shared/src/redis.ts';
import { taskMessage } from './message.ts';

/** Dify's own schedule runs by night; a stand-in has to be seen to tick within a run. */
const tickMs = 30_000;
const schedule = { task: 'schedule.clean_embedding_cache_task.clean_embedding_cache_task', queue: 'dataset' } as const;

/** Sends the scheduled tasks to the broker, at once and then at every tick; a tick without a broker is logged and lost. Returns how to stop. */
export function runBeat(broker: RedisSettings): () => void {
  const redis = openRedis(broker, 'broker');
  const tick = () => {
    const { id, message } = taskMessage(schedule.task, schedule.queue);
    redis.lpush(schedule.queue, message).then(
      () => log(`Scheduler: Sending due task ${schedule.task} (${id})`),
      (error: unknown) => log(`beat: Message Error: ${reason(error)}`),
    );
  };
  redis.once('ready', tick);
  redis.connect().catch(() => undefined);
  const timer = setInterval(tick, tickMs);
  log('beat: Starting...');
  return () => {
    clearInterval(timer);
    redis.disconnect();
  };
}
