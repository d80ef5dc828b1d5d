import { describe, expect, test } from 'vitest';
import { runCodeNode } from '../../../compose/images/dify-api/src/workflow/code-node.ts';
import { Variables } from '../../../compose/images/dify-api/src/workflow/variables.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { decryptForTenant, makeTenantKeys, privateKeyName } from '../../../compose/images/dify-api/src/tenant-keys.ts';
import { sandboxApp } from '../../../compose/images/sandbox/src/app.ts';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import { drafted, endStep, eventsIn, graphOf, httpStep, type Drafted } from './standin-workflows.ts';

const secret = { id: 'e1', name: 'API_TOKEN', value_type: 'secret', value: 'sk-geheim-4711' };
const plainOne = { id: 'e2', name: 'REGION', value_type: 'string', value: 'eu' };
const steps = [endStep({ token: ['env', 'API_TOKEN'], region: ['env', 'REGION'], user: ['sys', 'user_id'] })];
const run = { inputs: {}, response_mode: 'blocking', user: 'u1' };

function keptVariables(app: Drafted): Record<string, Record<string, unknown>> {
  const [draft] = app.around.stores.keptRuns.workflows;
  return JSON.parse(draft?.environmentVariables ?? '{}') as Record<string, Record<string, unknown>>;
}

describe('a secret of a workflow', () => {
  test('is kept encrypted, shown masked, and decrypts in a run', async () => {
    await using app = await drafted(steps, [secret, plainOne]);
    const kept = keptVariables(app);
    expect(kept['REGION']).toMatchObject({ value_type: 'string', value: 'eu', selector: ['env', 'REGION'] });
    expect(JSON.stringify(kept)).not.toContain('geheim');
    const tenantId = app.around.stores.keptRuns.workflows[0]?.tenantId ?? '';
    const value = String(kept['API_TOKEN']?.['value']);
    expect(await decryptForTenant(app.around.stores.files, tenantId, value)).toBe('sk-geheim-4711');
    const shown = await app.console('GET', '/workflows/draft');
    expect(shown.body['environment_variables']).toEqual([
      { id: 'e1', name: 'API_TOKEN', value: 'sk-geh************11', value_type: 'secret' },
      { id: 'e2', name: 'REGION', value: 'eu', value_type: 'string' },
    ]);
    const { body } = await app.service('POST', '/v1/workflows/run', run);
    expect(body['data']).toMatchObject({ outputs: { token: 'sk-geheim-4711', region: 'eu', user: 'u1' } });
  });

  test('stays what it is when the console sends it back hidden; the draft has to be the newest', async () => {
    await using app = await drafted(steps, [secret, plainOne]);
    const { body: before } = await app.console('GET', '/workflows/draft');
    const draft = {
      graph: graphOf(steps),
      features: {},
      environment_variables: [{ ...secret, value: '[__HIDDEN__]' }],
    };
    expect(await app.console('POST', '/workflows/draft', draft)).toMatchObject({
      status: 400,
      body: { code: 'draft_workflow_not_sync' },
    });
    expect(await app.console('POST', '/workflows/draft', { ...draft, hash: before['hash'] })).toMatchObject({
      status: 200,
      body: { hash: before['hash'] },
    });
    expect(Object.keys(keptVariables(app))).toEqual(['API_TOKEN']);
    const { body } = await app.service('POST', '/v1/workflows/run', run);
    expect(body['data']).toMatchObject({ outputs: { token: 'sk-geheim-4711' } });
  });

  test('does not decrypt with another key on disk (400), nor without one (500); a stream tells it as an event', async () => {
    await using app = await drafted(steps, [secret]);
    const tenantId = app.around.stores.keptRuns.workflows[0]?.tenantId ?? '';
    await makeTenantKeys(app.around.stores.files, tenantId);
    const wrong = { code: 'invalid_param', message: 'Incorrect decryption.', status: 400 };
    expect(await app.service('POST', '/v1/workflows/run', run)).toMatchObject({ status: 400, body: wrong });
    const streamed = await app.service('POST', '/v1/workflows/run', { ...run, response_mode: 'streaming' });
    expect(eventsIn(streamed.text)).toEqual([{ event: 'error', workflow_run_id: null, ...wrong }]);
    await app.around.stores.files.save(privateKeyName(tenantId), '');
    expect((await app.service('POST', '/v1/workflows/run', run)).status).toBe(500);
  });

  test('goes into the request of an HTTP step, and is covered in what is kept of it', async () => {
    const bearer = { type: 'api-key', config: { type: 'bearer', api_key: '{{#env.API_TOKEN#}}' } };
    const ask = httpStep('http://weaviate:8080/{{#env.REGION#}}?u={{#sys.user_id#}}', { authorization: bearer });
    await using app = await drafted([ask], [secret, plainOne]);
    await app.service('POST', '/v1/workflows/run', run);
    expect(app.around.proxy).toMatchObject([
      { target: 'http://weaviate:8080/eu?u=u1', headers: { authorization: 'Bearer sk-geheim-4711' } },
    ]);
    const logged = app.around.stores.keptRuns.nodes[1]?.processData ?? '';
    expect(logged).toContain('GET /eu?u=u1 HTTP/1.1');
    expect(logged).not.toContain('geheim');
  });
});

test('the code that is sent to the sandbox runs there and its result comes back', async () => {
  const configuration = {
    port: 0,
    key: 'k',
    maxWorkers: 1,
    maxRequests: 1,
    workerTimeoutMs: 10_000,
    pythonPath: '/usr/bin/python3',
    nodejsPath: process.execPath,
    enableNetwork: true,
    proxy: { socks5: '', http: '', https: '' },
  };
  const sandbox = await serve(sandboxApp(configuration), { host: '127.0.0.1', port: 0 });
  const endpoint = `http://127.0.0.1:${sandbox.port}`;
  const settings = readSettings({ CODE_EXECUTION_ENDPOINT: endpoint, CODE_EXECUTION_API_KEY: 'k' });
  const variables = new Variables();
  variables.add('n1', { q: 'grüße "\\\n' });
  const step = {
    code_language: 'javascript',
    code: 'function main({ q, none }) { return { result: q + String(none), number: 6 * 7 } }',
    variables: [
      { variable: 'q', value_selector: ['n1', 'q'] },
      { variable: 'none', value_selector: ['n1', 'none'] },
    ],
    outputs: { result: { type: 'string' }, number: { type: 'number' } },
  };
  const result = await runCodeNode(settings, step, variables);
  await sandbox.stop(1000);
  expect(result).toMatchObject({ status: 'succeeded', outputs: { result: 'grüße "\\\nnull', number: 42 } });
});
