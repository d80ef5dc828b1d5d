import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentApp, type AgentOptions } from '../../../compose/images/agent-backend/src/app.ts';
import type { RunEvent, RunRecord } from '../../../compose/images/agent-backend/src/runs.ts';
import { agentSettings } from '../../../compose/images/agent-backend/src/settings.ts';
import { shellctlApp } from '../../../compose/images/local-sandbox/src/app.ts';
import { Jobs } from '../../../compose/images/local-sandbox/src/jobs.ts';
import { tailOf, windowFrom } from '../../../compose/images/local-sandbox/src/output.ts';
import { requestFor, type HttpHandler } from '../../../compose/images/shared/src/http-message.ts';
import { redisUrlSettings } from '../../../compose/images/shared/src/redis.ts';

/** Asks a handler, and reads the JSON of its answer where it is some. */
async function ask(app: HttpHandler, line: string, { token, body }: { token?: string; body?: unknown } = {}) {
  const [method = '', target = ''] = line.split(' ');
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const sent = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await app(requestFor(method, target, headers, sent));
  const text = typeof answer.body === 'string' ? answer.body : '';
  return {
    status: answer.status,
    text,
    json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}

describe("the sandbox of an agent's commands", () => {
  let folder: string;
  let jobs: Jobs;
  const appWith = (token: string, env: Record<string, string> = {}) => shellctlApp({ jobs, token, home: folder, env });

  beforeAll(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'local-sandbox-'));
    jobs = new Jobs(folder, {
      PATH: process.env['PATH'],
      HOME: folder,
      SHELLCTL_AUTH_TOKEN: 'right',
      HTTP_PROXY: 'http://out:3128',
    });
  });
  afterAll(() => {
    jobs.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('is healthy for everybody, and runs nothing for whoever has no token or another', async () => {
    const app = appWith('right');
    expect(await ask(app, 'GET /healthz')).toMatchObject({ status: 200, text: '{"status":"ok"}\n' });
    const refused = {
      status: 401,
      json: { error: { code: 'unauthorized', message: 'Missing or invalid bearer token' } },
    };
    expect(await ask(app, 'GET /v1/jobs')).toMatchObject(refused);
    expect(await ask(app, 'POST /v1/jobs/run', { token: 'wrong', body: { script: 'echo no' } })).toMatchObject(refused);
  });

  test('without a token of its own it runs what everybody brings', async () => {
    const body = { script: 'echo open' };
    expect(await ask(appWith(''), 'POST /v1/jobs/run', { body })).toMatchObject({
      status: 200,
      json: { output: 'open\n' },
    });
  });

  test('runs a script with its environment, and none of its own secrets', async () => {
    const script = 'echo "$GREETING by $HTTP_PROXY [$SHELLCTL_AUTH_TOKEN]"; echo told >&2; exit 3';
    const { json } = await ask(appWith('right'), 'POST /v1/jobs/run', {
      token: 'right',
      body: { script, env: { GREETING: 'hello' } },
    });
    expect(json).toMatchObject({
      done: true,
      status: 'exited',
      exit_code: 3,
      output: 'hello by http://out:3128 []\ntold\n',
      truncated: false,
    });
    const id = String(json['job_id']);
    const own = { token: 'right' };
    expect(await ask(appWith('right'), `GET /v1/jobs/${id}`, own)).toMatchObject({
      status: 200,
      json: { exit_code: 3 },
    });
    expect(await ask(appWith('right'), `DELETE /v1/jobs/${id}`, own)).toMatchObject({ json: { deleted: true } });
    expect(await ask(appWith('right'), `GET /v1/jobs/${id}`, own)).toMatchObject({
      status: 404,
      json: { error: { code: 'job_not_found' } },
    });
  });

  test('a script with an interpreter of its own is run by that one', async () => {
    const script = '#!/usr/bin/env node\nconsole.log(6 * 7)';
    expect(await ask(appWith(''), 'POST /v1/jobs/run', { body: { script } })).toMatchObject({
      json: { output: '42\n' },
    });
  });

  test('one that goes on is ended when it is told to', async () => {
    const app = appWith('');
    const { json } = await ask(app, 'POST /v1/jobs/run', {
      body: { script: 'echo on; exec sleep 60', idle_flush_seconds: 0.01 },
    });
    expect(json).toMatchObject({ done: false, status: 'running', exit_code: null, output: 'on\n' });
    const id = String(json['job_id']);
    expect(await ask(app, `DELETE /v1/jobs/${id}`)).toMatchObject({
      status: 409,
      json: { error: { code: 'job_running' } },
    });
    const { json: ended } = await ask(app, `POST /v1/jobs/${id}/terminate`, { body: { grace_seconds: 0 } });
    expect(ended).toMatchObject({ done: true, status: 'terminated' });
  });

  test.for<[string, string, unknown, number, string]>([
    ['no JSON', 'POST /v1/jobs/run', '{', 400, 'invalid_request'],
    ['no script', 'POST /v1/jobs/run', {}, 400, 'invalid_request'],
    ['a folder that is none', 'POST /v1/jobs/run', { script: 'true', cwd: '/nowhere/at/all' }, 400, 'invalid_cwd'],
    ['a variable that is none', 'POST /v1/jobs/run', { script: 'true', env: { 'A=B': '' } }, 422, 'validation_error'],
    ['a job that is none', 'POST /v1/jobs/0123/wait', { offset: 0 }, 404, 'job_not_found'],
  ])('refuses %s', async ([, line, body, status, code]) => {
    expect(await ask(appWith(''), line, { body })).toMatchObject({ status, json: { error: { code } } });
  });

  test('what it does not know is 501 by name, what is no route is 404', async () => {
    const body = { script: 'true' };
    const withPaths = appWith('', { SHELLCTL_LANDLOCK_RO_PATHS: '' });
    expect(await ask(withPaths, 'POST /v1/jobs/run', { body })).toMatchObject({ status: 501 });
    expect(await ask(appWith(''), 'POST /v1/jobs/0123/input', { body: { text: 'y', offset: 0 } })).toMatchObject({
      status: 501,
    });
    expect(await ask(appWith(''), 'GET /v2')).toMatchObject({ status: 404, text: '404 page not found\n' });
    expect(await ask(appWith(''), 'PUT /v1/jobs')).toMatchObject({ status: 405 });
  });

  test('output is cut between characters', () => {
    const all = Buffer.from('aß€');
    expect(windowFrom(all, 0, 2)).toEqual({ output: 'a', offset: 1, truncated: true });
    expect(windowFrom(all, 1, 9)).toEqual({ output: 'ß€', offset: 6, truncated: false });
    expect(windowFrom(all, 6, 9)).toEqual({ output: '', offset: 6, truncated: false });
    expect(tailOf(all, 4).output).toBe('€');
  });
});

