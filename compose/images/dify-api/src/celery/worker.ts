import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { log, reason } from '../../../shared/src/log.ts';
import { openRedis, type Redis, type RedisSettings } from '../../../shared/src/redis.ts';
import { bindingOf, openEnvelope, readTask, separator, type Task } from './message.ts';
import { answerControl } from './control.ts';
import { tasks, type TaskContext } from './tasks.ts';

const retryMs = 200;
const waitSeconds = 1;
const resultSeconds = 60 * 60 * 24;
/** kombu keeps a list for each of these; a list without a number holds the highest priority. */
const priorities = ['', `${separator}3`, `${separator}6`, `${separator}9`];

export interface WorkerOptions extends TaskContext {
  broker: RedisSettings;
  queues: readonly string[];
}

/**
 * Consumes tasks from the broker, one at a time, as a Celery worker does: takes a message from the queues' lists, notes
 * it in `unacked` until it is its own, runs it, keeps its result when the sender wants one. Goes on trying while Redis is
 * away. Returns how to stop it: no new task, the one under way may take `withinMs`.
 */
export function runWorker(options: WorkerOptions): (withinMs: number) => Promise<void> {
  const name = `celery@${hostname()}`;
  const waiting = openRedis(options.broker, 'consumer');
  const commands = openRedis(options.broker, 'broker');
  const stopControl = answerControl(options.broker, commands, name);
  let stopping = false;
  commands.on('ready', () => {
    bind(commands, options.queues, name).then(
      () => log(`${name} ready.`),
      (error: unknown) => log(`consumer: ${reason(error)}`),
    );
  });
  for (const redis of [waiting, commands]) redis.connect().catch(() => undefined);
  const lists = priorities.flatMap((priority) => options.queues.map((queue) => queue + priority));
  const done = (async () => {
    while (!stopping) {
      try {
        // A message that is taken before it can be noted as unacked would be lost.
        if (commands.status !== 'ready') {
          await pause(retryMs);
          continue;
        }
        const popped = await waiting.brpop(lists, waitSeconds);
        if (popped) await consume(popped[1], popped[0], commands, options);
      } catch (error) {
        if (waiting.status === 'ready') log(`consumer: ${reason(error)}. Trying again`);
        // While the connection is being made again, its own error has been logged: waiting is all there is to do.
        await pause(retryMs);
      }
    }
  })();
  return async (withinMs) => {
    stopping = true;
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, withinMs).unref())]);
    stopControl();
    waiting.disconnect();
    commands.disconnect();
  };
}

async function bind(redis: Redis, queues: readonly string[], name: string): Promise<void> {
  const pipeline = redis.pipeline();
  for (const queue of queues) {
    const { key, member } = bindingOf(queue);
    pipeline.sadd(key, member);
  }
  pipeline.sadd('_kombu.binding.celery.pidbox', ['', '', `${name}.celery.pidbox`].join(separator));
  await pipeline.exec();
}

async function consume(message: string, list: string, redis: Redis, context: TaskContext): Promise<void> {
  let task: Task;
  const tag = randomUUID();
  try {
    const opened = openEnvelope(message);
    const queue = list.split(separator)[0] ?? list;
    const held = JSON.stringify([JSON.parse(message), '', queue]);
    await redis
      .multi()
      .zadd('unacked_index', Date.now() / 1000, tag)
      .hset('unacked', tag, held)
      .exec();
    task = readTask(opened);
  } catch (error) {
    await redis.multi().zrem('unacked_index', tag).hdel('unacked', tag).exec();
    return log(`Received and deleted unknown message. Wrong destination?!? ${reason(error)}`);
  }
  // Celery's default is to acknowledge a task before it runs.
  await redis.multi().zrem('unacked_index', tag).hdel('unacked', tag).exec();
  await run(task, redis, context);
}

async function run(task: Task, redis: Redis, context: TaskContext): Promise<void> {
  const work = tasks[task.name];
  if (!work)
    return log(`Received unregistered task of type '${task.name}'. The message has been ignored and discarded.`);
  log(`Task ${task.name}[${task.id}] received`);
  const started = performance.now();
  try {
    const result = await work(task, context);
    const seconds = ((performance.now() - started) / 1000).toFixed(3);
    log(`Task ${task.name}[${task.id}] succeeded in ${seconds}s: ${JSON.stringify(result) ?? 'null'}`);
    await keepResult(task, 'SUCCESS', result ?? null, redis);
  } catch (error) {
    log(`Task ${task.name}[${task.id}] raised unexpected: ${reason(error)}`);
    const failure = { exc_type: 'Exception', exc_message: [reason(error)], exc_module: 'builtins' };
    await keepResult(task, 'FAILURE', failure, redis);
  }
}

async function keepResult(task: Task, status: string, result: unknown, redis: Redis): Promise<void> {
  if (task.ignoreResult) return;
  const kept = { status, result, traceback: null, children: [], date_done: new Date().toISOString(), task_id: task.id };
  const key = `celery-task-meta-${task.id}`;
  const text = JSON.stringify(kept);
  // Celery's result backend publishes the result under the key's name, too: a waiting sender listens there.
  await redis.multi().setex(key, resultSeconds, text).publish(key, text).exec();
}
