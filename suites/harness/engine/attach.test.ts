import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { fingerprint, onEngineOf, startVerify } from '../../../fixtures/testing/command.ts';
import { run } from '../../../fixtures/testing/data-state.ts';
import { liveCopy, type LiveCopy } from '../../../fixtures/testing/live-copy.ts';

/**
 * A running reference stack that is somebody's, with data and under load: `--attach` looks at it and leaves it as it was. Needs an
 * engine.
 */
const LIMIT_MS = 300_000;
const project = `attach${randomBytes(3).toString('hex')}`;
/** A look takes some seconds: every tenth of one there are clients. */
const EVERY_MS = 100;
const GONE_WITHIN_MS = 10_000;

let live: LiveCopy;
let reports: string;
let site: string;

beforeAll(async () => {
  reports = mkdtempSync(path.join(os.tmpdir(), `${project}-reports-`));
  live = await liveCopy(project);
  const published = (await live.compose('port', 'nginx', '80')).trim();
  site = `http://127.0.0.1:${published.split(':').at(-1) ?? ''}`;
  await inDatabase("create table live (a text); insert into live values ('of a live project')");
  await inCache('set', 'live', 'of a live project');
}, LIMIT_MS);

afterAll(async () => {
  await live?.[Symbol.asyncDispose]();
  rmSync(reports, { recursive: true, force: true });
}, LIMIT_MS);

test(
  'under load and with data: green, not one failed request, and everything as it was',
  { timeout: LIMIT_MS },
  async () => {
    const before = await state();
    const load = new Load();
    const { code, output, checks, left } = await attach('--attach', project);
    const { sent, failed } = await load.end();
    expect(code, `${output}`).toBe(0);
    expect(failed).toEqual([]);
    expect(sent).toBeGreaterThan(20);
    expect(await state()).toEqual(before);
    const passed = (suite: string) => checks.filter((check) => check.suite === suite && check.status === 'pass').length;
    for (const suite of ['config', 'dns', 'routes', 'health', 'isolation', 'drift'])
      expect(passed(suite), `${suite}`).toBeGreaterThan(5);
    expect(left).toEqual([]);
  },
);

test('killed by kill -9 it leaves nothing', { timeout: LIMIT_MS }, async () => {
  const before = await state();
  const args = ['--attach', project, '--only', 'dns,isolation', '--report', path.join(reports, 'killed')];
  const { child, ended } = startVerify(args);
  const pid = child.pid ?? 0;
  const there = await eventually(
    () => onEngineOf(pid),
    (kinds) => kinds.length > 0,
    { withinMs: 60_000, everyMs: 50 },
  );
  expect(there.last).toEqual(['containers']);
  process.kill(-pid, 'SIGKILL');
  await ended;
  const gone = await eventually(
    () => onEngineOf(pid),
    (kinds) => kinds.length === 0,
    { withinMs: GONE_WITHIN_MS },
  );
  expect(gone.last).toEqual([]);
  expect(await state()).toEqual(before);
});

test(
  'what was edited and not recreated, and what was changed by hand, is red by its name',
  { timeout: LIMIT_MS },
  async () => {
    const image = await run('inspect', '--format', '{{.Image}}', `${project}-redis-1`);
    const override = path.join(live.dir, 'docker-compose.override.yaml');
    const text = readFileSync(override, 'utf8');
    const files = JSON.parse(text) as { services: Record<string, object> };
    Object.assign(files.services['web'] ?? {}, { environment: { NEW_SECRET_KEY: 'never-told' } });
    Object.assign(files.services['redis'] ?? {}, { labels: { edited: 'yes' } });
    writeFileSync(override, JSON.stringify(files));
    await run('network', 'connect', `${project}_default`, `${project}-sandbox-1`);
    await run(
      'run',
      '--detach',
      '--name',
      `${project}-left`,
      ...labelsOf('left'),
      '--entrypoint',
      'sleep',
      image.trim(),
      '60',
    );
    try {
      // By its folder, as one who stands in it would.
      const { code, output, checks } = await attach('--attach', live.dir, '--only', 'drift');
      expect(code, `${output}`).toBe(1);
      const red = checks.filter(({ status }) => status === 'fail').map(({ id }) => id);
      expect(red.toSorted()).toEqual([
        'drift/orphans',
        'drift/redis/recreated',
        'drift/sandbox/networks',
        'drift/web/environment',
        'drift/web/recreated',
      ]);
      expect(output).toContain('NEW_SECRET_KEY');
      expect(output).not.toContain('never-told');
    } finally {
      writeFileSync(override, text);
      await run('network', 'disconnect', `${project}_default`, `${project}-sandbox-1`);
      await run('rm', '--force', '--volumes', `${project}-left`);
    }
  },
);

