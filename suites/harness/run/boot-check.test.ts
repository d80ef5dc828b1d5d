import { describe, expect, test } from 'vitest';
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
    expect(bootCheck({ failure, unserved: null, bootMs: 1 }, lacksOf(stores)).status).toBe(status);
  });

  test('of a service that runs and never served', () => {
    const unserved = 'web serves nothing on 3000 (60 s)';
    expect(bootCheck({ failure: null, unserved, bootMs: 1 }, [])).toMatchObject({ status: 'fail', message: unserved });
    const stores = [store('object store', 'web')];
    expect(bootCheck({ failure: null, unserved, bootMs: 1 }, lacksOf(stores)).status).toBe('error');
  });

  test('of a service that crashed while compose looked, and is up again', () => {
    const failure = 'docker compose up failed: container p-redis-1 is unhealthy';
    expect(bootCheck({ failure, unserved: null, bootMs: 1, crashed: ['redis'] }, [])).toMatchObject({
      status: 'fail',
      cause: 'crash-hidden:redis',
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
