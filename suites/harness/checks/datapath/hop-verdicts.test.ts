import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { HopObservation } from '../../../../fixtures/checks/datapath/hop-observation.ts';
import type { UseRows } from '../../../../fixtures/checks/datapath/database-observation.ts';
import type { StepObservation, StepsObservation } from '../../../../fixtures/checks/datapath/steps.ts';
import { broker, done, environment, failed, judgedHop, reached, rows, use } from './samples.ts';

describe('what a database holds', () => {
  const seen = (change: Partial<UseRows> | null): HopObservation => ({
    kind: 'database',
    seen: { ...reached, rows: change && { ...rows, ...change } },
  });

  test.for([
    ['api-database', {}, null],
    ['api-database', { account: null }, /no account with that address/],
    ['api-database', { account: { password: use.account.password, salt: 'x' } }, /password in plain text/],
    [
      'api-database',
      { account: { password: Buffer.from(use.account.password).toString('base64'), salt: 'x' } },
      /password in plain text/,
    ],
    ['api-database', { account: { password: 'x', salt: '' } }, /without a salt/],
    ['api-database', { tenant: { publicKey: '' } }, /without a public key/],
    ['api-database', { run: null }, /run that is "not there"/],
    ['api-database', { file: { key: 'elsewhere/x', size: 1 } }, /another key: elsewhere\/x; a file of 1 bytes/],
    ['worker-database', {}, null],
    ['worker-database', { document: 'waiting' }, /document that is "waiting"/],
    ['worker-database', { segments: [{ content: use.file.text, status: 'indexing' }] }, /1 segments, none of them/],
    ['worker-database', { keywords: null }, /no table of keywords/],
    ['worker-database', { keywords: 'file' }, null],
  ] as [string, Partial<UseRows>, RegExp | null][])('%s %o', ([id, change, message]) => {
    const verdict = judgedHop(id, seen(change));
    if (message === null) expect(verdict.status).toBe('pass');
    else expect(verdict).toMatchObject({ status: 'fail', message: expect.stringMatching(message) as string });
  });

  test.for([
    [rows.environments, 'pass'],
    [[environment(use.workflow.secret)], 'fail'],
    [[environment(Buffer.from(use.workflow.secret).toString('base64'))], 'fail'],
    [[environment('bm90IHRoZSBmb3Jt')], 'fail'],
    [[...rows.environments, '{}'], 'fail'],
    [['no json'], 'fail'],
    [[], 'fail'],
  ] as [string[], string][])('the secret at rest: %o is a %s', ([environments, status]) => {
    const verdict = judgedHop('api-secret-at-rest', {
      kind: 'secret-at-rest',
      seen: { ...reached, rows: { ...rows, environments } },
    });
    expect(verdict.status).toBe(status);
    expect(JSON.stringify(verdict)).not.toContain(use.workflow.secret);
  });

  test('the evidence holds no hash', () => {
    expect(JSON.stringify(judgedHop('api-database', seen({ run: null })))).not.toContain('aGFzaA==');
  });

  test('a database that lets nobody in is red even when nothing was ever set up; else it is blocked', () => {
    const steps: StepsObservation = { ...done, setup: failed({ status: 500 }, '500') };
    const shut: HopObservation = {
      kind: 'database',
      seen: { where: 'db:5432', problem: 'password authentication failed', rows: null },
    };
    expect(judgedHop('api-database', shut, steps)).toMatchObject({
      status: 'fail',
      message: 'expected db to let api in at db:5432, it said: password authentication failed',
    });
    expect(judgedHop('api-database', seen({ account: null }), steps)).toMatchObject({
      status: 'blocked',
      blockedBy: 'datapath/setup',
      message: 'nothing to be seen: datapath/setup failed (500)',
    });
    expect(
      judgedHop('api-database', {
        kind: 'database',
        seen: { ...reached, rows: null, notSupported: 'DB_TYPE is mysql' },
      }).status,
    ).toBe('skip');
    expect(judgedHop('api-database', seen(null)).status).toBe('error');
  });
});

test('a database that is not there is no matter of a password', () => {
  const seen = {
    where: 'db:5432/dify_plugin',
    problem: 'database "dify_plugin" does not exist',
    tables: [],
    installed: null,
  };
  expect(judgedHop('plugin_daemon-database', { kind: 'plugin-database', seen }).reference).toBe('F091');
  const refused = { ...seen, problem: 'password authentication failed for user "postgres"' };
  expect(judgedHop('plugin_daemon-database', { kind: 'plugin-database', seen: refused }).reference).toBe('F089');
});

