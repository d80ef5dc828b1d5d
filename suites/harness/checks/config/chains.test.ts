import { describe, test } from 'vitest';
import { both, env, expectSingle, replace, type Single } from './cases.ts';
import type { SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;

const NGINX = 'nginx/conf.d/default.conf.template';
const HTTP = 'nginx/nginx.conf.template';
const waits = (time: string): Edit =>
  replace(HTTP, 'proxy_read_timeout 3600s;', time === '' ? '' : `proxy_read_timeout ${time};`);

describe('who waits for whom', () => {
  const LIMIT = 'config/timeouts/api/sandbox';
  const DAEMON = 'config/timeouts/api/plugin_daemon';
  const FRONT = 'config/timeouts/nginx/api';

  test.for<Single>([
    [
      'the sandbox works longer than api waits',
      env('sandbox', 'WORKER_TIMEOUT', '300'),
      LIMIT,
      'fail',
      /api to wait for sandbox at least 300 s .* after 60 s .*not set/,
      /compose\.yaml:\d+/,
    ],
    ['as long', env('sandbox', 'WORKER_TIMEOUT', '60'), LIMIT, 'pass'],
    [
      'api was told',
      both(
        env('sandbox', 'WORKER_TIMEOUT', '300'),
        env('api', 'CODE_EXECUTION_READ_TIMEOUT', '320'),
        env('worker', 'CODE_EXECUTION_READ_TIMEOUT', '320'),
      ),
      LIMIT,
      'pass',
    ],
    [
      'only api was told',
      both(env('sandbox', 'WORKER_TIMEOUT', '300'), env('api', 'CODE_EXECUTION_READ_TIMEOUT', '320')),
      LIMIT,
      'fail',
      /worker to wait/,
    ],
    ['a word', env('sandbox', 'WORKER_TIMEOUT', 'long'), LIMIT, 'skip'],
    [
      'plugins work longer than api waits',
      both(env('plugin_daemon', 'PLUGIN_MAX_EXECUTION_TIMEOUT', '1200'), env('api', 'PLUGIN_DAEMON_TIMEOUT', '600.0')),
      DAEMON,
      'fail',
      /at least 1200 s/,
    ],
    [
      'as in a release',
      both(env('plugin_daemon', 'PLUGIN_MAX_EXECUTION_TIMEOUT', '600'), env('api', 'PLUGIN_DAEMON_TIMEOUT', '600.0')),
      DAEMON,
      'pass',
    ],
    ['nginx at its own minute', waits(''), FRONT, 'pass'],
    [
      'nginx gives up before api',
      waits('30s'),
      FRONT,
      'fail',
      /nginx to wait for api at least 60 s .* after 30 s/,
      /nginx\.conf\.template:6/,
    ],
    [
      'nginx gives up before what api may ask outside',
      both(waits('5m'), env('api', 'HTTP_REQUEST_MAX_READ_TIMEOUT', '600')),
      FRONT,
      'fail',
      /at least 600 s \(api:HTTP_REQUEST_MAX_READ_TIMEOUT\)/,
    ],
    ['an hour', both(waits('1h'), env('api', 'HTTP_REQUEST_MAX_READ_TIMEOUT', '600')), FRONT, 'pass'],
  ])('%s', (row) => expectSingle(row));
});

describe('what nginx asks of callers', () => {
  const LOGIN = 'config/nginx/nginx/login';
  const OLD = 'config/nginx/nginx/protocols';
  const on = env('nginx', 'NGINX_HTTPS_ENABLED', 'true');
  const tls = (protocols: string): Edit =>
    both(on, replace(NGINX, 'server {', `server {\n  listen 443 ssl;\n  ssl_protocols ${protocols};`));

  test.for<Single>([
    [
      'over the whole server',
      replace(NGINX, 'server {', 'server {\n  auth_basic "x";'),
      LOGIN,
      'fail',
      /auth_basic is on for \/api and \/e\//,
      /default\.conf\.template:2/,
    ],
    ['over all', replace(HTTP, 'http {', 'http {\n  auth_basic x;'), LOGIN, 'fail'],
    [
      'off again for callers',
      both(
        replace(NGINX, 'server {', 'server {\n  auth_basic "x";'),
        replace(NGINX, 'location /api {', 'location /api { auth_basic off;'),
        replace(NGINX, 'location /e/ {', 'location /e/ { auth_basic off;'),
      ),
      LOGIN,
      'pass',
    ],
    ['over the pages alone', replace(NGINX, 'location / {', 'location / { auth_basic "x";'), LOGIN, 'pass'],
    ['old protocols', tls('TLSv1.1 TLSv1.2'), OLD, 'fail', /ssl_protocols has TLSv1\.1/],
    ['new protocols', tls('TLSv1.2 TLSv1.3'), OLD, 'pass'],
    ['on, and no server has it', both(on, replace(NGINX, '${HTTPS_CONFIG}', '')), OLD, 'skip'],
  ])('%s', (row) => expectSingle(row));
});

describe('exceptions of Squid', () => {
  const ID = 'config/squid/ssrf_proxy/allowed';
  const ips = (value: string): Edit => env('ssrf_proxy', 'SSRF_PROXY_ALLOW_PRIVATE_IPS', value);
  const domains = (value: string): Edit => env('ssrf_proxy', 'SSRF_PROXY_ALLOW_PRIVATE_DOMAINS', value);
  const subnet: Edit = (stack) => {
    Object.assign(stack.networks['default'] ?? {}, { ipam: { config: [{ subnet: '10.77.0.0/24' }] } });
  };

  test.for<Single>([
    ['none', ips(''), ID, 'pass'],
    ['one host of the LAN', ips('192.168.1.20'), ID, 'pass'],
    ['two hosts', ips('192.168.1.20/32, 10.0.0.4'), ID, 'pass'],
    ['a LAN that the engine does not use', ips('192.168.1.0/30'), ID, 'pass'],
    [
      'every network of the engine',
      ips('172.16.0.0/12'),
      ID,
      'fail',
      /172\.16\.0\.0\/12 covers addresses that the engine/,
    ],
    ['everything', ips('0.0.0.0/0'), ID, 'fail', /the machine itself or link-local/],
    ['metadata', ips('169.254.169.254'), ID, 'fail', /link-local/],
    ['loopback of IPv6', ips('::1'), ID, 'fail'],
    ['a network of the stack', both(subnet, ips('10.77.0.0/16')), ID, 'fail', /the network default of the stack/],
    ['a host of the network', both(subnet, ips('10.77.0.9')), ID, 'fail'],
    ['a name of the LAN', domains('wiki.example.lan'), ID, 'pass'],
    ['a service', domains('db'), ID, 'fail', /db is a service of the stack/],
    ['the machine', domains('.localhost'), ID, 'fail'],
    ['for developers', env('ssrf_proxy', 'SSRF_PROXY_DEV_MODE', 'true'), ID, 'fail', /SSRF_PROXY_DEV_MODE is on/],
    ['not for developers', env('ssrf_proxy', 'SSRF_PROXY_DEV_MODE', 'false'), ID, 'pass'],
  ])('%s', (row) => expectSingle(row));
});
