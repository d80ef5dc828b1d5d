import { expect, test } from 'vitest';
import { lookAt } from '../../../../fixtures/checks/health/look.ts';
import { containerOf } from '../../../../fixtures/testing/container-of.ts';
import type { Container } from '../../../../fixtures/stack/containers.ts';
import type { RunningStack } from '../../../../fixtures/stack/running.ts';

/** A look that was cut off says that there was no processor for it, or that the service hangs: the next one tells which. */
const look = (exitCode: number) => ({ exitCode, output: '', start: '', end: '' });
const db = (health: string, exitCode: number): Container =>
  containerOf('db', 1, {}, { health, healthLog: [look(exitCode)] });

/** Gives one look at the containers after the other, the last for ever. */
function stackOf(...looks: Container[]) {
  let at = 0;
  const containers = () => Promise.resolve([looks[Math.min(at++, looks.length - 1)]]);
  const stack = { project: 'x', run: { convergence: [] }, containers } as unknown as RunningStack;
  return { stack, taken: () => at };
}

const healthNow = async (stack: RunningStack) => (await lookAt(stack)).containers.map(({ health }) => health);

test('unhealthy by a look that was cut off: the next one counts', async () => {
  const { stack } = stackOf(db('unhealthy', -1), db('unhealthy', -1), db('healthy', 0));
  expect(await healthNow(stack)).toEqual(['healthy']);
});

test('and so does one that ends then, and is red', async () => {
  const { stack, taken } = stackOf(db('unhealthy', -1), db('unhealthy', 1));
  expect(await healthNow(stack)).toEqual(['unhealthy']);
  expect(taken()).toBe(2);
});

test('unhealthy by what its command said is not waited for', async () => {
  const { stack, taken } = stackOf(db('unhealthy', 1), db('healthy', 0));
  expect(await healthNow(stack)).toEqual(['unhealthy']);
  expect(taken()).toBe(1);
});
