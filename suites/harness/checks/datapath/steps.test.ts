import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { streamedRun } from '../../../../fixtures/checks/datapath/answer-judge.ts';
import { FrontDoor, masked, type Answer } from '../../../../fixtures/checks/datapath/front-door.ts';
import { hitProblem, signedPreview } from '../../../../fixtures/checks/datapath/steps-dataset.ts';
import { STEPS, takeSteps } from '../../../../fixtures/checks/datapath/steps.ts';
import type { Step } from '../../../../fixtures/checks/datapath/step.ts';
import { outputsProblem } from '../../../../fixtures/checks/datapath/steps-workflow.ts';
import { planUse, type FirstUse } from '../../../../fixtures/checks/datapath/use.ts';
import { codeResult } from '../../../../fixtures/checks/datapath/workflow-graph.ts';
import { recordedCall, recordedCalls } from '../../../../fixtures/testing/first-use.ts';

const ID = '0f0e0d0c-0b0a-4908-8706-050403020100';
/** Bodies were cut at this length when they were recorded: what was cut is no JSON any more. */
const CUT = 500;

function answer(status: number | null, text: string, type = 'application/json', headers = {}): Answer {
  const call = {
    method: 'GET',
    path: '/',
    status,
    contentType: type,
    bodyStart: text.slice(0, CUT),
    ms: 1,
    error: status === null ? 'ECONNREFUSED' : null,
  };
  return { call, status, headers: { 'content-type': type, ...headers }, text };
}

/** A use as the recording has it: names as recorded, ids where the recording has a placeholder. */
function recordedUse(): FirstUse {
  const use = planUse();
  Object.assign(use.account, { name: 'ops', email: 'ops@example.test', password: 'Verify123456' });
  Object.assign(use.app, { name: 'verify', id: ID });
  Object.assign(use.dataset, { name: 'verify-ds', query: 'fox' });
  Object.assign(use.file, { name: 'note.txt', text: 'x'.repeat(57) });
  return use;
}

const step = (name: Step['name']): Step => {
  const found = STEPS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(name);
  return found;
};

/** Which step each recorded call is, by what tells it from the others of its path. */
const RECORDED: [Step['name'], method: string, pathEnd: string, status?: number][] = [
  ['setup', 'POST', '/setup', 201],
  ['setup-again', 'POST', '/setup', 403],
  ['setup-finished', 'GET', '/setup'],
  ['wrong-password', 'POST', '/login', 400],
  ['login', 'POST', '/login', 200],
  ['no-token', 'GET', '/apps?page=1&limit=10', 401],
  ['console-token', 'GET', '/apps?page=1&limit=10', 401],
  ['apps', 'GET', '/apps?page=1&limit=10', 200],
  ['profile', 'GET', '/profile'],
  ['workspace', 'GET', '/workspaces/current'],
  ['plugins', 'GET', '/plugin/list'],
  ['debugging-key', 'GET', '/plugin/debugging-key'],
  ['model-providers', 'GET', '/model-providers'],
  ['app', 'POST', '/console/api/apps'],
  ['draft-none', 'GET', '/workflows/draft'],
  ['draft', 'POST', '/workflows/draft'],
  ['publish', 'POST', '/workflows/publish'],
  ['api-key', 'POST', '/api-keys'],
  ['info', 'GET', '/v1/info'],
  ['upload', 'POST', '/files/upload?source=datasets'],
  ['upload-limits', 'GET', '/files/upload'],
  ['preview-unsigned', 'GET', '/file-preview'],
];

describe('the recorded answers of the real release are taken', () => {
  test.for(RECORDED)('%s', ([name, method, pathEnd, status]) => {
    const call = recordedCalls().find(
      (one) => one.method === method && one.path.endsWith(pathEnd) && (status === undefined || one.status === status),
    );
    if (!call) throw new Error(`the recording has no ${method} …${pathEnd}`);
    const text = call.bodyStart.replaceAll('<uuid>', ID).replace('<24 chars>', 'A1b2C3d4E5f6G7h8I9j0K1l2');
    expect(step(name).judge(answer(call.status, text, call.contentType), recordedUse())).toBeNull();
  });

  test('the state of indexing, before and at its end', () => {
    const states = recordedCalls().filter(({ path }) => path.endsWith('/indexing-status'));
    const problems = states.map((call) => step('indexing').judge(answer(200, call.bodyStart), recordedUse()));
    expect(problems.at(-1)).toBeNull();
    expect(problems[0]).toBe('that indexing is "parsing"');
  });

  test('a text among the hits', () => {
    const { bodyStart } = recordedCall('POST', '/hit-testing');
    const content = /"content": "(The quick[^"]+)"/.exec(bodyStart)?.[1] ?? '';
    const hit = answer(200, `{"query":{"content":"fox"},"records":[{"segment":{"content":"${content}"}}]}`);
    expect(step('retrieval').judge(hit, recordedUse())).toBeNull();
    expect(hitProblem(answer(200, '{"records":[]}'), recordedUse())).toBe(
      '0 hits for "fox", none of them the text that was uploaded',
    );
  });
});

