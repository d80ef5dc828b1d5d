import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

/** Separates the parts of a binding and of a queue with a priority, in kombu's Redis transport. */
export const separator = '\u0006\u0016';

/** Where kombu notes that a queue is there. */
export function bindingOf(queue: string): { key: string; member: string } {
  return { key: `_kombu.binding.${queue}`, member: [queue, '', queue].join(separator) };
}

/** A task as Celery's message protocol 2 carries it. */
export interface Task {
  id: string;
  name: string;
  args: readonly unknown[];
  kwargs: Readonly<Record<string, unknown>>;
  /** False when the sender wants the result kept under `celery-task-meta-<id>`. */
  ignoreResult: boolean;
}

/** Something that kombu put on a list or published: its body and what stands around it. */
export interface Envelope {
  body: unknown;
  headers: Readonly<Record<string, unknown>>;
  properties: Readonly<Record<string, unknown>>;
}

/** The message of a new task for a queue, and the task's id. */
export function taskMessage(
  name: string,
  queue: string,
  args: readonly unknown[] = [],
  kwargs: Readonly<Record<string, unknown>> = {},
  ignoreResult = true,
): { id: string; message: string } {
  const id = randomUUID();
  const headers = {
    lang: 'py',
    task: name,
    id,
    shadow: null,
    eta: null,
    expires: null,
    group: null,
    group_index: null,
    retries: 0,
    timelimit: [null, null],
    root_id: id,
    parent_id: null,
    argsrepr: tuple(args),
    kwargsrepr: pythonRepr(kwargs),
    origin: `gen${process.pid}@${hostname()}`,
    ignore_result: ignoreResult,
    replaced_task_nesting: 0,
    stamped_headers: null,
    stamps: {},
  };
  const body = [args, kwargs, { callbacks: null, errbacks: null, chain: null, chord: null }];
  return {
    id,
    message: envelope(body, headers, {
      correlation_id: id,
      reply_to: randomUUID(),
      delivery_info: { exchange: '', routing_key: queue },
    }),
  };
}

/** Wraps a body as kombu does: JSON in base64, with the headers and properties beside it. */
export function envelope(
  body: unknown,
  headers: Readonly<Record<string, unknown>>,
  properties: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    body: Buffer.from(JSON.stringify(body)).toString('base64'),
    'content-encoding': 'utf-8',
    'content-type': 'application/json',
    headers,
    properties: { delivery_mode: 2, priority: 0, body_encoding: 'base64', delivery_tag: randomUUID(), ...properties },
  });
}

/** Reads what kombu wrote. Throws an Error when it is something else. */
export function openEnvelope(message: string): Envelope {
  const outer = record(JSON.parse(message));
  const properties = record(outer['properties']);
  const written = typeof outer['body'] === 'string' ? outer['body'] : '';
  const text = properties['body_encoding'] === 'base64' ? Buffer.from(written, 'base64').toString('utf8') : written;
  return { body: JSON.parse(text), headers: record(outer['headers']), properties };
}

/** The task inside a message. Throws an Error when the message carries none. */
export function readTask(message: Envelope): Task {
  const { task: name, id } = message.headers;
  if (typeof name !== 'string' || typeof id !== 'string' || !Array.isArray(message.body)) {
    throw new Error('a message that is no task of protocol 2');
  }
  const [args, kwargs]: unknown[] = message.body;
  return {
    id,
    name,
    args: Array.isArray(args) ? args : [],
    kwargs: record(kwargs),
    ignoreResult: message.headers['ignore_result'] !== false,
  };
}

/** A value as an object; an empty one when it is none. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A value as Python shows it: what Celery puts into a message for people to read. */
export function pythonRepr(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') {
    const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
    return quote + value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\n', '\\n') + quote;
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  const members = Object.entries(record(value));
  if (typeof value === 'object')
    return `{${members.map(([name, of]) => `${pythonRepr(name)}: ${pythonRepr(of)}`).join(', ')}}`;
  return JSON.stringify(value);
}

function tuple(values: readonly unknown[]): string {
  return `(${values.map(pythonRepr).join(', ')}${values.length === 1 ? ',' : ''})`;
}