test('tables that nobody made are no matter of a password; beside an api that has its own, the client asks another database', () => {
  const bare: HopObservation = {
    kind: 'database',
    seen: { where: 'postgres@db:5432/dify', problem: 'relation "document_segments" does not exist', rows: null },
  };
  const steps: StepsObservation = { ...done, setup: failed({ status: 500 }, '500') };
  expect(judgedHop('api-database', bare, steps)).toMatchObject({
    status: 'fail',
    cause: 'database-unmigrated',
    message:
      'expected the tables of api at postgres@db:5432/dify of db, it said: relation "document_segments" does not exist',
  });
  expect(judgedHop('worker-database', bare, steps).cause).toBe('database-unmigrated');
  expect(judgedHop('worker-database', bare)).toMatchObject({ cause: 'database-apart', reference: 'F089' });
  expect(judgedHop('api-secret-at-rest', { ...bare, kind: 'secret-at-rest' }, steps).cause).toBe('database-unmigrated');
});

describe('other hops', () => {
  const sha = createHash('sha256').update(use.file.text).digest('hex');
  const files = { ...reached, files: { 'upload_files/x': sha }, privateKey: '-----BEGIN RSA PRIVATE KEY-----' };
  const id = '00000000-0000-4000-8000-000000000001';
  const log = (line: string) => ({
    kind: 'proxy-log' as const,
    seen: {
      lines: line === '' ? [] : [line],
      logged: 4,
      addresses: ['172.20.0.5'],
      configured: 'http://ssrf_proxy:3128',
    },
  });
  const line = (client: string, taker: string) =>
    `1795549579.123     12 ${client} TCP_MISS/200 210 GET http://198.51.100.2/verify - ${taker} text/plain`;
  const taken = { status: 200, body: '' };
  const shut = { where: 'weaviate:8080', problem: 'POST /v1/schema was answered 401' };

  const network = (key: string, internal: boolean, gateway: string | null) => ({
    id: key,
    key,
    name: key,
    internal,
    gateway,
  });

  test.for([
    ['ssrf_proxy-way-out', { kind: 'way-out', seen: [network('default', false, '172.18.0.1')] }, 'pass', 'default'],
    ['ssrf_proxy-way-out', { kind: 'way-out', seen: [network('inner', true, '172.19.0.1')] }, 'fail', 'it is on inner'],
    ['ssrf_proxy-way-out', { kind: 'way-out', seen: [network('ours', false, null)] }, 'fail', 'it is on ours'],
    ['ssrf_proxy-way-out', { kind: 'way-out', seen: [] }, 'error', 'no network'],
    ['api-broker', { kind: 'broker', seen: { api: broker(), worker: broker() } }, 'pass', ''],
    [
      'api-broker',
      { kind: 'broker', seen: { api: broker({ waiting: { dataset: 1 } }), worker: broker({ consumes: ['mail'] }) } },
      'fail',
      'queue `dataset` holds 1 message; worker listens to mail at there',
    ],
    [
      'api-broker',
      { kind: 'broker', seen: { api: broker({ waiting: { dataset: 2 } }), worker: null } },
      'fail',
      'there is no worker',
    ],
    [
      'api-broker',
      { kind: 'broker', seen: { api: broker({ problem: 'WRONGPASS', where: 'redis:6379/1' }), worker: broker() } },
      'fail',
      'expected redis to let api in at redis:6379/1, it said: WRONGPASS',
    ],
    [
      'worker-broker',
      { kind: 'broker', seen: { api: broker(), worker: broker({ where: 'redis:6379/2' }) } },
      'fail',
      'it listens at redis:6379/2',
    ],
    [
      'worker-broker',
      { kind: 'broker', seen: { api: broker(), worker: broker({ declared: [] }) } },
      'fail',
      'nobody has declared',
    ],
    ['worker-broker', { kind: 'broker', seen: { api: broker(), worker: broker() } }, 'pass', ''],
    [
      'api-broker',
      { kind: 'broker', seen: { api: broker({ declared: [] }), worker: broker() } },
      'error',
      'nothing was queued there',
    ],
    ['api-cache', { kind: 'cache', seen: { ...reached, session: true } }, 'pass', ''],
    ['api-cache', { kind: 'cache', seen: { ...reached, session: null } }, 'error', 'no session was asked for'],
    ['worker-cache', { kind: 'cache', seen: { ...reached, session: null } }, 'pass', ''],
    [
      'worker-cache',
      { kind: 'cache', seen: { where: '', problem: null, session: null } },
      'error',
      'asked for nothing',
    ],
    ['api-cache', { kind: 'cache', seen: { ...reached, session: false } }, 'fail', 'there is none of that account'],
    [
      'worker-cache',
      { kind: 'cache', seen: { where: 'sentinel:26379', problem: 'knows no master', astray: true, session: null } },
      'fail',
      'expected sentinels to lead worker to its Redis, asked at sentinel:26379: knows no master',
    ],
    ['worker-storage', { kind: 'storage', seen: files }, 'pass', ''],
    ['worker-storage', { kind: 'storage', seen: { ...files, files: { a: 'b' } } }, 'fail', 'none with its content'],
    [
      'worker-storage',
      { kind: 'storage', seen: { ...files, files: {}, notSupported: 'storage is s3' } },
      'skip',
      'storage is s3',
    ],
    ['api-private-key', { kind: 'private-key', seen: files }, 'pass', ''],
    ['api-private-key', { kind: 'private-key', seen: { ...files, privateKey: null } }, 'fail', 'found none'],
    ['api-private-key', { kind: 'private-key', seen: { ...files, privateKey: '' } }, 'fail', 'something else'],
    [
      'worker-vector-store',
      { kind: 'vector-store', seen: { store: 'weaviate', written: shut, queried: null, due: id } },
      'fail',
      'let worker in at weaviate:8080',
    ],
    [
      'api-vector-store',
      { kind: 'vector-store', seen: { store: 'weaviate', written: shut, queried: null, due: id } },
      'blocked',
      'worker could not write',
    ],
    [
      'api-vector-store',
      {
        kind: 'vector-store',
        seen: { store: 'weaviate', written: reached, queried: { ...shut, nearest: null }, due: id },
      },
      'fail',
      '401',
    ],
    [
      'worker-vector-store',
      {
        kind: 'vector-store',
        seen: { store: 'weaviate', written: reached, queried: { ...shut, nearest: null }, due: id },
      },
      'pass',
      '',
    ],
    [
      'api-vector-store',
      {
        kind: 'vector-store',
        seen: { store: 'weaviate', written: reached, queried: { ...reached, nearest: id }, due: id },
      },
      'pass',
      '',
    ],
    [
      'api-vector-store',
      {
        kind: 'vector-store',
        seen: { store: 'weaviate', written: reached, queried: { ...reached, nearest: null }, due: id },
      },
      'fail',
      'got none',
    ],
    [
      'plugin_daemon-database',
      { kind: 'plugin-database', seen: { ...reached, tables: ['a'], installed: null } },
      'fail',
      'found 1 tables: a',
    ],
    [
      'plugin_daemon-database',
      { kind: 'plugin-database', seen: { ...reached, tables: ['a'], installed: 0 } },
      'pass',
      '',
    ],
    [
      'api-plugin-daemon',
      { kind: 'plugin-daemon', seen: { ...reached, right: taken, wrong: { status: 401, body: '' } } },
      'pass',
      '',
    ],
    [
      'api-plugin-daemon',
      { kind: 'plugin-daemon', seen: { ...reached, right: null, wrong: { status: 401, body: '' } } },
      'error',
      'was not asked with the key of api',
    ],
    [
      'api-plugin-daemon',
      { kind: 'plugin-daemon', seen: { ...reached, right: taken, wrong: { status: 200, body: '' } } },
      'fail',
      'it answered 200',
    ],
    ['api-proxy-log', log(line('172.20.0.5', 'HIER_DIRECT/198.51.100.2')), 'pass', ''],
    ['api-proxy-log', log(line('172.20.0.9', 'HIER_DIRECT/198.51.100.2')), 'fail', 'had it from 172.20.0.9'],
    ['api-proxy-log', log(line('172.20.0.5', 'FIRSTUP_PARENT/172.18.0.2')), 'fail', 'handed the request to a peer'],
    ['api-proxy-log', log(''), 'fail', 'which has 4 other lines'],
    ['api-proxy-log', { kind: 'proxy-log', seen: { ...log('').seen, logged: 0 } }, 'error', 'wrote no access log'],
    [
      'api-proxy-log',
      { kind: 'proxy-log', seen: { ...log('').seen, configured: '' } },
      'fail',
      'has no SSRF_PROXY_HTTP_URL',
    ],
  ] as [string, HopObservation, string, string][])('%s %o is a %s', ([hop, seen, status, message]) => {
    const verdict = judgedHop(hop, seen);
    expect(verdict.status).toBe(status);
    expect(verdict.message ?? '').toContain(message);
  });
});

