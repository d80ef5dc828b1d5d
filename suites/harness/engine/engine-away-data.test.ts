import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { labelled } from '../../../fixtures/engine/removal.ts';
import { onEngineOf, startCommand, type Started } from '../../../fixtures/testing/command.ts';
import { keys, run } from '../../../fixtures/testing/data-state.ts';
import { dataStack, down } from '../../../fixtures/testing/data-stack.ts';
import { EngineGate } from '../../../fixtures/testing/engine-gate.ts';

/** Needs an engine that is reached by a socket. It goes away under a backup and under a restore, and comes back. */
const tag = randomBytes(3).toString('hex');
const live = `a${tag}-live`;
const DELAY = 'repl-diskless-sync-delay';
const OWN_DELAY = '7';
let stack: Awaited<ReturnType<typeof dataStack>>;
let work: string;
let backup: string;

beforeAll(async () => {
  work = mkdtempSync(path.join(os.tmpdir(), 'away-data-'));
  stack = await dataStack('volumes');
  await stack.start(live);
  await keys(live, 'config', 'set', DELAY, OWN_DELAY);
  await run('exec', `${live}-api-1`, 'sh', '-c', 'head -c 20000000 /dev/urandom > /app/api/storage/big');
  backup = path.join(work, 'backup');
  const taken = startCommand('backup', ['--project', live, '--stack', stack.dir, '--to', backup]);
  expect([await taken.ended, taken.output().stderr]).toEqual([0, '']);
}, 240_000);

afterAll(async () => {
  await down(live);
  await stack.remove();
  rmSync(work, { recursive: true, force: true });
}, 60_000);

/** Processes that have a variable in their environment. */
function processesWith(variable: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(variable);
    } catch {
      // Ended meanwhile.
      return false;
    }
  });
}

/** Waits for something that a command says. */
async function says({ child, output }: Started, moment: RegExp): Promise<void> {
  const begun = await eventually(
    () => output().stdout,
    (text) => moment.test(text) || child.exitCode !== null,
    { withinMs: 90_000, everyMs: 2 },
  );
  expect(begun.last).toMatch(moment);
}

/** Cuts the engine off when a command says something, and lets it come back: while the command goes on, or after its end. */
async function cutOff(
  name: string,
  args: string[],
  { moment, blink, rest }: { moment: RegExp; blink: boolean; rest: () => Promise<unknown[]> },
): Promise<Awaited<Started['ended']>> {
  const socket = path.join(work, `${randomBytes(4).toString('hex')}.sock`);
  await using gate = new EngineGate(socket);
  const command = startCommand(name, args, { environment: { DOCKER_HOST: `unix://${socket}` } });
  await says(command, moment);
  gate.cut();
  if (blink) {
    await eventually(() => gate.refused > 0 || command.child.exitCode !== null, Boolean, {
      withinMs: 30_000,
      everyMs: 5,
    });
    gate.shut = false;
  }
  const code = await command.ended;
  gate.shut = false;
  const { stdout, stderr } = command.output();
  expect(stdout + stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/the engine went away|no Docker engine answers/);
  // What it left is removed by its watchdog, which goes the same way to the engine.
  const left = await eventually(
    async () => [...(await onEngineOf(command.child.pid ?? 0)), ...(await rest())],
    (found) => found.length === 0,
    { withinMs: 60_000 },
  );
  expect(left.last).toEqual([]);
  return code;
}

const replicationDelay = async () => (await keys(live, 'config', 'get', DELAY)).trim().split('\n').at(-1);

test.for<[string, RegExp, boolean]>([
  ['at its beginning', /project /, false],
  ['between its parts', /configuration\.tar: /, false],
  ['between its parts, for a moment', /configuration\.tar: /, true],
])(
  'a backup, %s: exit code 2, no folder, and the live stack as it was',
  { timeout: 180_000 },
  async ([, moment, blink]) => {
    const to = path.join(work, 'cut-off');
    const args = ['--project', live, '--stack', stack.dir, '--to', to];
    const rest = async () => ((await replicationDelay()) === OWN_DELAY ? [] : [DELAY]);
    expect(await cutOff('backup', args, { moment, blink, rest })).toBe(2);
    expect(readdirSync(work).filter((name) => name.startsWith('cut-off'))).toEqual([]);
  },
);

test.for<[string, RegExp, boolean]>([
  ['when it creates', /creating the containers/, false],
  ['when its data is in', /all data is in/, false],
  ['when it creates, for a moment', /creating the containers/, true],
])('a restore, %s: exit code 2, and the target as it was', { timeout: 180_000 }, async ([, moment, blink]) => {
  const project = `a${tag}-target`;
  const args = ['--from', backup, '--project', project, '--stack', path.join(work, 'restored')];
  const filter = `com.docker.compose.project=${project}`;
  const rest = async () => [
    ...(await labelled('container', filter)),
    ...(await labelled('network', filter)),
    ...(await labelled('volume', filter)),
    ...readdirSync(work).filter((name) => name.startsWith('restored')),
  ];
  expect(await cutOff('restore', args, { moment, blink, rest })).toBe(2);
});

test('a restore that an engine away for a moment has not cut: exit code 0, and the target stays', async () => {
  const project = `a${tag}-kept`;
  const socket = path.join(work, 'kept.sock');
  await using gate = new EngineGate(socket);
  const args = ['--from', backup, '--project', project, '--stack', path.join(work, 'kept')];
  const command = startCommand('restore', args, { environment: { DOCKER_HOST: `unix://${socket}` } });
  try {
    await says(command, /creating the containers/);
    gate.cutTheWatch();
    expect([await command.ended, command.output().stderr]).toEqual([0, '']);
    expect(gate.pings).toBeGreaterThan(0);
    // Its watchdog, had it been left to work, undoes what it made: it has ended when nothing of the command is there.
    const ended = await eventually(
      () => processesWith(`DOCKER_HOST=unix://${socket}`),
      (found) => found.length === 0,
      { withinMs: 60_000 },
    );
    expect(ended.last).toEqual([]);
    expect(await labelled('container', `com.docker.compose.project=${project}`)).not.toEqual([]);
    expect(readdirSync(path.join(work, 'kept'))).not.toEqual([]);
  } finally {
    await down(project);
  }
}, 180_000);
