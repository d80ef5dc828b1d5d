import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { StepName } from '../../../../fixtures/checks/datapath/obligations.ts';
import { saidOf, type Between } from '../../../../fixtures/checks/datapath/between.ts';
import type { StepObservation } from '../../../../fixtures/checks/datapath/steps.ts';
import { stepVerdict } from '../../../../fixtures/checks/datapath/step-verdicts.ts';
import { broker, contract, done, failed, use } from './samples.ts';

describe('a step', () => {
  const judged = (name: StepName, seen: StepObservation | undefined, between: Between[] = []): Verdict => {
    const it = contract.steps.find(({ step }) => step === name);
    if (!it) throw new Error(name);
    const steps = { ...done, [name]: seen };
    return stepVerdict(it, { steps, use, release: '1.5.0' }, between, contract);
  };

  test.for([
    [
      'nobody took it',
      failed({ status: null, error: 'ECONNREFUSED' }, 'nothing'),
      [],
      'nginx did not take POST /x: ECONNREFUSED',
    ],
    [
      'nginx took it, api did not',
      failed({ status: 502, contentType: 'text/html' }, '502 <html>'),
      [],
      'nginx took POST /x, api did not: 502 <html>',
    ],
    [
      'api took it, the worker did not',
      failed({ status: 200 }, 'that indexing is "waiting"'),
      [
        { part: 'broker', ok: false, said: 'queue `dataset` holds 1 message at redis:6379/1', notTaken: 'worker' },
        { part: 'worker', ok: null, said: 'worker listens to `mail` at redis:6379/1' },
      ],
      'api took POST /x, worker did not: it brought that indexing is "waiting"; between: queue `dataset` holds 1 message at redis:6379/1; worker listens to `mail` at redis:6379/1',
    ],
  ] as [string, StepObservation, Between[], string][])('that failed: %s', ([, seen, between, message]) => {
    const verdict = judged('indexing', seen, between);
    expect(verdict).toMatchObject({ status: 'fail', message });
    expect(verdict.why).toBeTruthy();
    expect(verdict.hint).toBeTruthy();
  });

  test('the hint is for the part that failed, not for the first one', () => {
    const between: Between[] = [
      { part: 'database', ok: true, said: '' },
      { part: 'cache', ok: false, said: '' },
    ];
    expect(judged('login', failed({ status: 500 }, '500'), between).reference).toBe('F087');
  });

  test('what lets api in is not blamed, and a part that the stack does not have is named', () => {
    const sound: Between[] = [{ part: 'cache', ok: true, said: 'redis lets api in' }];
    expect(judged('login', failed({ status: 500 }, '500'), sound)).not.toHaveProperty('cause');
    const it = contract.steps.find(({ step }) => step === 'debugging-key')!;
    const steps = { ...done, [it.step]: failed({ status: 500 }, '500') };
    const lacking = { ...it, without: ['plugin_daemon' as const] };
    const verdict = stepVerdict(lacking, { steps, use, release: '1.5.0' }, sound, contract);
    expect(verdict).not.toHaveProperty('cause');
    expect(verdict.message).toContain('no service of the stack is its plugin_daemon');
    expect(verdict.hint).toContain('"role: plugin_daemon" in the policy file');
  });

  test('that was not tried is blocked by the check that failed; one that was never recorded is an error', () => {
    expect(judged('indexing', { state: 'not-tried', because: 'upload' })).toMatchObject({
      status: 'blocked',
      blockedBy: 'datapath/upload',
      message: 'not tried: datapath/upload failed',
    });
    expect(judged('indexing', undefined).status).toBe('error');
    expect(judged('setup', { state: 'done-before' }).status).toBe('skip');
  });

  test('an HTTP node without a server to ask is no pass', () => {
    const it = contract.steps.find(({ step }) => step === 'http-node');
    if (!it) throw new Error('http-node');
    const record = { steps: done, use: { ...use, workflow: { ...use.workflow, target: null } }, release: null };
    expect(stepVerdict(it, record, [], contract).status).toBe('skip');
  });
});

test('looks in words', () => {
  expect(saidOf.reached('api', 'db', { where: 'p@db:5432/dify', problem: 'no' })).toEqual({
    ok: false,
    said: 'db does not let api in at p@db:5432/dify: no',
    notTaken: 'db',
  });
  expect(
    saidOf.reached('api', 'db', { where: 'p@db:5432/dify', problem: 'relation "accounts" does not exist' }).said,
  ).toBe('db has no tables for api at p@db:5432/dify: relation "accounts" does not exist');
  expect(saidOf.proxy('api', 'ssrf_proxy', { lines: [], logged: 3, addresses: [], configured: '' })).toEqual({
    ok: false,
    said: 'api has no SSRF_PROXY_HTTP_URL; the access log of ssrf_proxy does not name the request',
  });
});

describe('a worker in words', () => {
  const listens = broker({ where: 'redis:6379/1', consumes: ['dataset'] });
  const storage = { where: '/app/api/storage in worker', problem: null, files: {}, privateKey: null };

  test('nothing keeps it from its work', () => {
    const stores = [saidOf.reached('worker', 'db', { where: 'db:5432', problem: null })];
    expect(saidOf.worker('worker', listens, stores)).toEqual({
      ok: null,
      said: 'worker listens to `dataset` at redis:6379/1',
    });
  });

  test('the store that does is named with its own hint', () => {
    expect(saidOf.worker('worker', listens, [saidOf.upload(storage, 'text')])).toMatchObject({
      ok: false,
      said: 'worker listens to `dataset` at redis:6379/1; /app/api/storage in worker does not hold the uploaded file',
      details: { reference: 'F116' },
    });
    const shut = saidOf.reached('worker', 'db', { where: 'db:5432', problem: 'no' }, { why: 'w', hint: 'h' });
    expect(saidOf.worker('worker', listens, [shut])).toMatchObject({
      ok: false,
      notTaken: 'db',
      details: { hint: 'h' },
    });
  });

  test('a broker that does not let it in', () => {
    expect(saidOf.worker('worker', broker({ where: '(none)', problem: 'CELERY_BROKER_URL is empty' }), [])).toEqual({
      ok: false,
      said: 'worker listens to nothing: (none) CELERY_BROKER_URL is empty',
      notTaken: 'worker',
    });
  });
});
