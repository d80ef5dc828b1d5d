import { describe, expect, test } from 'vitest';
import { enclose } from '../../../fixtures/model/outside/enclose.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { bootCheck, cannotComeUp, lacksOf, notBooted } from '../../../fixtures/run/boot-check.ts';
import type { UndoubledStore } from '../../../fixtures/model/outside/undoubled.ts';

const store = (kind: UndoubledStore['kind'], ...services: string[]): UndoubledStore => ({
  kind,
  at: 'store.example.com:1',
  uses: services.map((service) => ({ service, variable: 'X_HOST', port: 1 })),
});

describe('a boot that failed', () => {
  const RESTARTS = 'api (x-api-1) restarts again and again (3 times, exit code 1)\n  log: worker';
  test.for<[string, string | null, UndoubledStore[], string]>([
    ['without any store outside', RESTARTS, [], 'fail'],
    ['of who needs an object store out of reach', RESTARTS, [store('object store', 'api')], 'error'],
    ['of another service', RESTARTS, [store('object store', 'worker')], 'fail'],
    ['of who starts without its vector store', RESTARTS, [store('vector store', 'api')], 'fail'],
    [
      'that waits for it',
      'not converged (9 s): web (starting), api (starting)',
      [store('object store', 'api')],
      'error',
    ],
    ['no boot that failed', null, [store('object store', 'api')], 'pass'],
  ])('%s', ([, failure, stores, status]) => {
    expect(bootCheck({ failure, unserved: null, bootMs: 1 }, lacksOf(modelOf({}), stores)).status).toBe(status);
  });

  test('who runs and never serves is told, and the rest is judged', () => {
    const unserved = 'web (w-1) never served: 60 s after its start it does not accept connections at 3000';
    expect(bootCheck({ failure: null, unserved, bootMs: 1 }, [])).toMatchObject({
      status: 'fail',
      message: unserved,
      why: expect.stringContaining('whoever needs it fails, too') as string,
    });
  });

  test('of who asks for TLS, which the private double does not speak', () => {
    const environment = { MODE: 'api', DB_HOST: 'db.example.com', DB_EXTRAS: 'sslmode=require' };
    const read = modelOf({ api: { image: 'langgenius/dify-api:1.5.0', environment, networks: { default: null } } });
    const { model } = enclose(read, rolesOf(read), { allow: [] });
    expect(bootCheck({ failure: RESTARTS, unserved: null, bootMs: 1 }, lacksOf(model, []))).toMatchObject({
      status: 'error',
      message: expect.stringContaining('speaks no TLS, for which api asks') as string,
    });
  });

  test('a database out of reach of api is told before anything is started', () => {
    expect(cannotComeUp([store('database', 'api', 'worker')], ['api'])).toBe(
      'store.example.com:1 is outside the stack (X_HOST of api, worker): no private database of its kind answers in its place, and api, worker cannot start without it: the copy is not started',
    );
    expect(cannotComeUp([store('database', 'tool'), store('vector store', 'api')], ['api'])).toBeNull();
    expect(notBooted('reason')).toMatchObject({ status: 'error', message: 'reason' });
  });
});
