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

  test("the plugin daemon beside the sandbox's proxy, as Dify has it from 1.16 on, is advice; on an open network it is not", () => {
    const levels = (networks: Record<string, null>) => {
      const edited = contractOf(
        sampleModel((raw) => {
          Object.assign(raw.services['plugin_daemon'] ?? {}, { networks });
          Object.assign(raw.services['sandbox'] ?? {}, { networks: { ssrf_proxy_network: null, apart: null } });
          raw.networks['apart'] = {};
        }),
      );
      const all = [...edited.denied, ...edited.proxy.codeDenied];
      return ['denied', 'code/denied'].map(
        (how) => all.find(({ id }) => id === `isolation/sandbox/${how}/plugin_daemon:5002`)?.level,
      );
    };
    expect(levels({ default: null, ssrf_proxy_network: null })).toEqual(['advice', 'advice']);
    expect(levels({ default: null })).toEqual(['must', 'must']);
    expect(levels({ default: null, apart: null })).toEqual(['must', 'must']);
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

test('of two proxies code is judged by the one that its sandbox names', () => {
  const { proxy } = contractOf(
    sampleModel((raw) => {
      raw.services = { agent_ssrf_proxy: { image: 'ubuntu/squid', networks: { default: null } }, ...raw.services };
    }),
  );
  const code = [...proxy.codePasses, ...proxy.codeRefused, ...proxy.codeDenied];
  expect(new Set(code.map((it) => it.proxy))).toEqual(new Set(['ssrf_proxy']));
  expect(proxy.codePasses.map(({ title }) => title)).toEqual([
    'code run in sandbox reaches an allowed target through ssrf_proxy',
  ]);
});

/** The agent's two services on a network of their own, and what they have beside. */
const withAgent = (internal: boolean, environment: Record<string, string>, more: Record<string, unknown> = {}) =>
  contractOf(
    sampleModel((raw) => {
      Object.assign(raw.services, {
        agent_backend: {
          image: 'langgenius/dify-agent-backend:1.16.1',
          environment: { DIFY_AGENT_SHELLCTL_ENTRYPOINT: 'http://local_sandbox:5004' },
          networks: { default: null, agent_network: null },
        },
        local_sandbox: {
          image: 'langgenius/dify-agent-local-sandbox:1.16.1',
          environment,
          networks: { agent_network: null },
        },
        ...more,
      });
      raw.networks['agent_network'] = { internal };
    }),
  );

test('commands of the agent are looked at as code of workflows is, each behind its own proxy', () => {
  const { proxy } = withAgent(
    true,
    { HTTP_PROXY: 'http://agent_ssrf_proxy:3128' },
    { agent_ssrf_proxy: { image: 'ubuntu/squid', networks: { default: null, agent_network: null } } },
  );
  const of = (sandbox: string) => proxy.codeDenied.filter((it) => it.sandbox === sandbox);
  expect(of('local_sandbox').map(({ target }) => target?.service)).toEqual(
    of('sandbox').map(({ target }) => target?.service),
  );
  expect(proxy.codePasses.map((it) => [it.sandbox, it.runner, it.asker, it.port, it.proxy])).toEqual([
    ['sandbox', 'sandbox', 'api', 8194, 'ssrf_proxy'],
    ['local_sandbox', 'agent_sandbox', 'agent_backend', 5004, 'agent_ssrf_proxy'],
  ]);
});

/** 1.16.0 gives it none: that it goes out by itself is told by what it reaches, and there is no way through a proxy to judge. */
test.for([
  [false, false],
  [true, true],
] as const)('commands of an agent without a proxy, on an internal network: %j', ([internal, asked]) => {
  const { proxy } = withAgent(internal, {});
  const of = (list: readonly { sandbox: string }[]) => list.some(({ sandbox }) => sandbox === 'local_sandbox');
  expect([of(proxy.codePasses), of(proxy.codeRefused)]).toEqual([asked, asked]);
  expect([of(proxy.codeDenied), of(proxy.codeOutside)]).toEqual([true, true]);
});

describe('whose key a store is asked with', () => {
  const used = (edit: (raw: Parameters<NonNullable<Parameters<typeof sampleModel>[0]>>[0]) => void) =>
    Object.fromEntries(contractOf(sampleModel(edit)).keys.map((it) => [it.service, it.used]));

  test('a second database and cache of another program are not asked with the key of api', () => {
    const keys = used((raw) => {
      raw.services['other-db'] = { image: 'postgres:15-alpine', networks: { default: null } };
      raw.services['other-redis'] = { image: 'redis:7', networks: { default: null } };
      raw.services['other'] = {
        image: 'own/program:1',
        environment: { DATABASE_URL: 'postgresql://u:p@other-db:5432/o', REDIS_URL: 'redis://other-redis:6379' },
        networks: { default: null },
      };
    });
    expect(keys).toMatchObject({ db: true, redis: true, 'other-db': false, 'other-redis': false, sandbox: true });
  });

  test('where api is led to none, the one there is is asked as before', () => {
    const keys = used((raw) => {
      delete (raw.services['api']?.environment as Record<string, string> | undefined)?.['DB_HOST'];
    });
    expect(keys['db']).toBe(true);
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

describe('the agents of release 1.16', () => {
  const contract = contractOf(
    sampleModel((raw) => {
      raw.networks['agent_sandbox_network'] = { internal: true };
      raw.networks['local_sandbox_proxy_network'] = { internal: true };
      raw.services['agent_backend'] = {
        image: 'langgenius/dify-agent-backend:1.16.1',
        environment: { DIFY_AGENT_SHELLCTL_ENTRYPOINT: 'http://local_sandbox:5004' },
        networks: { default: null, agent_sandbox_network: null },
      };
      // As upstream hands the whole env file to all of them: it is the agent's server alone that reads it.
      for (const name of ['api', 'worker'])
        Object.assign(raw.services[name]?.environment ?? {}, {
          DIFY_AGENT_SHELLCTL_ENTRYPOINT: 'http://local_sandbox:5004',
        });
      raw.services['local_sandbox'] = {
        image: 'langgenius/dify-agent-local-sandbox:1.16.1',
        networks: { agent_sandbox_network: null, local_sandbox_proxy_network: null },
      };
      raw.services['agent_ssrf_proxy'] = {
        image: 'ubuntu/squid:latest',
        networks: { default: null, local_sandbox_proxy_network: null },
      };
    }),
  );

  test('the sandbox of their shells is confined as the other one is', () => {
    for (const list of ['noDefaultRoute', 'outsideByName', 'outsideByAddress', 'internal'] as const)
      expect(contract[list].map((it) => it.service)).toEqual(expect.arrayContaining(['sandbox', 'local_sandbox']));
    expect(idsOf(contract.apart)).toContain('isolation/db/apart-from/local_sandbox');
    expect(idsOf(contract.published)).toContain('isolation/local_sandbox/published');
    const denied = idsOf(contract.denied);
    for (const pair of [
      'local_sandbox/denied/db:5432',
      'local_sandbox/denied/sandbox:8194',
      'sandbox/denied/local_sandbox:5004',
    ])
      expect(denied).toContain(`isolation/${pair}`);
    expect(denied).not.toContain('isolation/local_sandbox/denied/agent_backend:5050');
  });

  test('each asks for a token: the server those of api, the sandbox those of the server', () => {
    const keys = contract.keys.map(({ service, from, used }) => `${from} ${service} ${used}`);
    expect(keys).toEqual(expect.arrayContaining(['api agent_backend true', 'agent_backend local_sandbox true']));
    const allowed = idsOf(contract.allowed).filter((id) => id.endsWith('/allowed/local_sandbox:5004'));
    expect(allowed).toEqual(['isolation/agent_backend/allowed/local_sandbox:5004']);
  });

  test('each proxy is asked by those that go through it', () => {
    const clients = contract.proxy.passes.map(({ party, client }) => `${client} ${party.proxy}`);
    expect(clients).toEqual([
      'sandbox ssrf_proxy',
      'api ssrf_proxy',
      'local_sandbox agent_ssrf_proxy',
      'api agent_ssrf_proxy',
    ]);
  });

  test('with a network that leads outside it is still judged', () => {
    const open = contractOf(
      sampleModel((raw) => {
        raw.services['local_sandbox'] = {
          image: 'langgenius/dify-agent-local-sandbox:1.16.1',
          networks: { default: null },
        };
      }),
    );
    expect(idsOf(open.noDefaultRoute)).toContain('isolation/local_sandbox/default-route');
    expect(idsOf(open.denied)).toContain('isolation/local_sandbox/denied/db:5432');
  });
});
