import { describe, expect, test } from 'vitest';
import {
  agentCommandVerdict,
  agentRunVerdict,
  agentStubVerdict,
} from '../../../../fixtures/checks/datapath/agent-verdicts.ts';
import { datapathContract, type HopObligation } from '../../../../fixtures/checks/datapath/obligations.ts';
import type {
  AgentCommandObservation,
  AgentRunObservation,
} from '../../../../fixtures/checks/datapath/observe-agent.ts';
import { isolationContract } from '../../../../fixtures/checks/isolation/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { agentAddress } from '../../../../fixtures/model/topology/agent-connections.ts';
import { sampleModel } from '../isolation/samples.ts';

type Raw = Parameters<NonNullable<Parameters<typeof sampleModel>[0]>>[0];

/** The agent's services as Dify 1.16.1 has them. */
function withAgent(raw: Raw): void {
  for (const name of ['api', 'worker'])
    Object.assign(raw.services[name]?.environment ?? {}, { AGENT_BACKEND_BASE_URL: 'http://agent_backend:5050' });
  raw.services['agent_backend'] = {
    image: 'langgenius/dify-agent-backend:1.16.1',
    environment: {
      DIFY_AGENT_REDIS_URL: 'redis://:x@redis:6379/2',
      DIFY_AGENT_PLUGIN_DAEMON_URL: 'http://plugin_daemon:5002',
      DIFY_AGENT_SHELLCTL_ENTRYPOINT: 'http://local_sandbox:5004',
    },
    networks: { default: null },
  };
  raw.services['local_sandbox'] = {
    image: 'langgenius/dify-agent-local-sandbox:1.16.1',
    networks: { default: null },
  };
}

describe('the ways of an agent', () => {
  const model = sampleModel(withAgent);
  const ofAgent = (edit: (raw: Raw) => void) => {
    const changed = sampleModel((raw) => {
      withAgent(raw);
      edit(raw);
    });
    const { hops } = datapathContract(changed, rolesOf(changed), { nginx: {} });
    return hops.map(({ id }) => id.replace('datapath/hop/', '')).filter((id) => id.includes('agent'));
  };

  test('are proved where they are', () => {
    expect(ofAgent(() => undefined)).toEqual([
      'api-agent-backend',
      'worker-agent-backend',
      'agent_backend-cache',
      'agent_backend-plugin-daemon',
      'agent_backend-agent-sandbox',
      'local_sandbox-agent-stub',
    ]);
  });

  test('what leads elsewhere is no way of this stack', () => {
    const elsewhere = ofAgent(({ services }) => {
      const environment = services['agent_backend']?.environment as Record<string, string>;
      environment['DIFY_AGENT_REDIS_URL'] = 'redis://:x@redis.example.org:6379/2';
      environment['DIFY_AGENT_SHELLCTL_ENTRYPOINT'] = 'http://sandbox:8194';
    });
    expect(elsewhere).toEqual(['api-agent-backend', 'worker-agent-backend', 'agent_backend-plugin-daemon']);
  });

  test('a stack without them owes none', () => {
    const { hops } = datapathContract(sampleModel(), rolesOf(sampleModel()), { nginx: {} });
    expect(hops.filter(({ kind }) => kind.startsWith('agent'))).toEqual([]);
    expect(Object.keys(model.services)).toContain('agent_backend');
  });
});

const hop: HopObligation = {
  id: 'datapath/hop/local_sandbox-agent-stub',
  title: '',
  level: 'must',
  kind: 'agent-stub',
  from: 'local_sandbox',
  to: 'agent_backend',
};
const refused = { status: 401, body: '' };

test('the first release of the server has no token to ask for', () => {
  const levels = ['1.16.0', '1.16.1'].map((release) => {
    const older = sampleModel((raw) => {
      withAgent(raw);
      Object.assign(raw.services['agent_backend'] ?? {}, { image: `langgenius/dify-agent-backend:${release}` });
    });
    const own = isolationContract(older, rolesOf(older)).keys.find(({ kind }) => kind === 'agent_backend');
    const run = datapathContract(older, rolesOf(older), { nginx: {} }).hops.find(
      ({ kind }) => kind === 'agent-backend',
    );
    return [own?.level, run?.open];
  });
  expect(levels).toEqual([
    ['advice', true],
    ['must', undefined],
  ]);
});

