import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultFiles } from '../../../fixtures/mutation/fault.ts';
import { healthFaults } from '../../../fixtures/mutation/health.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';

/** One run shows everything: of a stack with a service that does not come up the rest is judged. Needs an engine. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'one-away-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const SUITES = ['dns', 'routes', 'isolation', 'guide'];

/** Fault, the service that it takes away, checks that pass all the same, and checks that cannot be looked at. */
const CASES = [
  [
    'health-worker-loops',
    'worker',
    ['dns/api/resolves/db', 'routes/location:/console/api/owner', 'isolation/sandbox/default-route', 'guide/ps/api'],
    ['dns/worker/resolver', 'dns/api/resolves/worker', 'isolation/worker/allowed/db:5432', 'guide/restart/worker'],
  ],
  [
    'health-api-never',
    'api',
    ['dns/worker/resolves/db', 'routes/unlisted/owner', 'isolation/sandbox/default-route', 'guide/ps/nginx'],
    ['dns/api/resolver', 'routes/location:/console/api/owner', 'guide/outside/console-setup'],
  ],
] as const;

test.for(CASES)('%s: the rest is judged without %s', { timeout: 600_000 }, async ([id, service, passed, blocked]) => {
  const dir = path.join(root, id);
  cpSync('compose', dir, { recursive: true, filter: (entry) => !entry.startsWith(path.join('compose', 'images')) });
  healthFaults.find((fault) => fault.id === id)?.edit(new FaultFiles(dir));
  const report = path.join(root, `report-${id}`);
  const code = await startVerify(['--stack', dir, '--only', SUITES.join(','), '--report', report]).ended;
  const { checks, causes } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
  const red = checks.filter(({ status, level }) => status === 'error' || (status === 'fail' && level === 'must'));
  // With its words, or a red of one run in fifty tells nothing.
  expect(Object.fromEntries(red.map(({ id: check, message }) => [check, message]))).toEqual({
    'health/boot': expect.any(String) as string,
  });
  expect(causes.filter(({ level }) => level === 'must').map((cause) => cause.id)).toEqual([`service-down:${service}`]);
  expect(code).toBe(1);
  expectEvidence(path.join(report, 'evidence'), service);
  const statusOf = (check: string) => checks.find((known) => known.id === check)?.status;
  expect(passed.map((check) => [check, statusOf(check)])).toEqual(passed.map((check) => [check, 'pass']));
  expect(blocked.map((check) => [check, statusOf(check)])).toEqual(blocked.map((check) => [check, 'blocked']));
  for (const suite of SUITES)
    expect(checks.filter((check) => check.suite === suite && check.status === 'pass').length).toBeGreaterThan(5);
});

/** What explains the cause lies in the report: its check, the stack as it was, and of the service its state and its log. */
function expectEvidence(folder: string, service: string): void {
  const text = (name: string) => readFileSync(path.join(folder, name), 'utf8');
  const [check] = JSON.parse(text(`causes/service-down_${service}/checks.json`)) as { id: string }[];
  expect(check?.id).toBe('health/boot');
  const containers = JSON.parse(text('containers.json')) as { service: string; health: string; restarts: number }[];
  const broken = containers.filter((one) => one.service === service);
  expect(broken.length).toBeGreaterThan(0);
  for (const { health, restarts } of broken) expect(health === 'unhealthy' || restarts > 0).toBe(true);
  const names = ['model.json', 'events.jsonl', 'networks.json', 'nginx-T-nginx.txt', `${service}-1.log`];
  expect(names.filter((name) => text(name).length < 50)).toEqual([]);
  expect(text('web-1.net.txt')).toContain('nameserver 127.0.0.11');
}
