import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { Contract } from '../../../fixtures/checks/contract.ts';
import { contractOfCopy } from '../../../fixtures/checks/without-placeholders.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import type { StackModel } from '../../../fixtures/model/model.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { obligationsIn } from '../../../fixtures/testing/obligations-in.ts';

/** What is judged of the reference stack, and what is not, while services of it run as placeholders. */
let model: StackModel;
beforeAll(async () => {
  const run = mkdtempSync(path.join(os.tmpdir(), 'without-placeholders-'));
  try {
    model = await readStack({ dir: 'compose' }, run);
  } finally {
    rmSync(run, { recursive: true, force: true });
  }
}, 60_000 * slowness);

function skippedWith(...names: string[]): { contract: Contract; skipped: string[] } {
  const copy = structuredClone(model);
  for (const name of names) {
    const service = copy.services[name];
    if (service) service.placeholder = { ports: [80], why: 'has no stand-in (x:1)' };
  }
  const contract = contractOfCopy(copy, {});
  const all = obligationsIn(contract);
  // Nothing comes or goes: the ids are those of the whole stack.
  expect(all.map(({ id }) => id)).toEqual(obligationsIn(contractOfCopy(model, {})).map(({ id }) => id));
  return { contract, skipped: all.filter((one) => one.skipped !== undefined).map(({ id }) => id) };
}

test('names, networks and reach of a placeholder are judged, its health is not', () => {
  const { contract, skipped } = skippedWith('web');
  expect(contract.dns.resolves.every((check) => check.skipped === undefined)).toBe(true);
  expect(contract.isolation.denied.every((check) => check.skipped === undefined)).toBe(true);
  expect(contract.isolation.allowed.every((check) => check.skipped === undefined)).toBe(true);
  expect(contract.health.converges.find(({ service }) => service === 'web')?.skipped).toBe(
    'web runs as a placeholder: it has no stand-in (x:1)',
  );
  expect(
    contract.health.truth.filter(({ service }) => service !== 'web').every((one) => one.skipped === undefined),
  ).toBe(true);
  expect(skipped.filter((id) => id.startsWith('config/'))).toEqual([]);
});

test('who answers at a route that leads to a placeholder is not judged, what nginx does with it is', () => {
  const text = `# configuration file /etc/nginx/nginx.conf:
events {}
http { server { listen 80;
  location / { proxy_pass http://web:3000; }
  location /console/api { proxy_pass http://api:5001; }
} }
`;
  const copy = structuredClone(model);
  Object.assign(copy.services['web'] ?? {}, { placeholder: { ports: [3000], why: 'has no stand-in (x:1)' } });
  const { routes } = contractOfCopy(copy, { rendered: { nginx: { nginx: text } } });
  const judged = new Map(routes.owners.map(({ id, skipped }) => [id, skipped === undefined]));
  expect(judged.get('routes/public:/signin/owner')).toBe(false);
  expect(judged.get('routes/location://owner')).toBe(false);
  expect(judged.get('routes/location:/console/api/owner')).toBe(true);
  expect(routes.headers.length).toBeGreaterThan(0);
  expect(routes.headers.every(({ skipped }) => skipped === undefined)).toBe(true);
});

test('without the vector store everything is judged but what stores and asks vectors, its key, and a backup of all data', () => {
  const { contract, skipped } = skippedWith('weaviate');
  const inSuite = (suite: string) => skipped.filter((id) => id.startsWith(`${suite}/`));
  expect(inSuite('routes')).toEqual([]);
  // That its clients name the right port is not shown by what listens where they say.
  expect(inSuite('dns').every((id) => id.endsWith('/environment/WEAVIATE_ENDPOINT'))).toBe(true);
  expect(inSuite('dns').length).toBeGreaterThan(0);
  expect(inSuite('failover')).toEqual([]);
  expect(inSuite('isolation').every((id) => id.includes('weaviate'))).toBe(true);
  expect(inSuite('isolation').length).toBeGreaterThan(0);
  expect(contract.backup.restored.every((check) => check.skipped !== undefined)).toBe(true);
  expect(inSuite('datapath')).toEqual(expect.arrayContaining(['datapath/hop/worker-vector-store']));
  expect(inSuite('datapath')).not.toContain('datapath/hop/api-database');
});

test('without its database nothing is asked through the site', () => {
  const { contract } = skippedWith('db');
  const { failover, datapath } = contract;
  const reasons = [...failover.precondition, ...datapath.steps, ...datapath.precondition].map(({ skipped }) => skipped);
  expect([...new Set(reasons)]).toEqual(['db runs as a placeholder: it has no stand-in (x:1)']);
});
