import { describe, expect, test } from 'vitest';
import { containerOf } from '../../fixtures/harness/container-of.ts';
import { modelOf } from '../../fixtures/harness/model-of.ts';
import type { Container } from '../../fixtures/stack/containers.ts';
import { broken } from '../../fixtures/stack/observe.ts';

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
