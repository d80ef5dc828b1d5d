import type { HttpAnswer } from '../../../shared/src/http-message.ts';
import { log, reason } from '../../../shared/src/log.ts';
import { pythonJson } from '../../../shared/src/python-json.ts';
import { ApiError, apiError } from '../http/errors.ts';
import type { RunEvent } from './run.ts';

/** The events of a run as server-sent events, each sent when it happens. */
export function streaming(events: AsyncIterable<RunEvent>): HttpAnswer {
  return { status: 200, headers: { 'Content-Type': 'text/event-stream; charset=utf-8' }, body: written(events) };
}

async function* written(events: AsyncIterable<RunEvent>): AsyncGenerator<string> {
  let runId: string | null = null;
  try {
    for await (const event of events) {
      runId = event.workflow_run_id;
      yield line(event);
    }
  } catch (error) {
    // The status is sent already: what went wrong is one more event.
    log(`workflow run: ${reason(error)}`);
    const message = 'Internal Server Error, please contact support.';
    const told = error instanceof ApiError ? error : apiError(500, 'internal_server_error', message);
    yield line({ event: 'error', workflow_run_id: runId, ...told.body });
  }
}

function line(event: object): string {
  return `data: ${pythonJson(event)}\n\n`;
}

/** A run in one answer, when it has ended. It has no newline at its end. */
export async function blocking(events: AsyncIterable<RunEvent>): Promise<HttpAnswer> {
  let last: RunEvent | undefined;
  for await (const event of events) last = event;
  if (last?.event !== 'workflow_finished') throw new Error('a run ended without its last event');
  const { created_by: _by, exceptions_count: _count, files: _files, ...data } = last.data;
  const body = pythonJson({ task_id: last.task_id, workflow_run_id: last.workflow_run_id, data });
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
}
