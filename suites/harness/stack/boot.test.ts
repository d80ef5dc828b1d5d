import { describe, expect, test } from 'vitest';
import { containerOf } from '../../../fixtures/testing/container-of.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import type { Container } from '../../../fixtures/stack/containers.ts';
import { broken, waitsFor } from '../../../fixtures/stack/observe.ts';

const model = modelOf({
  redis: { image: 'redis', restart: 'always', healthcheck: { test: ['CMD', 'true'] } },
  init: { image: 'busybox', restart: 'no' },
});

const container = (seen: Partial<Container>): Container => containerOf('redis', 1, {}, { health: 'starting', ...seen });

describe('what ends a boot', () => {
  test.each([
    ['unhealthy while it runs', { health: 'unhealthy' }, 'turned unhealthy'],
    ['a restart loop', { restarts: 3, exitCode: 7 }, 'restarts again and again (3 times, exit code 7)'],
    ['a container that the engine gave up', { state: 'dead', running: false }, 'is dead'],
    ['an end with an error', { state: 'exited', running: false, exitCode: 2 }, 'exited with code 2'],
    [
      'a lasting service that ends',
      { state: 'exited', running: false },
      'exited with code 0 although it is to keep running',
    ],
  ])('%s', (_, seen, why) => {
    expect(broken(container(seen), model)).toBe(why);
  });

  test.each([
    // The engine says unhealthy of a container that just exited, until its restart policy has started it again.
    [
      'a first crash that the restart policy mends',
      { state: 'restarting', health: 'unhealthy', restarts: 1, exitCode: 1 },
    ],
    ['a one-shot that is done', { service: 'init', state: 'exited', running: false, health: null }],
    ['a start', {}],
  ])('not %s', (_, seen) => {
    expect(broken(container(seen), model)).toBeNull();
  });
});

describe('who is waited for', () => {
  const answer = (output: string, exitCode = 1) => [{ exitCode, output, start: '', end: '' }];

  test.each([
    [{ healthLog: [] }, 'redis (starting)'],
    [
      {
        healthLog: [
          ...answer('connection refused'),
          ...answer('WRONGPASS invalid username-password pair\n  or user\n'),
        ],
      },
      'redis (starting: WRONGPASS invalid username-password pair | or user)',
    ],
    [{ healthLog: answer('x'.repeat(500)) }, `redis (starting: ${'x'.repeat(160)}…)`],
    [{ healthLog: answer('ok', 0) }, 'redis (starting)'],
    [
      { state: 'restarting', health: null, running: false, restarts: 2, exitCode: 7, healthLog: [] },
      'redis (restarting, 2 restarts, last exit code 7)',
    ],
  ])('%#: with the last answer of its health check, in one line', (seen, line) => {
    expect(waitsFor(container(seen))).toBe(line);
  });
});
