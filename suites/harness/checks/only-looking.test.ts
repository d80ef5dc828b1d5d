import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { deriveContract, type Contract } from '../../../fixtures/checks/contract.ts';
import { onlyLooking } from '../../../fixtures/checks/only-looking.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { obligationsIn } from '../../../fixtures/testing/obligations-in.ts';

/** What is asked of somebody's running project, and what is left to a run on a copy: the reference stack, with a short nginx. */
const DUMP = `# configuration file /etc/nginx/nginx.conf:
events {}
http { server { listen 80;
  location /console/api { proxy_pass http://api:5001; }
  location /v1 { proxy_pass http://api:5001; }
  location / { proxy_pass http://web:3000; }
} }
`;
let whole: Contract;
let looking: Contract;
beforeAll(async () => {
  const run = mkdtempSync(path.join(os.tmpdir(), 'only-looking-'));
  try {
    whole = deriveContract(await readStack({ dir: 'compose' }, run), { rendered: { nginx: { nginx: DUMP } } });
    looking = onlyLooking(whole);
  } finally {
    rmSync(run, { recursive: true, force: true });
  }
}, 60_000 * slowness);

const judged = (checks: readonly { skipped?: string }[]) => checks.filter(({ skipped }) => skipped === undefined);

test('nothing comes or goes, and what is left out says why', () => {
  expect(obligationsIn(looking).map(({ id }) => id)).toEqual(obligationsIn(whole).map(({ id }) => id));
  const reasons = obligationsIn(looking).flatMap(({ skipped }) => skipped ?? []);
  expect(reasons.length).toBeGreaterThan(50);
  expect(reasons.every((reason) => /^with --attach .*on a copy$/.test(reason))).toBe(true);
});

test('names, health, who reaches whom: what only looks is judged', () => {
  const { dns, health, isolation, routes } = looking;
  for (const part of [dns.resolves, dns.hidden, dns.environment, health.converges, health.tools, health.answers])
    expect(judged(part)).toEqual(part);
  for (const part of [isolation.allowed, isolation.denied, isolation.gateway, isolation.noDefaultRoute])
    expect(judged(part)).toEqual(part);
  expect(judged(routes.owners).length).toBeGreaterThan(4);
});

test('what recreates, freezes, sends, logs in, runs code or joins a network is not', () => {
  const { dns, health, isolation, routes } = looking;
  const { passes, refuses, connect, codePasses, codeOutside, codeDenied, codeRefused } = isolation.proxy;
  const parts = [dns.recreated, health.truth, health.order, isolation.keys, isolation.outsideByName, passes, refuses];
  const more = [
    connect,
    codePasses,
    codeOutside,
    codeDenied,
    codeRefused,
    routes.bodies,
    routes.limits,
    routes.streams,
  ];
  for (const part of [...parts, ...more]) {
    expect(part.length).toBeGreaterThan(0);
    expect(judged(part)).toEqual([]);
  }
  expect(routes.mirrors).toEqual([]);
});

test('of the suites that disturb not one check is left, should one of them be run all the same', () => {
  const { browser, datapath, failover, backup, guide } = looking;
  for (const suite of [browser, datapath, failover, backup, guide]) {
    expect(obligationsIn(suite).length).toBeGreaterThan(0);
    expect(judged(obligationsIn(suite))).toEqual([]);
  }
});

test('requests are GET or HEAD without a body', () => {
  const { routes } = looking;
  const asked = [...judged(routes.owners), ...judged(routes.redirects)] as { ask: { method: string } | null }[];
  expect(asked.length).toBeGreaterThan(0);
  for (const { ask } of asked) expect(['GET', 'HEAD', undefined]).toContain(ask?.method);
  const posted = whole.routes.owners.map((check) => ({ ...check, ask: check.ask && { ...check.ask, method: 'POST' } }));
  expect(judged(onlyLooking({ ...whole, routes: { ...routes, owners: posted } }).routes.owners)).toEqual(
    posted.filter(({ ask }) => ask === null),
  );
});

test('a container that came up long ago has no budget left to judge, and an old restart is told as advice', () => {
  expect(looking.health.converges.every(({ budgetMs }) => budgetMs === null)).toBe(true);
  expect(looking.health.converges.find(({ service }) => service === 'redis')?.title).toBe('redis runs and is healthy');
  expect(looking.health.restarts.every(({ level }) => level === 'advice')).toBe(true);
});