describe('the server of the agent', () => {
  const KEY = Buffer.alloc(32, 7).toString('base64url');

  function appWith(settings: Partial<AgentOptions['settings']> = {}, redisIsAway = false): HttpHandler {
    const [records, events] = [new Map<string, RunRecord>(), new Map<string, RunEvent[]>()];
    const at = '2026-01-01T00:00:00.000000Z';
    const runs: AgentOptions['runs'] = {
      create: async () => {
        if (redisIsAway) throw new Error('WRONGPASS');
        const record: RunRecord = { run_id: 'one', status: 'running', created_at: at, updated_at: at, error: null };
        records.set('one', record);
        return record;
      },
      get: async (id) => {
        if (redisIsAway) throw new Error('WRONGPASS');
        return records.get(id) ?? null;
      },
      events: async (id) => events.get(id) ?? [],
      fail: async (record, error) => {
        records.set(record.run_id, { ...record, status: 'failed', error });
        events.set(record.run_id, [
          { id: '1-0', run_id: record.run_id, created_at: at, type: 'run_failed', data: { error } },
        ]);
      },
    };
    return agentApp({ settings: { apiToken: 'right', hasServerKey: true, hasSandbox: true, ...settings }, runs });
  }

  test.for<[string, string | undefined, string | null, number, string]>([
    ['no token', undefined, 'right', 401, 'missing authorization header'],
    ['an empty one', '', 'right', 401, 'invalid authorization scheme'],
    ['another', 'wrong', 'right', 401, 'invalid bearer token'],
    ['another of its length', 'wrong', 'rihgt', 401, 'invalid bearer token'],
    ['the right one', 'right', 'right', 404, 'run not found'],
    ['any, where the server has an empty one', 'right', '', 401, 'invalid bearer token'],
    ['none, where the server has none', undefined, null, 404, 'run not found'],
  ])('%s: %i', async ([, token, apiToken, status, detail]) => {
    const answer = await ask(appWith({ apiToken }), 'GET /runs/none', token === undefined ? {} : { token });
    expect(answer).toMatchObject({ status, json: { detail } });
  });

  test('a run that asks for no model is taken, and fails as it does at the real one', async () => {
    const app = appWith();
    const own = { token: 'right' };
    const body = { composition: { layers: [] } };
    expect(await ask(app, 'POST /runs', { ...own, body })).toMatchObject({
      status: 202,
      json: { run_id: 'one', status: 'running' },
    });
    expect((await ask(app, 'GET /runs/one', own)).json).toMatchObject({ status: 'failed', error: /session_snapshot/ });
    expect((await ask(app, 'GET /runs/one/events', own)).json).toMatchObject({ run_id: 'one', next_cursor: '1-0' });
    expect(await ask(app, 'POST /runs/one/cancel', { ...own, body: {} })).toMatchObject({ status: 409 });
    expect(await ask(app, 'POST /runs', { ...own, body: {} })).toMatchObject({ status: 422 });
    const withModel = { composition: { layers: [{ name: 'model', type: 'dify.plugin.model' }] } };
    expect(await ask(app, 'POST /runs', { ...own, body: withModel })).toMatchObject({ status: 501 });
  });

  test('without its Redis it stands, and every run is 500', async () => {
    const answer = await ask(appWith({}, true), 'GET /runs/one', { token: 'right' });
    expect(answer).toMatchObject({ status: 500, text: 'Internal Server Error' });
  });

  test('calls of a sandbox need a token that the server made, and a key that makes them', async () => {
    const line = 'GET /agent-stub/config/manifest';
    const refused = { status: 401, json: { detail: 'invalid or missing Agent Stub authorization' } };
    expect(await ask(appWith(), line, { token: 'right' })).toMatchObject(refused);
    expect(await ask(appWith({ hasServerKey: false }), line)).toMatchObject({ status: 503 });
    expect(await ask(appWith({ hasSandbox: false }), 'POST /sandbox/files/list')).toMatchObject({ status: 503 });
    expect(await ask(appWith(), 'GET /health')).toMatchObject({ status: 404, json: { detail: 'Not Found' } });
    expect(await ask(appWith(), 'DELETE /runs')).toMatchObject({ status: 405 });
  });

  test('reads what Dify gives it', () => {
    const env = {
      DIFY_AGENT_SERVER_SECRET_KEY: KEY,
      DIFY_AGENT_API_TOKEN: 't',
      DIFY_AGENT_SHELLCTL_ENTRYPOINT: 'http://s:5004',
    };
    expect(agentSettings(env)).toMatchObject({
      apiToken: 't',
      hasServerKey: true,
      hasSandbox: true,
      redisPrefix: 'dify-agent',
    });
    expect(agentSettings({})).toMatchObject({ apiToken: null, hasServerKey: false, hasSandbox: false });
    expect(agentSettings({ ...env, DIFY_AGENT_STUB_API_BASE_URL: 'grpc://agent_backend:9000' }).unheeded).toHaveLength(
      1,
    );
  });

  test.for<[string, Record<string, string>, RegExp]>([
    ['a key in hexadecimal', { DIFY_AGENT_SERVER_SECRET_KEY: 'ab'.repeat(32) }, /must decode to exactly 32/],
    ['a key with padding', { DIFY_AGENT_SERVER_SECRET_KEY: `${KEY}=` }, /unpadded base64url/],
    [
      'an address for its sandboxes and no key',
      { DIFY_AGENT_STUB_API_BASE_URL: 'http://a:5050' },
      /SECRET_KEY is required/,
    ],
    ['no address of api', { DIFY_AGENT_INNER_API_URL: '' }, /INNER_API_URL must not be empty/],
    ['an empty number', { DIFY_AGENT_RUN_RETENTION_SECONDS: '' }, /RETENTION_SECONDS/],
    ['patterns that are no list', { DIFY_AGENT_SHELL_REDACT_PATTERNS: 'sk-' }, /JSON array/],
    ['another kind of sandbox', { DIFY_AGENT_SHELL_PROVIDER: 'docker' }, /shellctl/],
  ])('stops at %s', ([, env, said]) => {
    expect(() => agentSettings(env)).toThrow(said);
  });

  test('reads the address of Redis as its own client does', () => {
    expect(redisUrlSettings('redis://:p%40ss@redis:6380/2')).toEqual({
      at: { host: 'redis', port: 6380 },
      password: 'p@ss',
      db: 2,
    });
    expect(redisUrlSettings('rediss://redis').tls).toMatchObject({ verify: true });
    expect(redisUrlSettings('rediss://redis?ssl_cert_reqs=none').tls).toMatchObject({ verify: false });
    expect(() => redisUrlSettings('redis')).toThrow(/one of the following schemes/);
  });
});
