import { describe, expect, test } from 'vitest';
import { isolationContract } from '../../../../fixtures/checks/isolation/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';
import { sampleModel } from './samples.ts';

const contractOf = (model: StackModel) => isolationContract(model, rolesOf(model));
const idsOf = (list: readonly { id: string }[]) => list.map((it) => it.id);

describe('who may open what', () => {
  const contract = contractOf(sampleModel());

  test('ids are unique', () => {
    const { proxy, ...rest } = contract;
    const ids = [...Object.values(rest), ...Object.values(proxy)].flatMap((list: { id: string }[]) => idsOf(list));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(60);
  });

  test('sandbox is denied everything but what it shares a network with, and the others are denied sandbox', () => {
    expect(idsOf(contract.denied.filter((it) => it.from === 'sandbox'))).toEqual([
      'isolation/sandbox/denied/web:3000',
      'isolation/sandbox/denied/db:5432',
      'isolation/sandbox/denied/redis:6379',
      'isolation/sandbox/denied/weaviate:8080',
      'isolation/sandbox/denied/plugin_daemon:5002',
      'isolation/sandbox/denied/nginx:80',
    ]);
    expect(contract.denied.filter((it) => it.to === 'sandbox')).toHaveLength(6);
    expect(contract.denied.every((it) => it.controls.length > 0 && !it.controls.includes(it.from))).toBe(true);
  });

  test('each address of a service has a control on its own network, the service itself where nobody else is', () => {
    const two = contractOf(
      sampleModel((raw) => {
        raw.networks['proxy_only'] = { internal: true };
        raw.services['agent_proxy'] = { image: 'ubuntu/squid', networks: { default: null, proxy_only: null } };
        raw.services['agent_box'] = { image: 'own/box', networks: { proxy_only: null } };
        raw.networks['edge'] = {};
        Object.assign(raw.services['nginx'] ?? {}, { networks: { edge: null } });
      }),
    );
    const controls = (id: string) => two.denied.find((it) => it.id === `isolation/${id}`)?.controls;
    expect(controls('sandbox/denied/agent_proxy:3128')).toEqual(['api', 'agent_box']);
    expect(controls('sandbox/denied/nginx:80')).toEqual(['nginx']);
  });

  test('what is used is allowed', () => {
    const allowed = idsOf(contract.allowed);
    for (const pair of [
      'api/allowed/sandbox:8194',
      'nginx/allowed/plugin_daemon:5002',
      'sandbox/allowed/ssrf_proxy:3128',
    ])
      expect(allowed).toContain(`isolation/${pair}`);
    expect(allowed).not.toContain('isolation/plugin_daemon/allowed/sandbox:8194');
  });
});

describe('a faulty model keeps its obligations', () => {
  test('a network that is no longer internal: sandbox is confined all the same (F068)', () => {
    const contract = contractOf(sampleModel((raw) => (raw.networks['ssrf_proxy_network'] = {})));
    expect(contract.noDefaultRoute).toHaveLength(1);
    expect(contract.outsideByAddress[0]).toMatchObject({
      service: 'sandbox',
      control: { service: 'api', network: 'default' },
    });
    expect(contract.internal[0]?.networks).toEqual([{ key: 'ssrf_proxy_network', internal: false }]);
  });

  test('sandbox on the network of the stores: still denied (F069)', () => {
    const contract = contractOf(
      sampleModel((raw) =>
        Object.assign(raw.services['sandbox'] ?? {}, { networks: { ssrf_proxy_network: null, default: null } }),
      ),
    );
    expect(idsOf(contract.denied)).toContain('isolation/sandbox/denied/db:5432');
    expect(contract.apart.find((it) => it.store === 'db')?.shared).toEqual(['default']);
    // Nobody is denied the sandbox any more: the networks are shared, and that is told where it belongs.
    expect(idsOf(contract.denied)).not.toContain('isolation/web/denied/sandbox:8194');
  });

  test('api off the network of sandbox: the pair is an obligation without a network (F071)', () => {
    const contract = contractOf(
      sampleModel((raw) => Object.assign(raw.services['api'] ?? {}, { networks: { default: null } })),
    );
    expect(contract.allowed.find((it) => it.id === 'isolation/api/allowed/sandbox:8194')?.shared).toEqual([]);
    expect(idsOf(contract.denied)).toContain('isolation/api/denied/sandbox:8194');
  });

  test.for([
    [[{ target: 5432, published: '5432' }], 'must'],
    [[{ target: 5432, published: '5432', host_ip: '127.0.0.1' }], 'advice'],
    [[], 'must'],
  ] as const)('published ports %j are %s', ([ports, level]) => {
    const contract = contractOf(sampleModel((raw) => Object.assign(raw.services['db'] ?? {}, { ports })));
    expect(contract.published.find((it) => it.service === 'db')?.level).toBe(level);
  });

  test('a stack without a sandbox has nothing to say about it', () => {
    const contract = contractOf(
      sampleModel((raw) => {
        delete raw.services['sandbox'];
        delete raw.services['ssrf_proxy'];
      }),
    );
    expect([...contract.denied, ...contract.apart, ...contract.proxy.refuses, ...contract.proxy.codeDenied]).toEqual(
      [],
    );
  });
});
