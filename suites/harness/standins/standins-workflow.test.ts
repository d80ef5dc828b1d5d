import { describe, expect, test } from 'vitest';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import { jsonRequest } from '../../../fixtures/testing/first-use.ts';
import { sandboxAnswer } from './standin-neighbours.ts';
import { codeStep, drafted, endStep, eventsIn, httpStep } from './standin-workflows.ts';

const ready = 'http://weaviate:8080/v1/.well-known/ready';
const whole = [codeStep, httpStep(ready), endStep({ r: ['n2', 'result'], s: ['n3', 'status_code'] })];
const run = { inputs: { q: 'hi' }, response_mode: 'blocking', user: 'u1' };
const debugRun = { inputs: { q: 'hi' }, files: [] };
const unreachable = (because: string) =>
  'Failed to execute code, which is likely a network issue, please check if the sandbox service is running. ' +
  `( Error: ${because} )`;

describe('a run of a workflow', () => {
  test('is told event by event, each with the fields of the real one', async () => {
    await using app = await drafted(whole);
    const { text } = await app.console('POST', '/workflows/draft/run', debugRun);
    const events = eventsIn(text);
    const node = (event: string) => ['n1', 'n2', 'n3', 'n4'].map((id) => `${event} ${id}`);
    const [started, finished] = [node('node_started'), node('node_finished')];
    expect(events.map(({ event, data }) => [event, data['node_id']].filter(Boolean).join(' '))).toEqual([
      'workflow_started',
      ...started.flatMap((one, at) => [one, finished[at]]),
      'workflow_finished',
    ]);
    const place =
      'parallel_id,parallel_start_node_id,parent_parallel_id,parent_parallel_start_node_id,iteration_id,loop_id';
    const head = 'id,node_id,node_type,title,index,predecessor_node_id,inputs';
    expect(Object.keys(events[0] ?? {}).join()).toBe('event,workflow_run_id,task_id,data');
    expect(fields(events[0])).toBe('id,workflow_id,inputs,created_at');
    expect(fields(events[1])).toBe(`${head},created_at,extras,${place},parallel_run_id,agent_strategy`);
    expect(fields(events[2])).toBe(
      `${head},process_data,outputs,status,error,elapsed_time,execution_metadata,created_at,finished_at,files,${place}`,
    );
    expect(fields(events.at(-1))).toBe(
      'id,workflow_id,status,outputs,error,elapsed_time,total_tokens,total_steps,created_by,created_at,finished_at,' +
        'exceptions_count,files',
    );
    expect(events[4]?.data).toMatchObject({
      inputs: { q: 'hi' },
      outputs: { result: 'ran:42' },
      index: 2,
      error: null,
    });
    expect(events[5]?.data).toMatchObject({ node_id: 'n3', predecessor_node_id: 'n2' });
    expect(events.at(-1)?.data).toMatchObject({
      status: 'succeeded',
      outputs: { r: 'ran:42', s: 200 },
      total_steps: 4,
    });
  });

  test('leaves its rows: the run, its steps, its user, its place in the log', async () => {
    await using app = await drafted(whole);
    const first = await app.service('POST', '/v1/workflows/run', run);
    await app.service('POST', '/v1/workflows/run', run);
    expect(first.status).toBe(200);
    const { runs, nodes, endUsers, logged } = app.around.stores.keptRuns;
    expect(runs).toMatchObject([
      { status: 'succeeded', outputs: '{"r": "ran:42", "s": 200}', error: '', triggeredFrom: 'app-run', steps: 4 },
      { status: 'succeeded' },
    ]);
    expect(endUsers).toMatchObject([{ sessionId: 'u1' }]);
    expect(runs.map(({ starter }) => starter)).toEqual(runs.map(() => ({ role: 'end_user', id: endUsers[0]?.id })));
    expect(nodes.map(({ nodeType, status }) => `${nodeType} ${status}`).slice(0, 4)).toEqual([
      'start succeeded',
      'code succeeded',
      'http-request succeeded',
      'end succeeded',
    ]);
    expect(logged).toEqual(runs.map(({ id }) => id));
  });

  test('asks the sandbox with its key, the code wrapped and its inputs in base64', async () => {
    await using app = await drafted(whole);
    await app.service('POST', '/v1/workflows/run', run);
    const [asked] = app.around.sandbox;
    const sent = JSON.parse(asked?.body ?? '{}') as Record<string, string>;
    expect(sent).toMatchObject({ language: 'python3', preload: '', enable_network: true });
    expect(sent['code']).toContain(codeStep['code']);
    expect(sent['code']).toContain(Buffer.from('{"q":"hi"}').toString('base64'));
    expect(sent['code']).toContain('<<RESULT>>');
  });

  test('asks the outside through the proxy in absolute form, and directly without one', async () => {
    await using app = await drafted(whole);
    await app.service('POST', '/v1/workflows/run', run);
    expect(app.around.proxy).toMatchObject([
      { target: ready, headers: { host: 'weaviate:8080', 'user-agent': expect.stringContaining('httpx') as unknown } },
    ]);
    const target = await serve(() => ({ status: 200, headers: {}, body: 'direct' }), { host: '127.0.0.1', port: 0 });
    const steps = [httpStep(`http://127.0.0.1:${target.port}/x`), endStep({ body: ['n2', 'body'] })];
    await using direct = await drafted(steps, [], { SSRF_PROXY_HTTP_URL: '' });
    const { body } = await direct.service('POST', '/v1/workflows/run', run);
    expect(body['data']).toMatchObject({ outputs: { body: 'direct' } });
    expect(direct.around.proxy).toEqual([]);
    await target.stop(1000);
  });

  test('is streamed as it happens: the first event arrives while the sandbox still works', async () => {
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const sandbox = await serve(
      async () => {
        await held;
        return sandboxAnswer('<<RESULT>>{"result": "late"}<<RESULT>>');
      },
      { host: '127.0.0.1', port: 0 },
    );
    const endpoint = { CODE_EXECUTION_ENDPOINT: `http://127.0.0.1:${sandbox.port}` };
    await using app = await drafted([codeStep, endStep({ r: ['n2', 'result'] })], [], endpoint);
    await app.service('GET', '/v1/info');
    const { api, stores } = app.around;
    const front = await serve(api, { host: '127.0.0.1', port: 0 });
    const [key] = await stores.keys.list(app.appId);
    const asked = jsonRequest('POST', '/v1/workflows/run', { ...run, response_mode: 'streaming' }, key?.token);
    const answer = await fetch(`http://127.0.0.1:${front.port}${asked.target}`, {
      method: 'POST',
      headers: asked.headers as Record<string, string>,
      body: asked.body.toString(),
    });
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader?.read())?.value ?? '';
    expect(text).toMatch(/^data: \{"event": "workflow_started"/);
    expect(text).not.toContain('late');
    goOn();
    for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value;
    expect(eventsIn(text).at(-1)?.data).toMatchObject({ status: 'succeeded', outputs: { r: 'late' } });
    await Promise.all([front.stop(1000), sandbox.stop(1000)]);
  });
});

