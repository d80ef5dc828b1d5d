import { describe, expect, test } from 'vitest';
import type { Front } from '../../../../fixtures/checks/datapath/front.ts';
import { datapathContract } from '../../../../fixtures/checks/datapath/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { STEPS } from '../../../../fixtures/checks/datapath/steps.ts';
import { sampleModel } from '../isolation/samples.ts';

type Edit = Parameters<typeof sampleModel>[0];

function contractOf(edit?: Edit) {
  const model = sampleModel(edit);
  return datapathContract(model, rolesOf(model), { nginx: {} });
}

describe('a stack of release 1.5', () => {
  const contract = contractOf();

  test('every step is an obligation, in the order in which the steps are taken', () => {
    const taken = STEPS.map(({ name }) => name);
    expect(new Set(taken).size).toBe(taken.length);
    expect(contract.steps.map(({ step }) => step).toSorted()).toEqual(taken.toSorted());
    for (const step of STEPS) {
      // What a step needs was taken before it: else it would never be tried.
      for (const need of step.needs) expect(taken.indexOf(need)).toBeLessThan(taken.indexOf(step.name));
    }
  });

  test('ids are unique and begin with the suite', () => {
    const ids = [...contract.steps, ...contract.hops].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.startsWith('datapath/'))).toBe(true);
  });

  test('hops are proved from each side that goes over them', () => {
    expect(contract.hops.map(({ id }) => id)).toEqual([
      'datapath/hop/api-database',
      'datapath/hop/api-secret-at-rest',
      'datapath/hop/api-cache',
      'datapath/hop/api-broker',
      'datapath/hop/api-storage',
      'datapath/hop/api-private-key',
      'datapath/hop/api-vector-store',
      'datapath/hop/api-plugin-daemon',
      'datapath/hop/worker-database',
      'datapath/hop/worker-cache',
      'datapath/hop/worker-broker',
      'datapath/hop/worker-storage',
      'datapath/hop/worker-vector-store',
      'datapath/hop/plugin_daemon-database',
      'datapath/hop/plugin_daemon-cache',
      'datapath/hop/ssrf_proxy-way-out',
      'datapath/hop/api-proxy-log',
    ]);
  });

  test('a step names the services of the stack that stand behind it', () => {
    expect(contract.steps.find(({ step }) => step === 'document')?.behind).toEqual([
      { part: 'database', service: 'db' },
      { part: 'broker', service: 'redis' },
    ]);
  });
});

const without =
  (...names: string[]): Edit =>
  (raw) => {
    for (const name of names) delete raw.services[name];
  };

describe('other stacks', () => {
  test.for([
    ['worker', /\/worker-/],
    ['weaviate', /vector-store/],
    ['plugin_daemon', /plugin/],
    ['ssrf_proxy', /proxy-log|way-out/],
    ['redis', /cache|broker/],
    ['db', /database|secret/],
  ] as const)('without %s there is no hop to it, and the steps are the same', ([name, pattern]) => {
    const contract = contractOf(without(name));
    expect(contract.hops.filter(({ id }) => pattern.test(id))).toEqual([]);
    expect(contract.hops.length).toBeGreaterThan(0);
    expect(contract.steps.length).toBe(STEPS.length);
    expect(contract.steps.flatMap(({ behind }) => behind).filter(({ service }) => service === name)).toEqual([]);
  });

  test.for([['no api', without('api'), /api of Dify/]] as [string, Edit, RegExp][])(
    '%s: one check says so, and there is nothing else',
    ([, edit, reason]) => {
      const contract = contractOf(edit);
      expect(contract.missing).toMatch(reason);
      expect(contract.precondition).toHaveLength(1);
      expect([...contract.steps, ...contract.hops]).toEqual([]);
    },
  );

  test.for<[string, Edit, Front]>([
    ['as it is', () => undefined, { service: 'nginx', port: 80, published: true }],
    [
      'nginx publishes nothing',
      (raw) => Object.assign(raw.services['nginx'] ?? {}, { ports: [] }),
      { service: 'nginx', port: 80, published: false },
    ],
    ['no nginx', without('nginx'), { service: 'api', port: 5001, published: false }],
    [
      'no nginx, api is published',
      (raw) => {
        delete raw.services['nginx'];
        Object.assign(raw.services['api'] ?? {}, { ports: [{ target: 5001, published: '8001' }] });
      },
      { service: 'api', port: 5001, published: true },
    ],
  ])('%s: where clients are let in, with all the steps', ([, edit, front]) => {
    const contract = contractOf(edit);
    expect(contract.parts?.front).toEqual(front);
    expect(contract.steps.length).toBe(STEPS.length);
  });

  const tagged = (tag: string, told: boolean) => (raw: Parameters<Edit & object>[0]) => {
    delete raw.services['plugin_daemon'];
    const { PLUGIN_DAEMON_URL: _url, ...rest } = (raw.services['api']?.environment ?? {}) as Record<string, string>;
    const environment = told ? { ...rest, PLUGIN_DAEMON_URL: 'http://plugin_daemon:5002' } : rest;
    Object.assign(raw.services['api'] ?? {}, { image: `langgenius/dify-api:${tag}`, environment });
  };
  test.for<[string, boolean, number]>([
    ['0.15.3', false, 3],
    ['0.15.3', true, 3],
    ['1.15.0', false, 0],
    ['latest', true, 0],
    ['latest', false, 3],
  ])('without a plugin daemon api %s (told of one: %s) is let off %i steps, which are told', ([tag, told, off]) => {
    const contract = contractOf(tagged(tag, told));
    expect(contract.steps).toHaveLength(STEPS.length - off);
    expect(contract.left.map(({ id }) => id)).toEqual(
      off === 0 ? [] : ['datapath/plugins', 'datapath/plugins/debugging-key', 'datapath/plugins/model-providers'],
    );
  });

  test('a worker of another name, a store of another kind', () => {
    const contract = contractOf((raw) => {
      raw.services['worker_documents'] = raw.services['worker'] ?? {};
      delete raw.services['worker'];
      Object.assign(raw.services['weaviate'] ?? {}, { image: 'qdrant/qdrant:v1.7' });
    });
    expect(contract.parts).toMatchObject({ worker: 'worker_documents', vectorStore: 'weaviate' });
    // That there is no client for it is told when it is looked at.
    expect(contract.hops.map(({ id }) => id)).toContain('datapath/hop/worker_documents-vector-store');
  });

  test('a proxy that api shares no network with gets nothing from it', () => {
    const contract = contractOf((raw) => Object.assign(raw.services['api'] ?? {}, { networks: { other: null } }));
    expect(contract.hops.map(({ kind }) => kind)).not.toContain('proxy-log');
  });
});
