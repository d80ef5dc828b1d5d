import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { HelperContainer as Helper } from '../../../fixtures/engine/helper-container.ts';
import type { Probes as All } from '../../../fixtures/engine/probe/probes.ts';
import { BEGAN, FakeEngine } from '../../../fixtures/testing/fake-engine.ts';

/** An engine may refuse the container from which probes enter others: then each has one of its own. */
let engine: FakeEngine;
let HelperContainer: typeof Helper;
let Probes: typeof All;
let before: string | undefined;
beforeAll(async () => {
  before = process.env['DOCKER_HOST'];
  engine = await FakeEngine.start();
  engine.keepsProcessesApart = true;
  // Modules of this file's own: those that others in this process use have their engine already.
  vi.resetModules();
  ({ HelperContainer } = await import('../../../fixtures/engine/helper-container.ts'));
  ({ Probes } = await import('../../../fixtures/engine/probe/probes.ts'));
});
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

const target = async () => {
  const { id } = await HelperContainer.start({ image: 'a-service', labels: {}, network: 'none' });
  return { id, startedAt: BEGAN };
};

test('where no container may see the processes of the host, each probe is a container beside its own', async () => {
  await using probes = new Probes('verify-probe', {});
  const [one, other] = [await probes.of(await target()), await probes.of(await target())];
  expect(one.standpoint.enter).toEqual([]);
  expect(one.standpoint.container).not.toBe(other.standpoint.container);
});

test('one that is asked for again is the same', async () => {
  await using probes = new Probes('verify-probe', {});
  const life = await target();
  expect(probes.has(life)).toBe(false);
  expect(await probes.of(life)).toBe(await probes.of(life));
  expect(probes.has(life)).toBe(true);
});