test('a project that does not run is told in one line with those that do', { timeout: LIMIT_MS }, async () => {
  const { code, output } = await attach('--attach', `${project}-no`);
  expect(code).toBe(2);
  expect(output.trim()).toMatch(new RegExp(`^verify: --attach ${project}-no: no such compose project .*${project}`));
  expect(output.trim()).not.toContain('\n');
});

const labelsOf = (service: string): string[] =>
  Object.entries({ project, service, oneoff: 'False', 'container-number': '1' }).flatMap(([name, value]) => [
    '--label',
    `com.docker.compose.${name}=${value}`,
  ]);

interface Seen {
  code: number | null;
  output: string;
  checks: { id: string; suite: string; status: string }[];
  /** What it has on the engine after its end. */
  left: string[];
}

async function attach(...args: string[]): Promise<Seen> {
  const report = path.join(reports, randomBytes(3).toString('hex'));
  const started = startVerify([...args, '--report', report]);
  const code = await started.ended;
  const { stdout, stderr } = started.output();
  const summary = code === 2 ? '{"checks":[]}' : readFileSync(path.join(report, 'summary.json'), 'utf8');
  const left = await onEngineOf(started.child.pid ?? 0);
  return { code, output: `${stdout}${stderr}`, checks: (JSON.parse(summary) as Seen).checks, left };
}

/** Clients that come one after another for as long as it is on. */
class Load {
  readonly #ended: Promise<unknown>;
  #isOver = false;
  sent = 0;
  readonly failed: string[] = [];

  constructor() {
    this.#ended = eventually(
      () => this.#come(),
      () => this.#isOver,
      { withinMs: LIMIT_MS, everyMs: EVERY_MS },
    );
  }

  async #come(): Promise<void> {
    const targets = ['/console/api/setup', '/v1/', '/signin'];
    const asked = targets[this.sent % targets.length] ?? '/';
    this.sent++;
    try {
      const { statusCode, body } = await request(`${site}${asked}`);
      await body.dump();
      if (statusCode >= 500) this.failed.push(`${asked}: ${statusCode}`);
    } catch (error) {
      this.failed.push(`${asked}: ${(error as Error).message}`);
    }
  }

  async end(): Promise<Pick<Load, 'sent' | 'failed'>> {
    this.#isOver = true;
    await this.#ended;
    return this;
  }
}

const inDatabase = (query: string) =>
  live.compose('exec', '-T', 'db', 'sh', '-c', `psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -Atqc "${query}"`);
/** How many rows each table has. */
const ROWS =
  "select table_name, query_to_xml(format('select count(*) from %I', table_name), false, true, '') from information_schema.tables where table_schema = 'public' order by 1";
const inCache = (...command: string[]) => live.compose('exec', '-T', 'redis', 'redis-cli', ...command);

/** Everything of the project that a look could change: what the engine keeps of it, its files, and what its stores hold. */
async function state(): Promise<unknown> {
  const label = `label=com.docker.compose.project=${project}`;
  const list = async (...args: string[]) =>
    (await run(...args, '--quiet', '--filter', label))
      .split('\n')
      .filter((id) => id !== '')
      .toSorted();
  const containers = JSON.parse(await run('inspect', ...(await list('ps', '--all')))) as Record<string, unknown>[];
  const networks = JSON.parse(await run('network', 'inspect', ...(await list('network', 'ls')))) as object[];
  const volumes = JSON.parse(await run('volume', 'inspect', ...(await list('volume', 'ls')))) as object[];
  return {
    containers: containers.map((one) => settled(one)),
    networks,
    volumes,
    files: fingerprint(live.dir),
    database: await inDatabase('select * from live'),
    rows: await inDatabase(ROWS),
    cache: [await inCache('get', 'live'), await inCache('dbsize')],
  };
}

/** Health checks of the stack's own go on, and the engine tells mounts in another order each time. */
function settled(container: Record<string, unknown>): unknown {
  const {
    State,
    Mounts,
    ExecIDs: _execs,
    ...rest
  } = container as { State: { Health?: { Status: string } }; Mounts: { Destination: string }[] } & Record<
    string,
    unknown
  >;
  const { Health, ...state } = State;
  return {
    ...rest,
    state,
    health: Health?.Status,
    mounts: Mounts.toSorted((a, b) => a.Destination.localeCompare(b.Destination)),
  };
}
