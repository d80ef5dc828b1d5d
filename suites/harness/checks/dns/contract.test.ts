import { describe, expect, test } from 'vitest';
import type { Obligation } from '../../../../fixtures/checks/verdict.ts';
import { environmentEndpoints, hostsIn } from '../../../../fixtures/model/topology/endpoints.ts';
import { dnsContract } from '../../../../fixtures/checks/dns/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';
import { sampleModel } from '../isolation/samples.ts';

const contractOf = (model: StackModel) => dnsContract(model, rolesOf(model));
const endpointsOf = (model: StackModel, service: string) => {
  const found = model.services[service];
  if (!found) throw new Error(`no service ${service}`);
  return environmentEndpoints(model, rolesOf(model), found).map(
    ({ variable, host, port, service: owner }) => `${variable} ${host}:${port ?? ''}${owner === null ? ' nobody' : ''}`,
  );
};

describe('hosts in a value', () => {
  test.for([
    ['http://weaviate:8080', [['http', 'weaviate', 8080]]],
    ['http://weaviate:8080/v1?x=1', [['http', 'weaviate', 8080]]],
    ['redis://:pa:ss@redis:6379/1', [['redis', 'redis', 6379]]],
    [
      'sentinel://a:26379;b',
      [
        ['sentinel', 'a', 26379],
        ['sentinel', 'b', null],
      ],
    ],
    ['db', [[null, 'db', null]]],
    ['etcd:2379', [[null, 'etcd', 2379]]],
    [
      'a:1,b:2',
      [
        [null, 'a', 1],
        [null, 'b', 2],
      ],
    ],
    ['http://[::1]:80/', [['http', '::1', 80]]],
    ['', []],
    [
      'two words',
      [
        [null, 'two', null],
        [null, 'words', null],
      ],
    ],
    ['https://<your_account_name>.blob.core.windows.net', []],
  ] as [string, [string | null, string, number | null][]][])('%s', ([value, expected]) => {
    expect(hostsIn(value).map(({ scheme, host, port }) => [scheme, host, port])).toEqual(expected);
  });
});

