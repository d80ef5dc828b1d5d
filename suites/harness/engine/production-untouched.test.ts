import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import type { StackSnapshot } from '../../../fixtures/data/snapshot/snapshot.ts';
import { emptyStores } from '../../../fixtures/data/snapshot/snapshot.ts';
import { fingerprint, startVerify } from '../../../fixtures/testing/command.ts';
import { run } from '../../../fixtures/testing/data-state.ts';
import { removeRootFiles } from '../../../fixtures/testing/root-files.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { LiveProject, type LiveState } from '../../../fixtures/testing/live-project.ts';
import {
  outsideDirectory,
  writeEnvironment,
  type Form,
  type OutsideDirectory,
  type Shape,
} from '../../../fixtures/testing/outside-directory.ts';
import { Production, removeProduction, STORES, type Store } from '../../../fixtures/testing/production.ts';

/**
 * A production beside the run: stores with data outside of the stack, live projects of the very directories that are
 * verified, a sink for all other calls. Every variable leads there, and nothing may come. Needs an engine.
 */
const tag = `untouched${randomBytes(3).toString('hex')}`;
const RUN_LIMIT_MS = 600_000;
const SHAPES = ['reference', 'stock'] as const;

let beside: string;
let production: Production;
let held: StackSnapshot;
let heard: Record<Store, string[]>;
const directories = {} as Record<Shape, OutsideDirectory>;
const live: LiveProject[] = [];
const states = new Map<LiveProject, LiveState>();
const written = {} as Record<Shape, string>;

/** Each form occurs at each store over the three runs. */
const FORMS: Record<'reference' | 'stock' | 'again', Record<Store, Form>> = {
  reference: { postgres: 'name', redis: 'literal', vectors: 'host' },
  stock: { postgres: 'host', redis: 'name', vectors: 'literal' },
  again: { postgres: 'literal', redis: 'host', vectors: 'name' },
};

/** What a live database writes, in place. */
const LIVE_STATE = ['volumes/db'];

beforeAll(async () => {
  beside = mkdtempSync(path.join(os.tmpdir(), `${tag}-beside-`));
  production = await Production.start(tag);
  for (const shape of SHAPES) {
    const directory = await outsideDirectory(shape, FORMS[shape], { tag, production });
    directories[shape] = directory;
    live.push(await LiveProject.start(`${tag}-${shape}`, directory, beside));
    written[shape] = fingerprint(directory.dir, LIVE_STATE);
  }
  held = await production.holds();
  for (const project of live) states.set(project, await project.state());
}, RUN_LIMIT_MS);

afterAll(async () => {
  for (const project of live) await project[Symbol.asyncDispose]();
  await production?.[Symbol.asyncDispose]();
  await removeProduction(tag);
  await removeFolders([beside, ...Object.values(directories).map(({ dir }) => dir)]);
}, RUN_LIMIT_MS);

test('control: from a network of its own a container gets to each counted address in every form, and is counted', async () => {
  expect(emptyStores(held)).toEqual(['files']);
  const before = await production.heard();
  const forms = [production.gateway, 'named.prod.example', 'host.docker.internal'];
  const targets = production.counted.flatMap(({ port }) => forms.map((host) => [host, port]));
  const script = `
    const greeting = 'GET /v1/schema HTTP/1.0\\r\\n\\r\\n';
    const knock = ([host, port]) => new Promise((resolve, reject) => {
      const socket = require('net').connect(port, host, () => socket.end(greeting));
      socket.on('error', reject).on('close', resolve).resume();
    });
    Promise.all(${JSON.stringify(targets)}.map(knock)).then(() => console.log('all open'));`;
  const network = `${tag}-control`;
  await run('network', 'create', network);
  try {
    const [probe] = await ensureImages([{ name: 'probe' }], { progress: () => undefined });
    const hosts = [`named.prod.example:${production.gateway}`, 'host.docker.internal:host-gateway'];
    const given = hosts.flatMap((host) => ['--add-host', host]);
    const said = await run('run', '--rm', '--network', network, ...given, probe?.ref ?? '', 'node', '-e', script);
    expect(said.trim()).toBe('all open');
  } finally {
    await run('network', 'rm', network);
  }
  for (const { name, knocks } of production.counted) expect(knocks, `${name}`).toHaveLength(forms.length);
  const after = await eventually(
    () => production.heard(),
    (lines) => STORES.every((store) => lines[store].length - before[store].length === forms.length),
    { withinMs: 10_000 },
  );
  const more = STORES.map((store) => [store, after.last[store].length - before[store].length]);
  expect(Object.fromEntries(more)).toEqual({ postgres: 3, redis: 3, vectors: 3 });
});

