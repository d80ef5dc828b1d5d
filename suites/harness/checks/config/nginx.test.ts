import { describe, expect, test } from 'vitest';
import { expectRed, replace, type Case } from './cases.ts';
import { judgeAll, notPassed, service, soundStack } from './stack.ts';

const SERVER = 'nginx/conf.d/default.conf.template';
const SCRIPT = 'nginx/docker-entrypoint.sh';

/** The key's name is not known: which pair nginx loads, its files do not tell. */
const certificate = (status: string): string[] =>
  ['', '-expiry', '-names'].map((aspect) => `${status} config/nginx/nginx/certificate${aspect}`);

describe('nginx', () => {
  test.for<Case>([
    [
      'static upstream, F001',
      replace(SERVER, 'proxy_pass http://$api;', 'proxy_pass http://api:5001;'),
      ['config/nginx/nginx/re-resolved/api'],
      /looked up only when nginx starts: \/api/,
      /^nginx\/conf\.d\/default\.conf\.template:7 \(F001\)/,
    ],
    [
      'upstream block of replicas, F006',
      (stack) => {
        replace(SERVER, 'server {\n', 'upstream apis { server api_1:5001; server api_2:5001; }\nserver {\n')(stack);
        replace(SERVER, 'http://$api;', 'http://apis;')(stack);
      },
      ['config/nginx/nginx/names', 'skip config/nginx/nginx/re-resolved/api'],
      /no service is called api_1.*no service is called api_2/,
      /:1 \(F006\)/,
    ],
    [
      'upstream block of the service',
      (stack) => {
        replace(SERVER, 'server {\n', 'upstream apis { server api:5001; }\nserver {\n')(stack);
        replace(SERVER, 'http://$api;', 'http://apis;')(stack);
      },
      ['config/nginx/nginx/re-resolved/api'],
    ],
    [
      'no resolver',
      replace('nginx/nginx.conf.template', 'resolver 127.0.0.11 valid=1s ipv6=off;', ''),
      [
        'config/nginx/nginx/re-resolved/api',
        'config/nginx/nginx/re-resolved/plugin_daemon',
        'config/nginx/nginx/re-resolved/web',
      ],
      /there is none/,
    ],
    [
      'a resolver that knows no service',
      replace('nginx/nginx.conf.template', '127.0.0.11', '8.8.8.8'),
      [
        'config/nginx/nginx/re-resolved/api',
        'config/nginx/nginx/re-resolved/plugin_daemon',
        'config/nginx/nginx/re-resolved/web',
      ],
      /does not know the services/,
    ],
    [
      'wrong port',
      replace(SERVER, 'web:3000', 'web:3001'),
      ['config/nginx/nginx/names'],
      /web listens on 3000, not on 3001/,
    ],
    [
      'service on another network',
      replace(SERVER, 'plugin_daemon:5002', 'sandbox:8194'),
      ['config/nginx/nginx/names', 'skip config/nginx/nginx/re-resolved/plugin_daemon'],
      /sandbox shares no network with nginx/,
    ],
    [
      'address',
      replace(SERVER, 'web:3000', '172.18.0.4:3000'),
      ['config/nginx/nginx/addresses', 'skip config/nginx/nginx/re-resolved/web'],
      /172\.18\.0\.4/,
    ],
    [
      'unfilled placeholder',
      replace(SERVER, 'server_name ${NGINX_SERVER_NAME}', 'server_name ${SERVER_NAME}'),
      ['config/nginx/nginx/placeholders'],
      /\$\{SERVER_NAME\} at nginx\/conf\.d\/default\.conf\.template:3/,
    ],
    ['a placeholder in a comment is none', replace(SERVER, '# what TLS needs', '# what ${TLS} needs'), []],
    [
      'a placeholder that the script computes',
      replace(SERVER, '${HTTPS_CONFIG}', '${HTTPS_CONFIG}\n  ${ACME}'),
      ['config/nginx/nginx/placeholders'],
    ],
    [
      'envsubst without a list, F018',
      replace(SCRIPT, 'envsubst "$names" <', 'envsubst <'),
      ['config/nginx/nginx/variables'],
      /docker-entrypoint\.sh:4 renders nginx\/conf\.d\/default\.conf\.template/,
    ],
    ['envsubst without a list of a file without variables', replace(SCRIPT, 'cat /etc', 'envsubst < /etc'), []],
    [
      'URI part behind a variable',
      replace(SERVER, 'http://$web;', 'http://$web/;'),
      ['config/nginx/nginx/paths'],
      /\/ sends every request to \//,
    ],
    [
      'long connect time-out',
      replace('nginx/nginx.conf.template', 'proxy_connect_timeout 1s;', ''),
      ['config/nginx/nginx/connect'],
    ],
    [
      'missing semicolon',
      replace(SERVER, 'listen ${NGINX_PORT};', 'listen ${NGINX_PORT}'),
      ['config/nginx/nginx/syntax'],
      /";" is missing after|:2/,
    ],
    [
      'TLS switch that the script does not know, F030',
      (stack) => {
        service(stack, 'nginx').environment['NGINX_HTTPS_ENABLED'] = 'True';
      },
      ['config/nginx/nginx/tls', 'skip config/nginx/nginx/protocols', ...certificate('skip')],
      /it is "True"/,
    ],
    [
      'TLS switch that the script knows',
      (stack) => {
        Object.assign(service(stack, 'nginx').environment, {
          NGINX_HTTPS_ENABLED: 'True',
          NGINX_SSL_CERT_FILENAME: 'dify.crt',
        });
        replace(SCRIPT, '= "true"', '= "True"')(stack);
        stack.files['nginx/ssl/dify.crt'] = 'x';
      },
      certificate('skip'),
    ],
    [
      'TLS on without its lines',
      (stack) => {
        service(stack, 'nginx').environment['NGINX_HTTPS_ENABLED'] = 'true';
        replace(SERVER, '${HTTPS_CONFIG}', '')(stack);
      },
      ['config/nginx/nginx/tls', 'skip config/nginx/nginx/protocols', ...certificate('skip')],
      /no server has one/,
    ],
    [
      'TLS on without its files, F031',
      (stack) => {
        Object.assign(service(stack, 'nginx').environment, {
          NGINX_HTTPS_ENABLED: 'true',
          NGINX_SSL_CERT_FILENAME: 'own.crt',
        });
      },
      ['config/nginx/nginx/tls', ...certificate('skip')],
      /missing: nginx\/ssl\/own\.crt/,
    ],
    [
      'TLS on and complete',
      (stack) => {
        Object.assign(service(stack, 'nginx').environment, {
          NGINX_HTTPS_ENABLED: 'true',
          NGINX_SSL_CERT_FILENAME: 'own.crt',
        });
        service(stack, 'nginx').ports?.push({ target: 443, published: '443' });
        stack.files['nginx/ssl/own.crt'] = 'x';
      },
      certificate('skip'),
    ],
    [
      'what an earlier start rendered does not count',
      (stack) => {
        stack.files['nginx/conf.d/default.conf'] = 'server { location / { proxy_pass http://api_1:5001; } }';
      },
      [],
    ],
  ])('%s', (row) => expectRed(row));

  test('a configuration inside the image is skipped with its reason, not passed', () => {
    const stack = soundStack();
    service(stack, 'nginx').volumes = [];
    const skipped = notPassed(stack).filter((line) => line.includes('/nginx'));
    expect(skipped.length).toBeGreaterThan(7);
    expect(skipped.every((line) => line.startsWith('skip '))).toBe(true);
  });
});

test('what nginx is started with (-c) is judged, not the configuration that it leaves aside', () => {
  const stack = soundStack();
  const nginx = service(stack, 'nginx');
  nginx.entrypoint = ['nginx'];
  nginx.command = ['-g', 'daemon off;', '-c', '/srv/own.conf'];
  nginx.volumes?.push({ type: 'bind', source: '/stack/nginx/own.conf', target: '/srv/own.conf' });
  stack.files['nginx/own.conf'] =
    'events {}\nhttp { server { listen 80; location / { proxy_pass http://nobody:80; } } }\n';
  const named = judgeAll(stack).get('config/nginx/nginx/names')?.verdict;
  expect(named).toMatchObject({ status: 'fail', reference: expect.stringMatching(/^nginx\/own\.conf:2/) as string });
});
