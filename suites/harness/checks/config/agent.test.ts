import { describe, expect, test } from 'vitest';
import { both, env, expectSingle, judgedAfter, type Single } from './cases.ts';
import { service, SQUID, type SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;

describe('the agent', () => {
  const KEY = Buffer.alloc(32, 7).toString('base64url');
  /** The rules of the workflows' Squid without its peer. */
  const AGENT_SQUID = SQUID.split('\n')
    .filter((line) => !/SANDBOX|REVERSE_PROXY_PORT|peer|_direct|acl sandbox|[^!]sandbox_port/.test(line))
    .join('\n')
    .replace(' !sandbox_port', '');
  const agent: Edit = (stack) => {
    const base = service(stack, 'web');
    stack.services['agent_backend'] = {
      ...base,
      image: 'langgenius/dify-agent-backend:1.16.1',
      environment: {
        DIFY_AGENT_REDIS_URL: 'redis://:three-of-its-own-3@redis:6379/2',
        DIFY_AGENT_SERVER_SECRET_KEY: KEY,
        DIFY_AGENT_API_TOKEN: 'eight-of-its-own-8',
        DIFY_AGENT_SHELLCTL_AUTH_TOKEN: 'nine-of-its-own-9',
        DIFY_AGENT_PLUGIN_DAEMON_API_KEY: 'five-of-its-own-5',
        DIFY_AGENT_INNER_API_KEY: 'six-of-its-own-6',
      },
      networks: { default: null, agent_sandbox_network: null },
    };
    stack.services['local_sandbox'] = {
      ...base,
      image: 'langgenius/dify-agent-local-sandbox:1.16.1',
      environment: {
        SHELLCTL_AUTH_TOKEN: 'nine-of-its-own-9',
        HTTP_PROXY: 'http://agent_ssrf_proxy:3128',
        HTTPS_PROXY: 'http://agent_ssrf_proxy:3128',
      },
      networks: { agent_sandbox_network: null, local_sandbox_proxy_network: null },
      mem_limit: '2147483648',
    };
    stack.services['agent_ssrf_proxy'] = {
      ...structuredClone(service(stack, 'ssrf_proxy')),
      environment: { HTTP_PORT: '3128' },
      volumes: [{ type: 'bind', source: '/stack/ssrf_proxy/agent.conf', target: '/etc/squid/squid.conf' }],
      networks: { default: null, local_sandbox_proxy_network: null },
    };
    stack.files['ssrf_proxy/agent.conf'] = AGENT_SQUID;
    for (const network of ['agent_sandbox_network', 'local_sandbox_proxy_network'])
      stack.networks[network] = { internal: true };
    for (const name of ['api', 'worker']) env(name, 'AGENT_BACKEND_API_TOKEN', 'eight-of-its-own-8')(stack);
  };
  const agents = (id: string): string => `config/agent/${id}`;

  test('sound: nothing of it is red', () => {
    const red = [...judgedAfter(agent)].flatMap(([id, { verdict }]) =>
      verdict.status === 'fail' ? [`${id}: ${verdict.message}`] : [],
    );
    expect(red).toEqual([]);
  });

  test.for<Single>([
    [
      'on the network of the stores',
      both(agent, (stack) => (service(stack, 'local_sandbox').networks = { default: null })),
      agents('local_sandbox/apart'),
      'fail',
      /default has a way out, and it shares a network with/,
    ],
    [
      'published',
      both(agent, (stack) => (service(stack, 'agent_backend').ports = [{ target: 5050, published: '5050' }])),
      agents('agent_backend/closed'),
      'fail',
      /publishes 5050/,
    ],
    [
      'by the Squid of the workflows',
      both(
        agent,
        env('local_sandbox', 'HTTPS_PROXY', 'http://ssrf_proxy:3128'),
        (stack) => (service(stack, 'local_sandbox').networks['ssrf_proxy_network'] = null),
      ),
      agents('local_sandbox/proxy'),
      'fail',
      /HTTPS_PROXY leads to ssrf_proxy/,
    ],
    [
      'without a proxy',
      both(
        agent,
        (stack) => (service(stack, 'local_sandbox').environment = { SHELLCTL_AUTH_TOKEN: 'nine-of-its-own-9' }),
      ),
      agents('local_sandbox/proxy'),
      'fail',
      /neither is set/,
    ],
    [
      'a key in hexadecimal',
      both(agent, env('agent_backend', 'DIFY_AGENT_SERVER_SECRET_KEY', 'ab'.repeat(32))),
      agents('agent_backend/key'),
      'fail',
      /it has 48 bytes/,
    ],
    [
      'a key with padding',
      both(agent, env('agent_backend', 'DIFY_AGENT_SERVER_SECRET_KEY', `${KEY}=`)),
      agents('agent_backend/key'),
      'fail',
      /other signs/,
    ],
    [
      'another token',
      both(agent, env('worker', 'AGENT_BACKEND_API_TOKEN', 'x-of-its-own-x')),
      'config/secret/equal/agent_backend:DIFY_AGENT_API_TOKEN',
      'fail',
      /worker:AGENT_BACKEND_API_TOKEN has another/,
    ],
    [
      'another password of Redis',
      both(agent, env('agent_backend', 'DIFY_AGENT_REDIS_URL', 'redis://:x-of-its-own-x@redis:6379/2')),
      'config/secret/equal/redis:requirepass',
      'fail',
      /agent_backend:DIFY_AGENT_REDIS_URL has another/,
    ],
    [
      'in the database of the broker',
      both(agent, env('agent_backend', 'DIFY_AGENT_REDIS_URL', 'redis://:three-of-its-own-3@redis:6379/1')),
      'config/redis/db',
      'fail',
      /DIFY_AGENT_REDIS_URL of agent_backend .* CELERY_BROKER_URL of api; both are 1/,
    ],
    [
      'in the database of the sessions, which no path means',
      both(agent, env('agent_backend', 'DIFY_AGENT_REDIS_URL', 'redis://:three-of-its-own-3@redis')),
      'config/redis/db',
      'fail',
      /than REDIS_DB of api; both are 0/,
    ],
    [
      'at a server of its own',
      both(agent, env('agent_backend', 'DIFY_AGENT_REDIS_URL', 'redis://:another@redis.example.org:6379/1')),
      'config/redis/db',
      'pass',
    ],
    [
      'beside a broker that cannot be read',
      both(agent, env('worker', 'CELERY_BROKER_URL', 'redis://:three#own@redis:6379/1')),
      'config/redis/db',
      'blocked',
      /of worker has a sign/,
    ],
    [
      'another key of the daemon',
      both(agent, env('agent_backend', 'DIFY_AGENT_PLUGIN_DAEMON_API_KEY', 'x-of-its-own-x')),
      'config/secret/equal/plugin_daemon:SERVER_KEY',
      'fail',
    ],
    [
      'no token for its commands',
      both(agent, env('local_sandbox', 'SHELLCTL_AUTH_TOKEN', '')),
      'config/secret/default/local_sandbox:SHELLCTL_AUTH_TOKEN',
      'fail',
      /is empty/,
    ],
    [
      'the published token',
      both(agent, env('agent_backend', 'DIFY_AGENT_API_TOKEN', 'dify-agent-run-token-for-dev-only')),
      'config/secret/default/agent_backend:DIFY_AGENT_API_TOKEN',
      'fail',
      /default that Dify publishes/,
    ],
  ])('%s', (row) => expectSingle(row));
});

describe('published values of the examples below envs/', () => {
  const ID = 'config/secret/default/db:POSTGRES_PASSWORD';
  const example =
    (file: string, line: string): Edit =>
    (stack) => {
      stack.files[file] = `${line}\n`;
    };

  test.for<Single>([
    [
      'a value that a file of 1.15 publishes',
      example('envs/databases/db-postgres.env.example', 'POSTGRES_PASSWORD=two-of-its-own-2'),
      ID,
      'fail',
      /is the value in \.env\.example/,
    ],
    ['another value', example('envs/databases/db-postgres.env.example', 'POSTGRES_PASSWORD=difyai'), ID, 'pass'],
    ['a file that is no example', example('envs/databases/own.env', 'POSTGRES_PASSWORD=two-of-its-own-2'), ID, 'pass'],
  ])('%s', (row) => expectSingle(row));
});

describe('PostgreSQL 18', () => {
  const ID = 'config/mount/db/kept';
  const of18 =
    (target: string): Edit =>
    (stack) => {
      const db = service(stack, 'db');
      db.image = 'postgres:18-alpine';
      Reflect.deleteProperty(db.environment, 'PGDATA');
      db.volumes = [{ type: 'volume', source: 'db_data', target }];
    };

  test.for<Single>([
    [
      'the mount of older releases',
      of18('/var/lib/postgresql/data'),
      ID,
      'fail',
      /a volume over \/var\/lib\/postgresql;/,
    ],
    ['the folder above', of18('/var/lib/postgresql'), ID, 'pass'],
  ])('%s', (row) => expectSingle(row));
});
