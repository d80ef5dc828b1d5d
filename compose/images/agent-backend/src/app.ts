import { timingSafeEqual } from 'node:crypto';
import { header, type HttpAnswer, type HttpHandler, type HttpRequest } from '../../shared/src/http-message.ts';
import { log, reason } from '../../shared/src/log.ts';
import { notKnown } from '../../shared/src/not-known.ts';
import type { Runs } from './runs.ts';
import type { AgentSettings } from './settings.ts';

export interface AgentOptions {
  settings: Pick<AgentSettings, 'apiToken' | 'hasServerKey' | 'hasSandbox'>;
  runs: Pick<Runs, 'create' | 'get' | 'events' | 'fail'>;
}

type View = (options: AgentOptions, request: HttpRequest, id: string) => Promise<HttpAnswer> | HttpAnswer;

/**
 * The HTTP side of the agent's server (FastAPI), as the source of 1.16.1 has it (dify-agent, server/app.py): runs behind their token,
 * calls of a sandbox behind a token that the server itself encrypts. It has no health route. What needs a model or a layer is 501.
 */
export function agentApp(options: AgentOptions): HttpHandler {
  return async (request) => {
    const { method, path } = request;
    const found = ROUTES.flatMap(({ form, views }) => {
      const match = form.exec(path);
      return match ? [{ views, id: match[1] ?? '' }] : [];
    })[0];
    if (!found) return detail(404, 'Not Found');
    const view = found.views[method];
    if (!view) return detail(405, 'Method Not Allowed', { Allow: Object.keys(found.views).join(', ') });
    try {
      return await view(options, request, found.id);
    } catch (error) {
      log(`${method} ${path}: ${reason(error)}`);
      return { status: 500, headers: { 'Content-Type': 'text/plain; charset=utf-8' }, body: 'Internal Server Error' };
    }
  };
}

/** A run that asks for no model can only take up what another left; the real one names the same field. */
const NOTHING_TO_RESUME = 'a run without a model requires a session_snapshot';

const forRuns =
  (view: View): View =>
  (options, request, id) =>
    refusal(options.settings.apiToken, header(request, 'Authorization')) ?? view(options, request, id);

const create = forRuns(async ({ runs }, request) => {
  const body = objectIn(request.body.toString('utf8'));
  const layers = objectIn(body?.['composition'])?.['layers'];
  if (!body || !Array.isArray(layers)) return invalid(body);
  // Whatever a layer does, with or without a model, is nothing that is known here.
  if (layers.length > 0 || (body['session_snapshot'] ?? null) !== null) return notKnown('runs with layers');
  const record = await runs.create();
  runs.fail(record, NOTHING_TO_RESUME).catch((error: unknown) => log(`run ${record.run_id}: ${reason(error)}`));
  return json(202, { run_id: record.run_id, status: record.status });
});

const run = forRuns(async ({ runs }, _request, id) => {
  const record = await runs.get(id);
  return record ? json(200, record) : detail(404, 'run not found');
});

const cancel = forRuns(async ({ runs }, _request, id) => {
  const record = await runs.get(id);
  if (!record) return detail(404, 'run not found');
  if (record.status === 'cancelled') return json(200, { run_id: id, status: 'cancelled' });
  return detail(409, `run already finished with status '${record.status}'`);
});

const PAGE = { usual: 100, most: 500 } as const;

const events = forRuns(async ({ runs }, { query }, id) => {
  const given = new URLSearchParams(query);
  const [after, limit] = [given.get('after') ?? '0-0', Number(given.get('limit') ?? PAGE.usual)];
  if (!Number.isInteger(limit) || limit < 1 || limit > PAGE.most) return notKnown('a limit that is none');
  if (!(await runs.get(id))) return detail(404, 'run not found');
  const found = await runs.events(id, after, limit);
  return json(200, { run_id: id, events: found, next_cursor: found.at(-1)?.id ?? after });
});

/** A sandbox has a token only from a run with layers: there is none that could be right. */
const stub: View = ({ settings }) =>
  settings.hasServerKey
    ? detail(401, 'invalid or missing Agent Stub authorization')
    : detail(503, 'Agent Stub is not configured');

const files: View = ({ settings }) =>
  settings.hasSandbox
    ? notKnown('files of a sandbox')
    : detail(503, { code: 'sandbox_backend_unavailable', message: 'sandbox service is not configured' });

/** Its body is judged before its token. */
const stubWithBody: View = (options, request, id) =>
  objectIn(request.body.toString('utf8')) ? stub(options, request, id) : invalid(null);

const ROUTES: readonly { form: RegExp; views: Record<string, View> }[] = [
  { form: /^\/runs$/, views: { POST: create } },
  { form: /^\/runs\/([^/]+)$/, views: { GET: run } },
  { form: /^\/runs\/([^/]+)\/cancel$/, views: { POST: cancel } },
  { form: /^\/runs\/([^/]+)\/events$/, views: { GET: events } },
  { form: /^\/runs\/([^/]+)\/events\/sse$/, views: { GET: forRuns(() => notKnown('streams of events')) } },
  { form: /^\/sandbox\/files\/(?:list|read|upload)$/, views: { POST: files } },
  { form: /^\/agent-stub\/config\/manifest$|^\/agent-stub\/drive\/manifest$/, views: { GET: stub } },
  {
    form: /^\/agent-stub\/config\/(?:skills|files)\/[^/]+\/pull$|^\/agent-stub\/config\/skills\/[^/]+\/inspect$/,
    views: { GET: stub },
  },
  {
    form: /^\/agent-stub\/(?:connections|files\/(?:upload|download)-request|config\/push|drive\/commit)$/,
    views: { POST: stubWithBody },
  },
  { form: /^\/agent-stub\/config\/env$/, views: { PATCH: stubWithBody } },
  { form: /^\/agent-stub\/config\/note$/, views: { PUT: stubWithBody } },
  { form: /^\/(?:docs|redoc|openapi\.json)$/, views: { GET: () => notKnown('its own documentation') } },
];

/** Why a bearer is not let in; null: it is (dify-agent of 1.16.1, server/auth.py). */
function refusal(expected: string | null, given: string | undefined): HttpAnswer | null {
  if (expected === null) return null;
  const refused = (why: string) => detail(401, why, { 'WWW-Authenticate': 'Bearer' });
  if (given === undefined) return refused('missing authorization header');
  const [, scheme = '', token = ''] = /^(\S*) ?(.*)$/.exec(given) ?? [];
  if (scheme.toLowerCase() !== 'bearer' || token.trim() === '') return refused('invalid authorization scheme');
  const [one, other] = [Buffer.from(token.trim()), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other) ? null : refused('invalid bearer token');
}

/** The object that a text or a value is; null: it is none. */
function objectIn(value: unknown): Record<string, unknown> | null {
  try {
    const read: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof read === 'object' && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Of its details only that something is missing is told: their words are those of the library that judges them. */
function invalid(body: Record<string, unknown> | null): HttpAnswer {
  const at = body && !('composition' in body) ? ['body', 'composition'] : ['body'];
  return json(422, { detail: [{ type: 'missing', loc: at, msg: 'Field required', input: body }] });
}

function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return { status, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

function detail(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  return json(status, { detail: value }, headers);
}