describe('a run that fails is answered 200 and tells why, by the words of the real one', () => {
  const failing = async (...more: Parameters<typeof drafted>): Promise<unknown> => {
    await using app = await drafted(...more);
    const { status, body } = await app.service('POST', '/v1/workflows/run', run);
    expect(status).toBe(200);
    const [kept] = app.around.stores.keptRuns.runs;
    const data = body['data'] as Record<string, unknown>;
    expect(kept).toMatchObject({ status: data['status'], error: data['error'] });
    expect(data).toMatchObject({ status: 'failed', outputs: null });
    return data['error'];
  };

  test('with a wrong key for the sandbox', async () => {
    const status = 'Failed to execute code, got status code 401, please check if the sandbox service is running';
    expect(await failing(whole, [], { CODE_EXECUTION_API_KEY: 'wrong' })).toBe(unreachable(status));
  });

  test('without a sandbox', async () => {
    const nobody = { CODE_EXECUTION_ENDPOINT: 'http://127.0.0.1:1' };
    expect(await failing(whole, [], nobody)).toBe(unreachable('[Errno 111] Connection refused'));
  });

  test('when the code fails, gives no result, or another one than it declares', async () => {
    const answers = [
      [sandboxAnswer('', 'NameError: x\nerror: exit status 1\n'), 'NameError: x\nerror: exit status 1\n'],
      [sandboxAnswer('nothing'), 'Failed to parse result'],
      [sandboxAnswer('<<RESULT>>{"other": 1}<<RESULT>>'), 'Output result is missing.'],
      [sandboxAnswer('<<RESULT>>{"result": 1}<<RESULT>>'), 'Output variable `result` must be a string'],
      [sandboxAnswer('<<RESULT>>{"result": "", "b": 1}<<RESULT>>'), 'Not all output parameters are validated.'],
    ] as const;
    for (const [answer, words] of answers) expect(await failing(whole, [], {}, () => answer)).toBe(words);
  });

  test('when the target, or the proxy for it, has an error', async () => {
    const down = await serve(() => ({ status: 503, headers: {}, body: '' }), { host: '127.0.0.1', port: 0 });
    const proxy = `http://127.0.0.1:${down.port}`;
    const environment = { SSRF_PROXY_HTTP_URL: proxy, SSRF_PROXY_HTTPS_URL: proxy };
    expect(await failing([httpStep(ready)], [], environment)).toBe(`Reached maximum retries (0) for URL ${ready}`);
    await down.stop(1000);
    expect(await failing([httpStep(ready)], [], environment)).toBe('[Errno 111] Connection refused');
    expect(await failing([httpStep('weaviate:8080')])).toBe('url should start with http:// or https://');
  });
});

describe('the doors of the service API', () => {
  test('a wrong key is refused, a user has to be named, and a workflow has to be published', async () => {
    await using app = await drafted(whole);
    const { api } = app.around;
    const refused = await api(jsonRequest('POST', '/v1/workflows/run', run, `app-${'x'.repeat(24)}`));
    expect(refused).toMatchObject({ status: 401, body: expect.stringContaining('Access token is invalid') as unknown });
    const { body } = await app.console('POST', '/api-keys', {});
    const unpublished = await api(jsonRequest('POST', '/v1/workflows/run', run, String(body['token'])));
    expect(unpublished).toMatchObject({
      status: 400,
      body: expect.stringContaining('Workflow not published') as unknown,
    });
    const anonymous = await app.service('POST', '/v1/workflows/run', { ...run, user: undefined });
    expect(anonymous).toMatchObject({ status: 400, body: { message: 'Arg user must be provided.' } });
    expect(app.around.stores.keptRuns.runs).toEqual([]);
  });

  test('the keys of an app are listed, and ten are enough', async () => {
    await using app = await drafted(whole);
    for (let made = 0; made < 10; made += 1) {
      const { status, body } = await app.console('POST', '/api-keys', {});
      expect([status, String(body['token'])]).toEqual([201, expect.stringMatching(/^app-[A-Za-z0-9]{24}$/)]);
    }
    expect((await app.console('GET', '/api-keys')).body['data']).toHaveLength(10);
    expect(await app.console('POST', '/api-keys', {})).toMatchObject({
      status: 400,
      body: { code: 'max_keys_exceeded' },
    });
  });
});

function fields(event: { data: Record<string, unknown> } | undefined): string {
  return Object.keys(event?.data ?? {}).join();
}