describe('every variable leads to the production, and no connection comes', () => {
  beforeEach(async () => {
    heard = await production.heard();
    for (const { knocks } of production.counted) knocks.length = 0;
  });

  test('the reference stack, whole', { timeout: RUN_LIMIT_MS }, async () => {
    const all = ['config', 'dns', 'routes', 'health', 'isolation', 'datapath', 'failover', 'guide', 'backup'];
    // Its own stores are still there beside the private doubles, and nobody uses them.
    await verifiedUntouched('reference', all, [], [0]);
  });

  test('a stock-shaped directory beside its live project', { timeout: RUN_LIMIT_MS }, async () => {
    const some = ['dns', 'routes', 'health', 'isolation', 'datapath', 'backup'];
    await verifiedUntouched('stock', some, ['--only', some.join(',')]);
  });

  test('the same directory with the other forms of address', { timeout: RUN_LIMIT_MS }, async () => {
    const { dir } = directories.stock;
    const other = await writeEnvironment(dir, 'other.env', FORMS.again, production);
    written.stock = fingerprint(dir, LIVE_STATE);
    await verifiedUntouched('stock', ['dns', 'datapath'], ['--only', 'dns,datapath', '--env-file', other]);
  });
});

test('afterwards the stores of the production and of the live projects hold what they held', async () => {
  expect(await production.holds()).toEqual(held);
  for (const project of live) expect(await project.rows()).toBe('of a live project\n');
});

/** Verifies a directory and expects that something was judged in each of `suites`, and that nobody outside saw anything. */
async function verifiedUntouched(
  shape: Shape,
  suites: readonly string[],
  args: readonly string[],
  codes: readonly number[] = [0, 1],
): Promise<void> {
  const report = path.join(beside, `report-${shape}`);
  const started = startVerify(['--stack', directories[shape].dir, '--report', report, ...args]);
  const code = await started.ended;
  const { stdout, stderr } = started.output();
  await untouched(shape);
  const summary = path.join(report, 'summary.json');
  expect(existsSync(summary), `${stdout}${stderr}`).toBe(true);
  const { checks } = JSON.parse(readFileSync(summary, 'utf8')) as { checks: Judged[] };
  const looked = (suite: string) => checks.some((check) => check.suite === suite && check.status === 'pass');
  expect(
    suites.filter((suite) => !looked(suite)),
    `${stdout}${stderr}`,
  ).toEqual([]);
  // In few words: of a long log of CI only the end is kept.
  const notPassed = checks.filter(({ status }) => !['pass', 'skip'].includes(status));
  const words = notPassed.map(({ id, status, message }) => `${id} (${status}): ${message ?? ''}`);
  expect(codes, `${words.join('\n')}\n${stderr}`).toContain(code);
}

interface Judged {
  id: string;
  suite: string;
  status: string;
  message?: string;
}

async function untouched(shape: Shape): Promise<void> {
  const came = production.counted.flatMap(({ name, knocks }) =>
    [...new Set(knocks.map(({ from, said }) => `${name}: ${from} said ${said}`))].map((knock) => knock.slice(0, 120)),
  );
  expect.soft(came, `${shape}: connections to the production`).toEqual([]);
  expect.soft(await production.heard(), `${shape}: what the stores' own logs tell`).toEqual(heard);
  for (const project of live)
    expect.soft(await project.state(), `live ${project.project}`).toEqual(states.get(project));
  expect.soft(fingerprint(directories[shape].dir, LIVE_STATE), `${shape}: the directory`).toBe(written[shape]);
}

/** Containers wrote in them, as root. */
async function removeFolders(folders: readonly string[]): Promise<void> {
  const [probe] = await ensureImages([{ name: 'probe' }], { progress: () => undefined });
  for (const folder of folders.filter((one) => one !== undefined && existsSync(one))) {
    await removeRootFiles(folder, probe?.ref ?? '');
  }
}
