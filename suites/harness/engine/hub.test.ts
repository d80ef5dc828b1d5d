import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { Probe } from '../../../fixtures/engine/probe/client.ts';
import { Probes } from '../../../fixtures/engine/probe/probes.ts';
import { execIn } from '../../../fixtures/engine/exec.ts';
import { engine } from '../../../fixtures/engine/api.ts';
import { RUN_LABEL } from '../../../fixtures/engine/labels.ts';
import { Tunnel } from '../../../fixtures/engine/tunnel.ts';

/** Probes that enter from one container see what one in a container of its own sees. Needs an engine. */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';

const labels = { [RUN_LABEL]: 'hub-test' };
const WITHIN = { withinMs: 5_000 };
let image: string;
let targets: StartedTestContainer[];
let probes: Probes;

const lifeOf = async (target: StartedTestContainer) => {
  const { Id: id, State } = await engine().getContainer(target.getId()).inspect();
  return { id, startedAt: State.StartedAt };
};
const first = (): StartedTestContainer => {
  const [target] = targets;
  if (!target) throw new Error('nothing was started');
  return target;
};
const helpers = () => engine().listContainers({ all: true, filters: { label: [`${RUN_LABEL}=hub-test`] } });

beforeAll(async () => {
  const [redis, agent] = await ensureImages([{ name: 'redis' }, { name: 'probe' }], { progress: () => undefined });
  image = agent?.ref ?? '';
  const container = () =>
    new GenericContainer(redis?.ref ?? '').withExtraHosts([{ host: 'far', ipAddress: '192.0.2.7' }]);
  targets = await Promise.all([container().start(), container().start()]);
  probes = new Probes(image, labels);
}, 300_000);

afterAll(async () => {
  await probes[Symbol.asyncDispose]();
  await Promise.all(targets.map((target) => target.stop()));
});

test('what it sees of the network is what a container of its own sees, and all of them are one container', async () => {
  for (const target of targets) {
    const life = await lifeOf(target);
    const entered = await probes.of(life);
    await using beside = await Probe.start(life.id, image, {});
    expect(await entered.ask('network', {})).toEqual(await beside.ask('network', {}));
    expect(await entered.ask('sockets', {})).toEqual(await beside.ask('sockets', {}));
    expect((await entered.ask('lookup', { name: 'far', ...WITHIN })).addresses).toEqual(['192.0.2.7']);
    expect((await entered.ask('connect', { host: '127.0.0.1', port: 6379, ...WITHIN })).outcome).toBe('open');
  }
  expect(await helpers()).toHaveLength(1);
});

test('a line that is added to the hosts file later is seen', async () => {
  const target = first();
  const probe = await probes.of(await lifeOf(target));
  expect((await probe.ask('lookup', { name: 'later', ...WITHIN })).addresses).toEqual([]);
  await target.exec(['sh', '-c', 'echo 192.0.2.8 later >> /etc/hosts'], { user: 'root' });
  expect((await probe.ask('lookup', { name: 'later', ...WITHIN })).addresses).toEqual(['192.0.2.8']);
});

test('a door goes through it by the names that the container knows', async () => {
  const target = first();
  await target.exec(['sh', '-c', 'echo 127.0.0.1 store >> /etc/hosts'], { user: 'root' });
  const probe = await probes.of(await lifeOf(target));
  await probe.ask('lookup', { name: 'store', ...WITHIN });
  await using door = await Tunnel.open(probe.standpoint, 'store', 6379);
  const client = new Redis({ host: door.host, port: door.port, lazyConnect: true, retryStrategy: () => null });
  expect(await client.ping()).toBe('PONG');
  client.disconnect();
});

test('one that somebody takes away is started anew for whoever asks next', async () => {
  const target = first();
  const life = await lifeOf(target);
  const probe = await probes.of(life);
  const [hub] = await helpers();
  // Nothing is sent, and so nothing is answered.
  const open = { host: '127.0.0.1', port: 6379, send: '', until: 'never', withinMs: 20_000 };
  const asked = probe.ask('exchange', open).catch((why: unknown) => why);
  await engine()
    .getContainer(hub?.Id ?? '')
    .remove({ force: true });
  expect(await asked).toMatchObject({ name: 'ProbeGone' });
  const again = await probes.of(life);
  expect((await again.ask('network', {})).addresses).not.toEqual([]);
});

test('who talks to the stack may do nothing else there: nobody, without a capability', async () => {
  const probe = await probes.of(await lifeOf(first()));
  const pid = probe.standpoint.enter[2] ?? '';
  const { stdout } = await execIn(probe.standpoint.container, ['cat', `/proc/${pid}/status`], WITHIN);
  expect(stdout).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
  expect(stdout.match(/^Cap\w+:\t0+$/gm)).toHaveLength(5);
  expect(stdout).toMatch(/^NoNewPrivs:\t1$/m);
});

test('a container that has ended is told in the words of the engine', async () => {
  const { id, startedAt } = await lifeOf(first());
  await engine().getContainer(id).stop();
  await expect(probes.of({ id, startedAt: `${startedAt}-` })).rejects.toThrow(/not running|cannot join network/);
});
