import { log, reason } from '../../../shared/src/log.ts';
import { openRedis, type Redis, type RedisSettings } from '../../../shared/src/redis.ts';
import { envelope, openEnvelope, record, separator } from './message.ts';

const replyExchange = 'reply.celery.pidbox';
const replySeconds = 10;

/** The channel of Celery's remote control in a database of Redis. */
export function controlChannel(settings: RedisSettings): string {
  return `/${settings.db}.celery.pidbox`;
}

/** Where the answers for one asker are bound, and the list that they go to. */
export function replyBinding(asker: string): { key: string; member: string; list: string } {
  const list = `${asker}.${replyExchange}`;
  return { key: `_kombu.binding.${replyExchange}`, member: [asker, '', list].join(separator), list };
}

/** The message that asks all workers, or those of `destination`, for a sign of life. */
export function pingMessage(
  asker: string,
  ticket: string,
  destination: readonly string[] | null,
  withinMs: number,
): string {
  const body = {
    method: 'ping',
    arguments: {},
    destination,
    pattern: null,
    matcher: null,
    ticket,
    reply_to: { exchange: replyExchange, routing_key: asker },
  };
  const expires = (Date.now() + withinMs) / 1000;
  return envelope(body, { clock: 1, expires }, { delivery_info: { exchange: 'celery.pidbox', routing_key: '' } });
}

/**
 * Answers Celery's remote control (`inspect ping`) for this worker, in kombu's own form. Comes back by itself after a
 * loss of Redis. Returns how to stop it.
 */
export function answerControl(settings: RedisSettings, commands: Redis, name: string): () => void {
  const subscriber = openRedis(settings, 'control');
  const channel = controlChannel(settings);
  subscriber.on('ready', () => {
    subscriber.subscribe(channel).catch((error: unknown) => log(`control: ${reason(error)}`));
  });
  subscriber.on('message', (_channel: string, message: string) => {
    reply(message, commands, name).catch((error: unknown) => log(`control: ${reason(error)}`));
  });
  subscriber.connect().catch(() => undefined);
  return () => subscriber.disconnect();
}

async function reply(message: string, redis: Redis, name: string): Promise<void> {
  const { body, headers } = openEnvelope(message);
  const asked = record(body);
  const { destination, ticket, method } = asked;
  if (Array.isArray(destination) && !destination.includes(name)) return;
  if (typeof headers['expires'] === 'number' && headers['expires'] * 1000 < Date.now()) return;
  const to = record(asked['reply_to'])['routing_key'];
  if (typeof to !== 'string') return;
  const answer = method === 'ping' ? { ok: 'pong' } : { error: `No such method: ${String(method)}` };
  const written = envelope(
    { [name]: answer },
    { ticket },
    {
      delivery_info: { exchange: replyExchange, routing_key: to },
    },
  );
  const members = await redis.smembers(`_kombu.binding.${replyExchange}`);
  for (const member of members) {
    const [key, , list] = member.split(separator);
    if (key !== to || !list) continue;
    await redis.multi().lpush(list, written).expire(list, replySeconds).exec();
  }
}
