import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { deriveContract, type Contract } from '../../../fixtures/checks/contract.ts';
import type { Obligation } from '../../../fixtures/checks/verdict.ts';
import { withoutAway } from '../../../fixtures/checks/without-away.ts';
import { contractOfRest } from '../../../fixtures/run/derive.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import type { Rendered } from '../../../fixtures/model/nginx/rendered.ts';
import type { StackModel } from '../../../fixtures/model/model.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { obligationsIn } from '../../../fixtures/testing/obligations-in.ts';
import type { Away } from '../../../fixtures/stack/away.ts';

/** What is judged of the reference stack, and what is not, while services of it are away. */
let model: StackModel;
let rendered: Rendered;
beforeAll(async () => {
  const run = mkdtempSync(path.join(os.tmpdir(), 'without-away-'));
  try {
    model = await readStack({ dir: 'compose' }, run);
  } finally {
    rmSync(run, { recursive: true, force: true });
  }
  const template = readFileSync('compose/nginx/conf.d/default.conf.template', 'utf8').replaceAll(/\$\{\w+\}/g, '80');
  rendered = {
    nginx: { nginx: `# configuration file /etc/nginx/nginx.conf:\nhttp {\n${template}\n}\n` },
  };
}, 60_000 * slowness);

const away = (service: string, more: Partial<Away> = {}): Away => ({
  service,
  why: 'exited with code 1',
  root: true,
  runs: false,
  ...more,
});

function judgedWithout(
  lost: Away[],
  late: string[] = [],
): { all: Obligation[]; blocked: string[]; contract: Contract } {
  const whole = deriveContract(model, { rendered });
  const rest = contractOfRest(whole, { model, read: model, rendered, away: lost });
  const roles = rolesOf(model);
  const contract = withoutAway(whole, rest, { away: lost, late, by: 'health/boot', model, roles });
  const all = obligationsIn(contract);
  // Nothing comes or goes: the ids are those of the whole stack.
  expect(all.map(({ id }) => id)).toEqual(obligationsIn(whole).map(({ id }) => id));
  return { all, contract, blocked: all.filter((one) => one.blocked).map(({ id }) => id) };
}

const inSuite = (suite: string, ids: readonly string[]) => ids.filter((id) => id.startsWith(`${suite}/`));

test('what a service is for stays what it is in the whole stack', () => {
  const small = modelOf({
    files: { image: 'example.com/git:1', networks: { default: null } },
    store: { image: 'example.com/store:1', networks: { default: null } },
    web: { image: 'langgenius/dify-web:1.5.0', networks: { default: null } },
    api: {
      image: 'langgenius/dify-api:1.5.0',
      environment: { MODE: 'api', REDIS_HOST: 'store' },
      networks: { default: null },
      depends_on: { files: { condition: 'service_completed_successfully', required: true } },
    },
  });
  const whole = deriveContract(small);
  const rest = contractOfRest(whole, {
    model: small,
    read: small,
    rendered: { nginx: {} },
    away: [away('api')],
  });
  // Only api tells that one of them ends and the other is a cache: nobody is to look from what has ended.
  expect(rest.roles).toMatchObject({ files: 'one_shot', store: 'cache' });
  expect(rest.dns.from).toEqual(['store', 'web']);
});