describe('hosts that a service relies on', () => {
  test('api: what it uses, and nothing of the stores that are not in use', () => {
    expect(endpointsOf(sampleModel(), 'api')).toEqual([
      'DB_HOST db:5432',
      'REDIS_HOST redis:6379',
      'CELERY_BROKER_URL redis:6379',
      'WEAVIATE_ENDPOINT weaviate:8080',
      'CODE_EXECUTION_ENDPOINT sandbox:8194',
      'SSRF_PROXY_HTTP_URL ssrf_proxy:3128',
      'SSRF_PROXY_HTTPS_URL ssrf_proxy:3128',
      'PLUGIN_DAEMON_URL plugin_daemon:5002',
    ]);
  });

  test('plugin_daemon shares the block and needs three of it: it has no network in common with sandbox', () => {
    expect(endpointsOf(sampleModel(), 'plugin_daemon')).toEqual([
      'DB_HOST db:5432',
      'REDIS_HOST redis:6379',
      'DIFY_INNER_API_URL api:5001',
    ]);
  });

  test('sandbox and ssrf_proxy', () => {
    expect(endpointsOf(sampleModel(), 'sandbox')).toEqual([
      'HTTP_PROXY ssrf_proxy:3128',
      'HTTPS_PROXY ssrf_proxy:3128',
    ]);
    expect(endpointsOf(sampleModel(), 'ssrf_proxy')).toEqual(['SANDBOX_HOST sandbox:8194']);
  });

  test.for([
    ['a service that was renamed is an obligation', { DB_HOST: 'db_postgres' }, 'DB_HOST db_postgres:5432 nobody'],
    ['a service of its own', { MY_SEARCH_URL: 'http://web:3000/x' }, 'MY_SEARCH_URL web:3000'],
    ['the port of the other variable', { DB_PORT: '15432' }, 'DB_HOST db:15432'],
  ] as [string, Record<string, string>, string][])('%s', ([, environment, expected]) => {
    const model = sampleModel((raw) => Object.assign(raw.services['api']?.environment ?? {}, environment));
    expect(endpointsOf(model, 'api')).toContain(expected);
  });

  test.for([
    ['a managed database outside is nobody of ours to contact', { DB_HOST: 'prod.example.com' }],
    ['the machine itself', { DB_HOST: 'localhost' }],
    ['an address', { DB_HOST: '10.0.0.5' }],
  ] as [string, Record<string, string>][])('%s', ([, environment]) => {
    const model = sampleModel((raw) => Object.assign(raw.services['api']?.environment ?? {}, environment));
    expect(endpointsOf(model, 'api').filter((line) => line.startsWith('DB_HOST'))).toEqual([]);
  });

  test('sentinels in place of the host', () => {
    const model = sampleModel((raw) =>
      Object.assign(raw.services['api']?.environment ?? {}, {
        REDIS_USE_SENTINEL: 'true',
        REDIS_SENTINELS: 'redis:26379,web:26379',
      }),
    );
    const redis = endpointsOf(model, 'api').filter((line) => line.startsWith('REDIS'));
    expect(redis).toEqual(['REDIS_SENTINELS redis:26379', 'REDIS_SENTINELS web:26379']);
    const ids = contractOf(model).environment.map((it) => it.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('who must resolve whom', () => {
  const contract = contractOf(sampleModel());
  const ids = Object.values(contract).flatMap((list: (string | Obligation)[]) =>
    list.flatMap((it) => (typeof it === 'string' ? [] : [it.id])),
  );

  test('ids are unique and api comes first', () => {
    expect(new Set(ids).size).toBe(ids.length);
    expect(contract.from[0]).toBe('api');
    expect(contract.resolves.slice(0, 9).map((it) => it.from)).toEqual(Array.from({ length: 9 }, () => 'api'));
  });

  test('every pair that shares a network is there once, and every other pair is hidden', () => {
    const pairs = (list: typeof contract.resolves) =>
      list.flatMap((it) => it.targets.map((target) => `${it.from}>${target.service}`));
    const resolves = pairs(contract.resolves);
    const hidden = pairs(contract.hidden);
    expect(new Set([...resolves, ...hidden]).size).toBe(10 * 9);
    expect(resolves.length + hidden.length).toBe(10 * 9);
    expect(hidden.filter((pair) => pair.startsWith('sandbox>'))).toHaveLength(6);
    expect(resolves).toContain('sandbox>ssrf_proxy');
  });

  test('an alias that two services have on purpose means both', () => {
    const model = sampleModel((raw) => {
      for (const name of ['web', 'nginx'])
        Object.assign(raw.services[name] ?? {}, { networks: { default: { aliases: ['front'] } } });
    });
    const target = contractOf(model)
      .resolves.find((it) => it.id === 'dns/api/resolves/web')
      ?.targets.at(0);
    expect(target?.names).toEqual([
      { name: 'web', services: ['web'] },
      { name: 'front', services: ['web', 'nginx'] },
    ]);
  });

  test('a one-shot and a service in the network of the host have no name', () => {
    const model = sampleModel((raw) => {
      raw.services['init_permissions'] = { image: 'busybox:latest', networks: { default: null } };
      Object.assign(raw.services['web'] ?? {}, { network_mode: 'host', networks: undefined });
    });
    expect(contractOf(model).from).not.toContain('web');
    expect(contractOf(model).from).not.toContain('init_permissions');
  });

  test('the one that moves is a client that nobody connects to', () => {
    expect(contract.recreated.map((it) => it.id)).toEqual(['dns/worker/recreated']);
  });
});

describe('a service that is given the whole env file', () => {
  const file = { COMPOSE_PROFILES: 'weaviate', DB_HOST: 'db', CELERY_BROKER_URL: 'redis://:p@redis:6379/1' };
  const handed = (own: Record<string, string>) =>
    sampleModel((raw) => {
      const { api, sandbox } = raw.services;
      if (api) api.environment = { ...(api.environment as Record<string, string>), ...file };
      if (sandbox) sandbox.environment = { ...(sandbox.environment as Record<string, string>), ...file, ...own };
    });

  test('relies on what is its own, not on what the application reads in it', () => {
    expect(endpointsOf(handed({}), 'sandbox')).toEqual(['HTTP_PROXY ssrf_proxy:3128', 'HTTPS_PROXY ssrf_proxy:3128']);
    expect(endpointsOf(handed({ PIP_MIRROR_URL: 'http://web:3000/simple' }), 'sandbox')).toContain(
      'PIP_MIRROR_URL web:3000',
    );
    expect(endpointsOf(handed({}), 'api')).toEqual(expect.arrayContaining(['DB_HOST db:5432']));
  });

  test('without the switches of compose a host is its own', () => {
    const model = sampleModel((raw) => {
      const { sandbox } = raw.services;
      if (sandbox) sandbox.environment = { ...(sandbox.environment as Record<string, string>), DB_HOST: 'db' };
    });
    expect(endpointsOf(model, 'sandbox')).toContain('DB_HOST db:5432');
  });
});