describe('answers that are not as due', () => {
  test.for([
    ['setup', answer(200, '<!DOCTYPE html>', 'text/html'), /^200 <!DOCTYPE html> where 201 was due/],
    ['setup', answer(201, '<!DOCTYPE html>', 'text/html'), /content type "text\/html" where application\/json/],
    ['setup', answer(null, ''), /^nothing \(ECONNREFUSED\) where 201 was due/],
    ['setup-again', answer(201, '{"result": "success"}'), /where 403 was due/],
    ['login', answer(200, '{"result": "success"}'), /without a session/],
    ['no-token', answer(200, '{"data": []}'), /where 401 was due/],
    ['apps', answer(200, '{"data": null, "total": 0, "has_more": false}'), /"data" not as due/],
    ['plugins', answer(200, '{"plugins": {}}'), /"plugins" not as due/],
    ['app-key', answer(200, '{"name": "verify"}'), /where 401 was due/],
    ['document', answer(200, '{"dataset": {}, "batch": "1", "documents": []}'), /"documents" not as due/],
    ['indexing', answer(200, '{"data": []}'), /that indexing is ""/],
    [
      'indexing',
      answer(200, '{"data": [{"indexing_status": "completed", "completed_segments": 0}]}'),
      /without a segment/,
    ],
    [
      'indexing',
      answer(200, '{"data": [{"indexing_status": "error", "error": "no such file"}]}'),
      /"error": no such file/,
    ],
    ['preview', answer(200, 'another text', 'text/plain'), /not those of the upload/],
    [
      'draft-run',
      answer(200, 'data: {"event": "workflow_started"}\n\n', 'text/event-stream'),
      /ends with workflow_started/,
    ],
    ['draft-run', answer(200, '{}'), /where text\/event-stream was due/],
  ] as [Step['name'], Answer, RegExp][])('%s: %o', ([name, seen, problem]) => {
    expect(step(name).judge(seen, recordedUse())).toMatch(problem);
  });

  test('newer releases: a session by cookies, other codes, the workspace by POST', () => {
    const cookies = { 'set-cookie': 'access_token=a.b.c; Path=/, csrf_token=x; Expires=Thu, 01 Jan 2099 00:00:00 GMT' };
    const { judge } = step('login');
    expect(judge(answer(200, '{"result": "success"}', 'application/json', cookies), recordedUse())).toBeNull();
    const refused = answer(401, '{"code": "authentication_failed", "status": 401}');
    expect(step('wrong-password').judge(refused, recordedUse())).toBeNull();
  });
});

describe('runs of the workflow', () => {
  const use = recordedUse();
  use.workflow.target = { url: 'http://198.51.100.2/x', mark: 'the-mark' };
  const outputs = { r: codeResult(use.workflow.input), k: use.workflow.secret, s: 200, b: 'the-mark\n' };
  const run = { id: ID, status: 'succeeded', error: '', nodes: {} };

  test('the code gives here what it gives in Python', () => expect(codeResult('abc')).toBe('ran:cba:590'));

  test.for([
    [outputs, null],
    [{ ...outputs, r: 'ran:42' }, /code gave "ran:42"/],
    [{ ...outputs, k: 'other' }, /secret is not the one/],
    [{ ...outputs, s: 403, b: 'ERR_ACCESS_DENIED' }, /403 "ERR_ACCESS_DENIED" from http:\/\/198\.51\.100\.2\/x/],
    [{}, /code gave nothing/],
  ] as [Record<string, unknown>, RegExp | null][])('%o', ([seen, problem]) => {
    const found = outputsProblem({ ...run, outputs: seen }, use, { mark: true });
    if (problem === null) expect(found).toBeNull();
    else expect(found).toMatch(problem);
  });

  test('no problem tells the secret', () => {
    expect(outputsProblem({ ...run, outputs: { ...outputs, k: 'x' } }, use, { mark: true })).not.toContain(
      use.workflow.secret,
    );
  });

  test('a stream tells its nodes; an error before the run is no run', () => {
    const events = [
      { event: 'workflow_started', workflow_run_id: ID, data: {} },
      { event: 'node_finished', data: { node_id: 'c', status: 'failed', error: 'status code 401', outputs: null } },
      { event: 'workflow_finished', data: { status: 'failed', error: 'status code 401' } },
    ];
    const stream = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('event: ping\n\n');
    const seen = streamedRun(answer(200, stream, 'text/event-stream'));
    expect(seen).toMatchObject({ id: ID, status: 'failed', nodes: { c: { status: 'failed' } } });
    const early = streamedRun(answer(200, 'data: {"event": "error", "message": "no app"}\n\n', 'text/event-stream'));
    expect(early).toMatchObject({ id: '', status: 'failed', error: 'no app' });
  });
});