describe('without a worker', () => {
  test('everything is judged but what needs it, with the reason', () => {
    const { all, blocked } = judgedWithout([away('worker')]);
    expect(all.find(({ id }) => id === 'dns/api/resolves/worker')?.blocked).toEqual({
      by: 'health/boot',
      reason: 'worker did not come up: it exited with code 1',
    });
    expect(inSuite('routes', blocked)).toEqual([]);
    expect(inSuite('failover', blocked)).toEqual([]);
    expect(inSuite('config', blocked)).toEqual([]);
    expect(inSuite('dns', blocked).every((id) => id.includes('worker'))).toBe(true);
    expect(inSuite('isolation', blocked).every((id) => id.includes('worker'))).toBe(true);
    expect(inSuite('datapath', blocked).toSorted()).toEqual([
      'datapath/dataset/indexing',
      'datapath/dataset/retrieval',
      'datapath/hop/api-broker',
      'datapath/hop/api-vector-store',
      'datapath/hop/worker-broker',
      'datapath/hop/worker-cache',
      'datapath/hop/worker-database',
      'datapath/hop/worker-storage',
      'datapath/hop/worker-vector-store',
    ]);
    expect(inSuite('backup', blocked)).toEqual(
      inSuite(
        'backup',
        all.map(({ id }) => id),
      ),
    );
  });

  test('its own checks tell of it where it fails by itself, and not where it is dragged along', () => {
    const ids = ['health/worker/converges', 'health/worker/restarts'];
    expect(judgedWithout([away('worker')]).blocked).not.toEqual(expect.arrayContaining(ids));
    expect(judgedWithout([away('worker', { root: false })]).blocked).toEqual(expect.arrayContaining(ids));
  });

  test('a list of services is asked for those that are up', () => {
    const { contract } = judgedWithout([away('worker')]);
    const others = contract.dns.resolves.filter(({ id }) => id.endsWith('/resolves/others'));
    expect(others.length).toBeGreaterThan(0);
    expect(others.flatMap(({ targets }) => targets.map(({ service }) => service))).not.toContain('worker');
    expect(contract.dns.from).not.toContain('worker');
    expect(contract.guide.networks.flatMap(({ services }) => services)).not.toContain('worker');
  });
});

describe('without api', () => {
  test('routes of others are judged, and the sandbox by another control', () => {
    const { contract, blocked } = judgedWithout([away('api', { runs: true })]);
    expect(blocked).toContain('routes/location:/console/api/owner');
    expect(blocked).not.toContain('routes/location:/e/owner');
    expect(blocked).not.toContain('routes/unlisted/owner');
    expect(blocked).not.toContain('routes/location:/console/api/target');
    const [confined] = contract.isolation.noDefaultRoute;
    expect(confined?.service).toBe('sandbox');
    expect(confined?.control.service).not.toBe('api');
    expect(confined?.blocked).toBeUndefined();
    expect(inSuite('failover', blocked).length).toBe(obligationsIn(contract.failover).length);
  });
});

describe('without the database', () => {
  test('those that were started before it are not told to have started too early, nor what they wrote', () => {
    const { blocked } = judgedWithout([away('db'), away('api', { root: false })], ['nginx', 'plugin_daemon']);
    expect(blocked).toEqual(
      expect.arrayContaining([
        'health/nginx/order/api',
        'health/nginx/order/web',
        'health/plugin_daemon/log',
        'health/plugin_daemon/restarts',
        'datapath/setup',
      ]),
    );
    expect(blocked).not.toContain('health/db/converges');
    expect(blocked).not.toContain('dns/nginx/resolves/web');
  });
});

test('without nothing everything is as it was', () => {
  expect(judgedWithout([]).blocked).toEqual([]);
});

test('of two proxies, code in the sandbox waits for the one that the sandbox uses', () => {
  const own = model.services['ssrf_proxy'];
  if (!own) throw new Error('the reference has its proxy');
  const second = { ...own, name: 'agent_ssrf_proxy', containerName: null };
  const two = { ...model, services: { agent_ssrf_proxy: second, ...model.services } };
  const blockedWithout = (proxy: string) => {
    const rest = Object.fromEntries(Object.entries(two.services).filter(([name]) => name !== proxy));
    const contract = withoutAway(
      deriveContract(two, { rendered }),
      deriveContract({ ...two, services: rest }, { rendered }),
      { away: [away(proxy)], late: [], by: 'health/boot', model: two, roles: rolesOf(two) },
    );
    return contract.isolation.proxy.codePasses.map(({ blocked }) => blocked?.reason ?? null);
  };
  expect(blockedWithout('ssrf_proxy')).toEqual(['ssrf_proxy did not come up: it exited with code 1']);
  expect(blockedWithout('agent_ssrf_proxy')).toEqual([null]);
});
