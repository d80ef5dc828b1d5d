import { randomUUID } from 'node:crypto';
import type { Redis } from '../../shared/src/redis.ts';
import type { AgentSettings } from './settings.ts';

export interface RunRecord {
  run_id: string;
  status: 'running' | 'succeeded' | 'failed' | 'cancelled';
  created_at: string;
  updated_at: string;
  error: string | null;
}

export interface RunEvent {
  id: string;
  run_id: string;
  created_at: string;
  type: string;
  data: Record<string, unknown>;
}

const now = () => new Date().toISOString().replace(/\.(\d{3})Z$/, '.$1000Z');

/** Runs and their events in Redis, under the keys of the real server (dify-agent of 1.16.1, storage/redis_keys.py). */
export class Runs {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #keptSeconds: number;

  constructor(
    redis: Redis,
    { redisPrefix, runRetentionSeconds }: Pick<AgentSettings, 'redisPrefix' | 'runRetentionSeconds'>,
  ) {
    this.#redis = redis;
    this.#prefix = redisPrefix;
    this.#keptSeconds = runRetentionSeconds;
  }

  async create(): Promise<RunRecord> {
    const at = now();
    const record: RunRecord = { run_id: randomUUID(), status: 'running', created_at: at, updated_at: at, error: null };
    await this.#write(record);
    return record;
  }

  async get(id: string): Promise<RunRecord | null> {
    const value = await this.#redis.get(this.#key(id, 'record'));
    return value === null ? null : (JSON.parse(value) as RunRecord);
  }

  async events(id: string, after: string, limit: number): Promise<RunEvent[]> {
    const found = await this.#redis.xrange(this.#key(id, 'events'), `(${after}`, '+', 'COUNT', limit);
    return found.map(([at, fields]) => ({
      id: at,
      ...(JSON.parse(fields[fields.indexOf('payload') + 1] ?? '{}') as Omit<RunEvent, 'id'>),
    }));
  }

  /** What the real server does with a run that asks for no model and brings nothing to resume: it starts, and fails. */
  async fail(record: RunRecord, error: string): Promise<void> {
    await this.#append(record.run_id, 'run_started', {});
    await this.#append(record.run_id, 'run_failed', { error, reason: null });
    await this.#write({ ...record, status: 'failed', error, updated_at: now() });
  }

  async #append(id: string, type: string, data: Record<string, unknown>): Promise<void> {
    const [events, payload] = [this.#key(id, 'events'), JSON.stringify({ run_id: id, created_at: now(), type, data })];
    await this.#redis
      .multi()
      .xadd(events, '*', 'payload', payload)
      .expire(events, this.#keptSeconds)
      .expire(this.#key(id, 'record'), this.#keptSeconds)
      .exec();
  }

  async #write(record: RunRecord): Promise<void> {
    await this.#redis.set(this.#key(record.run_id, 'record'), JSON.stringify(record), 'EX', this.#keptSeconds);
  }

  #key(id: string, of: 'record' | 'events'): string {
    return `${this.#prefix}:runs:${id}:${of}`;
  }
}
