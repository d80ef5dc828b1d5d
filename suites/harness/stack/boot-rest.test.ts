import { describe, expect, test } from 'vitest';
import { rootsOf } from '../../../fixtures/stack/away.ts';
import { Fallen, onlyWaitsFor } from '../../../fixtures/stack/boot-rest.ts';
import type { Container } from '../../../fixtures/stack/containers.ts';
import { containerOf } from '../../../fixtures/testing/container-of.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';

describe('who fails by itself', () => {
  const LEANS: Record<string, string[]> = {
    api: ['db', 'redis'],
    worker: ['db', 'redis'],
    nginx: ['api', 'web'],
    left: ['right'],
    right: ['left'],
  };
  const leansOn = (service: string) => LEANS[service] ?? [];

  test.for<[string, string[], string[]]>([
    ['a store, and not those that stop without it', ['api', 'db', 'worker'], ['db']],
    ['two that have nothing to do with each other', ['worker', 'web'], ['worker', 'web']],
    ['through one that is up', ['nginx', 'db'], ['db']],
    ['of two that lean on each other the first', ['right', 'left'], ['right']],
    ['one alone', ['nginx'], ['nginx']],
  ])('%s', ([, seen, roots]) => {
    expect(rootsOf(seen, leansOn)).toEqual(roots);
  });

  test('each is told by what was seen of it first', async () => {
    const fallen = new Fallen();
    fallen.add(containerOf('db', 1, {}, { state: 'exited' }), 'exited with code 1', () => Promise.resolve('db log'));
    fallen.add(containerOf('api', 1, {}), 'turned unhealthy', () => Promise.resolve('api log'));
    fallen.add('db', 'has no container', () => Promise.resolve('later'));
    expect(fallen.away(leansOn)).toEqual([
      { service: 'db', why: 'exited with code 1', root: true, runs: false },
      { service: 'api', why: 'turned unhealthy', root: false, runs: true },
    ]);
    expect(await fallen.inWords(['db'])).toBe('db log');
  });
});

describe('when there is nothing left to wait for', () => {
  const model = modelOf({
    db: { image: 'postgres' },
    api: { image: 'x', depends_on: { db: { condition: 'service_healthy' } } },
    nginx: { image: 'nginx', depends_on: { api: { condition: 'service_healthy' } } },
    web: { image: 'y' },
  });
  const waiting = (service: string, seen: Partial<Container> = {}) =>
    containerOf(service, 1, {}, { state: 'created', running: false, ...seen });

  const RUNS = { state: 'running', running: true };

  test.for<[string, Container[], string[], boolean]>([
    ['who waits for what is broken, directly and not', [waiting('api'), waiting('nginx')], [], true],
    ['one that starts', [waiting('api'), waiting('web', { state: 'running' })], [], false],
    ['one that waits for nothing that is broken', [waiting('web')], [], false],
    ['one that is not made yet', [waiting('api')], ['web'], false],
    ['one that runs and asks what is broken', [waiting('worker', RUNS)], [], true],
    ['one that asks it and has a health check', [waiting('worker', { ...RUNS, health: 'starting' })], [], false],
  ])('%s', ([, pending, missing, over]) => {
    const leansOn = (service: string) => (service === 'worker' ? ['redis', 'db'] : []);
    expect(onlyWaitsFor(['db'], { broken: [], pending, missing }, { model, leansOn })).toBe(over);
  });
});