describe('what was never made is not missed, and not passed', () => {
  const notTried: StepObservation = { state: 'not-tried', because: 'login' };
  const without = (...names: (keyof StepsObservation)[]): StepsObservation => ({
    ...done,
    login: failed({ status: 401 }, '401'),
    ...Object.fromEntries(names.map((name) => [name, notTried])),
  });

  test('the session of a login that failed', () => {
    const seen: HopObservation = { kind: 'cache', seen: { ...reached, session: null } };
    expect(judgedHop('api-cache', seen, without())).toMatchObject({ status: 'blocked', blockedBy: 'datapath/login' });
    expect(judgedHop('worker-cache', seen, without()).status).toBe('pass');
  });

  test('segments of a document that was not indexed', () => {
    const seen: HopObservation = { kind: 'database', seen: { ...reached, rows } };
    const steps = { ...done, indexing: failed({ status: 200 }, 'still queuing') };
    expect(judgedHop('worker-database', seen, steps)).toMatchObject({
      status: 'blocked',
      blockedBy: 'datapath/dataset/indexing',
    });
    expect(judgedHop('worker-database', seen, without('document')).blockedBy).toBe('datapath/login');
  });

  test('a step that is in no record', () => {
    const { setup: _, ...steps } = done;
    expect(judgedHop('api-database', { kind: 'database', seen: { ...reached, rows } }, steps).status).toBe('error');
  });
});