describe('the way through the steps', () => {
  const make = (name: Step['name'], needs: Step['needs'], problem: string | null = null): Step => ({
    name,
    needs,
    ask: async () => answer(200, '{}'),
    judge: () => problem,
  });
  const door = new FrontDoor({ host: '127.0.0.1', port: 1 });

  test('what needs a step that failed is not tried, and names the first cause; the rest is tried', async () => {
    const steps = [
      make('setup', []),
      make('login', ['setup'], '500'),
      make('app', ['login']),
      make('draft', ['app']),
      make('plugins', ['setup']),
    ];
    const seen = await takeSteps(door, planUse(), { secretKey: '' }, { steps });
    expect(seen).toMatchObject({
      setup: { state: 'done' },
      login: { state: 'failed', problem: '500' },
      app: { state: 'not-tried', because: 'login' },
      draft: { state: 'not-tried', because: 'login' },
      plugins: { state: 'done' },
    });
  });

  test('a set-up from before counts', async () => {
    const seen = await takeSteps(
      door,
      planUse(),
      { secretKey: '' },
      { steps: [make('setup', []), make('login', ['setup'])], before: { setup: { state: 'done-before' } } },
    );
    expect(seen).toMatchObject({ setup: { state: 'done-before' }, login: { state: 'done' } });
  });
});

describe('the client', () => {
  test('keeps a session by cookies with its token against forgery, and encodes the password from 1.11.2 on', async () => {
    const asked: http.IncomingHttpHeaders[] = [];
    const server = http.createServer((request, response) => {
      asked.push(request.headers);
      response.setHeader('x-version', '1.11.2');
      response.setHeader('content-type', 'application/json');
      if (request.url === '/login') {
        const last = 'Expires=Thu, 01 Jan 2099 00:00:00 GMT; Path=/';
        response.setHeader('set-cookie', [`access_token=a.b.c; ${last}`, `csrf_token=c.s.r; ${last}`]);
      }
      response.end('{"result": "success"}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const door = new FrontDoor({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
      expect(door.passwordAsSent('secret1234')).toBe('secret1234');
      expect(door.openSession(await door.call('POST', '/login', {}, { kind: 'nobody' }))).toBe(true);
      expect(door.passwordAsSent('secret1234')).toBe('c2VjcmV0MTIzNA==');
      await door.call('GET', '/apps');
      await door.call('GET', '/apps', undefined, { kind: 'nobody' });
      await door.call('GET', '/v1/info', undefined, { kind: 'key', key: 'app-1' });
      expect(asked[1]).toMatchObject({ cookie: 'access_token=a.b.c; csrf_token=c.s.r', 'x-csrf-token': 'c.s.r' });
      expect(asked[2]?.cookie).toBeUndefined();
      expect(asked[3]).toMatchObject({ authorization: 'Bearer app-1' });
      expect(door.journal.map(({ path }) => path)).toEqual(['/login', '/apps', '/apps', '/v1/info']);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  test('a server that is not there is an answer, too', async () => {
    const { call } = await new FrontDoor({ host: '127.0.0.1', port: 1 }).call('GET', '/');
    expect(call).toMatchObject({ status: null, error: 'ECONNREFUSED' });
  });

  test('the journal holds no token, key or signature', () => {
    const text =
      '{"access_token": "eyJhbGciOi.eyJ1c2Vy.c2ln", "refresh_token": "0a1b", "token": "app-0123456789abcdef0"}';
    expect(masked(text)).toBe('{"access_token": "<jwt>", "refresh_token": "<token>", "token": "app-<key>"}');
    expect(masked(signedPreview(ID, 'key'))).toMatch(/&sign=<signature>$/);
  });
});
