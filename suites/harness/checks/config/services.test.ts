import { describe, test } from 'vitest';
import { both, env, expectRed, type Case } from './cases.ts';
import { service } from './stack.ts';

describe('hosts', () => {
  test.for<Case>([
    [
      'no such service, F007',
      env('api', 'DB_HOST', 'db_postgres'),
      ['config/host/DB_HOST'],
      /api: no service of the stack is called db_postgres/,
    ],
    [
      'vector store without its service, F099',
      (stack) => {
        delete stack.services['weaviate'];
      },
      ['config/host/WEAVIATE_ENDPOINT'],
      /no service of the stack is called weaviate/,
    ],
    [
      'the container itself',
      env('api', 'REDIS_HOST', 'localhost'),
      ['config/host/REDIS_HOST'],
      /the container of api itself/,
    ],
    [
      'inner port moved with the published one, F090',
      env('plugin_daemon', 'DB_PORT', '5433'),
      ['config/host/DB_HOST'],
      /DB_PORT says port 5433; db listens on 5432/,
    ],
    [
      'no scheme',
      env('worker', 'CODE_EXECUTION_ENDPOINT', 'sandbox:8194'),
      ['config/host/CODE_EXECUTION_ENDPOINT'],
      /no scheme/,
    ],
    ['empty, F063', env('api', 'CODE_EXECUTION_ENDPOINT', ''), ['config/host/CODE_EXECUTION_ENDPOINT'], /is empty/],
    ['past the proxy, F083', env('api', 'SSRF_PROXY_HTTP_URL', ''), ['config/host/SSRF_PROXY_HTTP_URL']],
    [
      'no network in common, F009',
      (stack) => {
        service(stack, 'ssrf_proxy').networks = { default: null };
      },
      [
        'config/host/HTTP_PROXY',
        'config/host/HTTPS_PROXY',
        'config/host/SANDBOX_HOST',
        'config/network/sandbox/reached',
      ],
      /ssrf_proxy \(HTTP_PROXY\) shares no network with sandbox/,
    ],
    ['a database outside', env('api', 'DB_HOST', 'db.example.org'), []],
    ['an address outside', env('api', 'DB_HOST', '10.0.0.5'), []],
    [
      'a name of extra_hosts',
      both(env('api', 'DB_HOST', 'pg'), (stack) => {
        service(stack, 'api').extra_hosts = ['pg=10.0.0.5'];
      }),
      [],
    ],
    [
      'an alias',
      both(env('api', 'DB_HOST', 'pg'), (stack) => {
        service(stack, 'db').networks = { default: { aliases: ['pg'] } };
      }),
      [],
    ],
    [
      'a container name',
      both(env('api', 'DB_HOST', 'pg'), (stack) => {
        service(stack, 'db').container_name = 'pg';
      }),
      [],
    ],
    ['a proxy without credentials in the sandbox is optional', env('sandbox', 'HTTP_PROXY', ''), []],
    [
      'PGPORT moves the server, too',
      (stack) => {
        service(stack, 'db').environment['PGPORT'] = '5433';
        for (const name of ['api', 'worker', 'plugin_daemon']) service(stack, name).environment['DB_PORT'] = '5433';
      },
      [],
    ],
  ])('%s', (row) => expectRed(row));
});

describe('ports and networks', () => {
  test.for<Case>([
    [
      'plugin debugging for everybody, F075',
      (stack) => {
        service(stack, 'plugin_daemon').ports = [{ target: 5003, published: '5003' }];
      },
      ['config/port/plugin_daemon'],
      /published on all interfaces: 5003 → 5003/,
    ],
    [
      'a database for everybody, F073',
      (stack) => {
        service(stack, 'db').ports = [{ target: 5432, published: '5432', host_ip: '0.0.0.0' }];
      },
      ['config/port/db'],
    ],
    [
      'IPv6 everybody',
      (stack) => {
        service(stack, 'redis').ports = [{ target: 6379, published: '6379', host_ip: '::' }];
      },
      ['config/port/redis'],
    ],
    [
      'an address of the internet',
      (stack) => {
        service(stack, 'redis').ports = [{ target: 6379, published: '6379', host_ip: '203.0.113.9' }];
      },
      ['config/port/redis'],
    ],
    [
      'loopback and private addresses are a choice',
      (stack) => {
        service(stack, 'redis').ports = [
          { target: 6379, host_ip: '127.0.0.1' },
          { target: 6379, host_ip: '10.0.0.2' },
        ];
      },
      [],
    ],
    [
      'nobody listens behind the published port, F027',
      (stack) => {
        service(stack, 'nginx').ports = [{ target: 8080, published: '80' }];
      },
      ['config/port/nginx:8080/listened'],
      /nginx listens on 80/,
    ],
    [
      'TLS is published and off, F032',
      (stack) => {
        service(stack, 'nginx').ports?.push({ target: 443, published: '443' });
      },
      ['config/port/nginx:443/listened'],
    ],
    [
      'api past nginx',
      (stack) => {
        service(stack, 'api').ports = [{ target: 5001, published: '5001' }];
      },
      ['config/port/api'],
    ],
    [
      'sandbox beside the data, F069',
      (stack) => {
        service(stack, 'sandbox').networks = { default: null, ssrf_proxy_network: null };
      },
      ['config/network/sandbox/apart', 'config/network/sandbox/inside'],
      /db, redis and weaviate are on the same network/,
    ],
    [
      'inner network leads outside, F068',
      (stack) => {
        stack.networks['ssrf_proxy_network'] = {};
      },
      ['config/network/sandbox/inside'],
    ],
    [
      'default network is internal, F066',
      (stack) => {
        stack.networks['default'] = { internal: true };
      },
      [
        'config/network/nginx/open',
        'config/network/api/open',
        'config/network/plugin_daemon/open',
        'config/network/ssrf_proxy/open',
      ],
    ],
    [
      'worker cannot reach the sandbox, F071',
      (stack) => {
        service(stack, 'worker').networks = { default: null };
      },
      ['config/network/sandbox/reached', 'config/host/CODE_EXECUTION_ENDPOINT'],
      /worker shares none/,
    ],
    [
      'a worker that runs code through Squid needs no network in common',
      (stack) => {
        service(stack, 'worker').networks = { default: null };
        service(stack, 'worker').environment['CODE_EXECUTION_ENDPOINT'] = 'http://ssrf_proxy:8194';
      },
      [],
    ],
  ])('%s', (row) => expectRed(row));
});