describe('a run', () => {
  const seen: AgentRunObservation = { where: 'agent_backend:5050', problem: null, ended: 'failed', wrong: refused };
  const taken = { ...hop, from: 'api', to: 'agent_backend' };

  test.for<[string, Partial<AgentRunObservation>, string, RegExp | null]>([
    ['taken and ended', {}, 'pass', null],
    ['refused', { problem: '401 {"detail":"invalid bearer token"}', ended: null }, 'fail', /AGENT_BACKEND_API_TOKEN/],
    [
      'taken, with no store behind',
      { problem: '500 Internal Server Error', ended: null },
      'fail',
      /DIFY_AGENT_REDIS_URL/,
    ],
    ['never ended', { ended: 'running' }, 'fail', /logs agent_backend/],
    ['of whoever comes', { wrong: { status: 404, body: '' } }, 'fail', /DIFY_AGENT_API_TOKEN/],
    ['whose end nobody told', { ended: null }, 'error', null],
    ['without a look at another token', { wrong: null }, 'error', null],
    ['whose other token got no answer', { wrong: { status: null, body: '' } }, 'error', null],
    ['of an address that is none', { notSupported: 'its address is not in the environment' }, 'skip', null],
  ])('%s', ([, change, status, hint]) => {
    const verdict = agentRunVerdict(taken, { ...seen, ...change });
    expect(verdict.status).toBe(status);
    // The first release had no token.
    if (change.wrong?.status === 404)
      expect(agentRunVerdict({ ...taken, open: true }, { ...seen, ...change }).status).toBe('pass');
    if (hint) expect(verdict.hint).toMatch(hint);
  });
});

describe('a command', () => {
  const seen: AgentCommandObservation = {
    where: 'local_sandbox:5004',
    problem: null,
    output: 'a1-42\n',
    due: 'a1-42',
    wrong: refused,
    callback: {
      url: 'http://agent_backend:5050/agent-stub/config/manifest',
      status: 401,
      said: '{"detail":"invalid or missing Agent Stub authorization"}',
    },
  };
  const back = (status: number | null, said: string): Partial<AgentCommandObservation> => ({
    callback: { url: 'http://agent_backend:5050/agent-stub/config/manifest', status, said },
  });

  test.for<[string, Partial<AgentCommandObservation>, string]>([
    ['ran', {}, 'pass'],
    ['was refused', { problem: '401 {"error":{"code":"unauthorized"}}', output: null }, 'fail'],
    ['wrote something else', { output: 'sh: not found' }, 'fail'],
    ['runs for whoever comes', { wrong: { status: 200, body: '' } }, 'fail'],
    ['was never given', { output: null }, 'error'],
    ['without a look at another token', { wrong: null }, 'error'],
    ['in another kind of sandbox', { notSupported: 'DIFY_AGENT_SHELL_PROVIDER is enterprise' }, 'skip'],
  ])('%s', ([, change, status]) => {
    expect(agentCommandVerdict({ from: 'agent_backend', to: 'local_sandbox' }, { ...seen, ...change }).status).toBe(
      status,
    );
  });

  test.for<[string, Partial<AgentCommandObservation>, string]>([
    ['is asked for a token', {}, 'pass'],
    ['is stopped by Squid', back(403, '<html>ERR_ACCESS_DENIED'), 'fail'],
    ['finds no proxy', back(null, 'curl: (5) Could not resolve proxy: agent_ssrf_proxy'), 'fail'],
    ['finds a server without a key', back(503, '{"detail":"Agent Stub is not configured"}'), 'fail'],
    ['is taken for somebody else', back(200, 'welcome'), 'fail'],
    ['meets a stand-in that does not know it', back(501, ''), 'error'],
    ['has nobody to call', { callback: { notSupported: 'DIFY_AGENT_STUB_API_BASE_URL is not set' } }, 'skip'],
    ['did not run', { output: null, callback: null, problem: '401' }, 'blocked'],
  ])('that calls back %s', ([, change, status]) => {
    const verdict = agentStubVerdict(hop, { ...seen, ...change });
    expect(verdict.status).toBe(status);
  });
});

test('addresses of the agent are read as its programs read them', () => {
  const env = {
    DIFY_AGENT_REDIS_URL: 'redis://:p%23s@redis:6380/2',
    DIFY_AGENT_STUB_API_BASE_URL: 'http://a:5050/agent-stub/',
  };
  expect(agentAddress.cache(env)).toMatchObject({ host: 'redis', port: 6380, password: 'p#s', db: 2, tls: false });
  expect(agentAddress.cache({ DIFY_AGENT_REDIS_URL: 'unix:///redis.sock' })).toHaveProperty('notSupported');
  expect(agentAddress.callback(env)).toBe('http://a:5050/agent-stub');
  expect(agentAddress.callback({ DIFY_AGENT_STUB_API_BASE_URL: 'grpc://a:9000' })).toHaveProperty('notSupported');
  expect(agentAddress.callback({})).toHaveProperty('notSupported');
  expect(agentAddress.sandbox({ DIFY_AGENT_SHELL_PROVIDER: 'enterprise' })).toHaveProperty('notSupported');
});
