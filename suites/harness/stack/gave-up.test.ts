import { describe, expect, test } from 'vitest';
import { containerOf } from '../../../fixtures/testing/container-of.ts';
import { gaveUpOn, upByNow } from '../../../fixtures/stack/gave-up.ts';

const stack = [containerOf('redis', 1, {}), containerOf('redis', 10, {}), containerOf('db', 1, {})];
const nameOf = (service: string, number = 1) =>
  stack.find((one) => one.service === service && one.number === number)?.name ?? '';

describe('whom compose gave up on', () => {
  test.each([
    ['unhealthy', `dependency failed to start: container ${nameOf('redis')} is unhealthy`, [nameOf('redis')]],
    ['ended', `dependency failed to start: container ${nameOf('db')} exited (1)`, [nameOf('db')]],
    ['of a name that begins like another', `container ${nameOf('redis', 10)} is unhealthy`, [nameOf('redis', 10)]],
    ['as an older compose tells it', 'container for service "db" is unhealthy', [nameOf('db')]],
    ['of another project', 'container other-redis-1 is unhealthy', []],
    ['something else', `Error response from daemon: no space left on device, container ${nameOf('db')}`, []],
  ])('%s', (_, said, names) => {
    expect(gaveUpOn(said, stack).map(({ name }) => name)).toEqual(names);
  });

  test('one that is up by now is told with what became of it', () => {
    expect(upByNow(containerOf('redis', 1, {}, { restarts: 1 }))).toContain(
      'it crashed at its start and was restarted 1×',
    );
    expect(upByNow(containerOf('redis', 1, {}))).not.toContain('crash');
  });
});
