import { describe, expect, test } from 'vitest';
import { locationFor, locations, type Location } from '../../../../fixtures/model/nginx/locations.ts';
import { parseFiles } from '../../../../fixtures/model/nginx/tree.ts';

function read(inHttp: string): Location[] {
  const config = parseFiles([{ path: '/etc/nginx/nginx.conf', text: `http {\n${inHttp}\n}` }]);
  expect(config.problems).toEqual([]);
  return locations(config);
}

const one = (body: string, around = ''): Location => {
  const location = read(`${around}\nserver {\nlocation / {\n${body}\n}\n}`)[0];
  if (!location) throw new Error('no location was read');
  return location;
};

describe('match of a location', () => {
  test.for<[string, Location['modifier'], string]>([
    ['location /api {}', '', '/api'],
    ['location = /health {}', '=', '/health'],
    ['location =/health {}', '=', '/health'],
    ['location ^~ /files {}', '^~', '/files'],
    [String.raw`location ~ \.php$ {}`, '~', String.raw`\.php$`],
    ['location ~* ^/v1 {}', '~*', '^/v1'],
    ['location ~^/v1 {}', '~', '^/v1'],
    ['location ~*^/v1 {}', '~*', '^/v1'],
    ['location @down {}', '@', '@down'],
    ['location "/with space" {}', '', '/with space'],
  ])('%s', ([text, modifier, path]) => {
    expect(read(`server { ${text} }`)[0]).toMatchObject({ modifier, path });
  });
});

describe('where a location sends its requests', () => {
  const RESOLVER = 'resolver 127.0.0.11 valid=1s;';
  test.for<[string, string, string, object]>([
    [
      'literal host',
      'proxy_pass http://api:5001;',
      '',
      { static: true, uri: null, servers: [{ host: 'api', port: 5001, resolved: 'start' }] },
    ],
    [
      'default port',
      'proxy_pass https://api/x/;',
      '',
      { static: true, uri: '/x/', servers: [{ host: 'api', port: 443 }] },
    ],
    ['slash only is a URI part', 'proxy_pass http://api:5001/;', '', { uri: '/' }],
    [
      'variable of the location',
      'set $u api:5001; proxy_pass http://$u;',
      RESOLVER,
      {
        static: false,
        uri: null,
        resolver: ['127.0.0.11', 'valid=1s'],
        servers: [{ host: 'api', port: 5001, resolved: 'request' }],
      },
    ],
    [
      'variable in braces, port outside',
      'set $u api; proxy_pass http://${u}:5001;',
      RESOLVER,
      { static: false, servers: [{ host: 'api', port: 5001 }] },
    ],
    [
      'whole URL in the variable',
      'set $u http://api:5001; proxy_pass $u;',
      RESOLVER,
      { static: false, scheme: 'http', servers: [{ host: 'api', port: 5001 }] },
    ],
    [
      'escaped dollar',
      'set $u api:5001; proxy_pass http://$${u};',
      RESOLVER,
      { servers: [{ host: 'api', port: 5001 }] },
    ],
    ['no resolver', 'set $u api:5001; proxy_pass http://$u;', '', { static: false, resolver: null }],
    [
      'request_uri behind a variable',
      'set $u api:5001; proxy_pass http://$u$request_uri;',
      RESOLVER,
      { uri: '$request_uri', servers: [{ host: 'api', port: 5001 }], unresolved: [] },
    ],
    [
      'longer name is another variable',
      'set $u api:5001; proxy_pass http://$user;',
      RESOLVER,
      { unresolved: ['$user'], servers: [] },
    ],
    [
      'builtin variable',
      'proxy_pass http://$host:8080;',
      RESOLVER,
      { static: false, unresolved: ['$host'], servers: [] },
    ],
    [
      'map',
      'proxy_pass http://$m;',
      'map $uri $m { default api:5001; /x web:3000; }',
      { servers: [{ host: 'web' }, { host: 'api' }].reverse(), static: false },
    ],
    [
      'upstream block',
      'proxy_pass http://apis;',
      'upstream apis { server api_1:5001 max_fails=3; server api_2:5001 backup; }',
      {
        static: true,
        group: 'apis',
        servers: [
          { host: 'api_1', port: 5001, line: 2 },
          { host: 'api_2', backup: true },
        ],
      },
    ],
    [
      'upstream block that resolves again',
      'proxy_pass http://apis;',
      'upstream apis { zone z 64k; server api:5001 resolve; }',
      { static: false, servers: [{ resolved: 'request' }] },
    ],
    [
      'upstream block through a variable stays static',
      'set $u apis; proxy_pass http://$u;',
      'upstream apis { server api:5001; }',
      { static: true, group: 'apis' },
    ],
    ['address', 'proxy_pass http://10.0.0.5:5001;', '', { static: false, servers: [{ host: '10.0.0.5' }] }],
    [
      'IPv6',
      'proxy_pass http://[fd00::1]:5001/a;',
      '',
      { static: false, uri: '/a', servers: [{ host: '[fd00::1]', port: 5001 }] },
    ],
    [
      'socket file',
      'proxy_pass http://unix:/run/api.sock:/x;',
      '',
      { uri: '/x', servers: [{ host: 'unix:/run/api.sock', port: 0 }] },
    ],
    [
      'placeholder',
      'proxy_pass http://${API_HOST}:${API_PORT};',
      '',
      { static: true, servers: [{ host: '${API_HOST}', port: null }] },
    ],
    [
      'grpc',
      'grpc_pass grpc://weaviate:50051;',
      '',
      { directive: 'grpc_pass', servers: [{ host: 'weaviate', port: 50051 }] },
    ],
  ])('%s', ([, body, around, expected]) => {
    const location = one(body, around);
    expect(location.kind).toBe('proxy');
    expect(location.proxy).toMatchObject(expected);
  });

  test('a variable of the server is overridden by one of the location', () => {
    const [a, b] = read(
      'server { set $u api:5001; location /a { proxy_pass http://$u; } location /b { set $u web:3000; proxy_pass http://$u; } }',
    );
    expect(a?.proxy?.servers[0]).toMatchObject({ host: 'api' });
    expect(b?.proxy?.servers[0]).toMatchObject({ host: 'web' });
  });

  test('proxy_pass inside if is told apart', () => {
    const location = one('if ($arg_x = "1") { proxy_pass http://web:3000; }\nproxy_pass http://api:5001;');
    expect(location.proxy?.servers[0]?.host).toBe('api');
    expect(location.conditional.map((pass) => pass.servers[0]?.host)).toEqual(['web']);
  });
});

describe('locations without an upstream', () => {
  test.for<[string, string, Location['kind']]>([
    ['status and text', 'return 200 "ok";', 'return'],
    ['redirect', 'return 301 https://$host$request_uri;', 'redirect'],
    ['redirect without a status', 'return https://example.org/;', 'redirect'],
    ['rewrite', 'rewrite ^/old /new permanent;', 'redirect'],
    ['files', 'root /var/www/html;', 'files'],
    ['internal rewrite keeps the proxy', 'rewrite ^/a /b break; proxy_pass http://api:5001;', 'proxy'],
  ])('%s', ([, body, kind]) => {
    expect(one(body).kind).toBe(kind);
  });
});

test('settings are inherited, proxy_set_header only as a whole level', () => {
  const [outer, inner, other] = read(`
    client_max_body_size 15M; proxy_set_header Host $host;
    server {
      listen 443 ssl; server_name a.example b.example; proxy_read_timeout 60s;
      location /a {
        proxy_pass http://api:5001; proxy_set_header X-A 1; proxy_connect_timeout 1s;
        location /a/b { proxy_pass http://api:5001; client_max_body_size 1M; }
      }
      location /c { root /srv; }
    }`);
  expect(outer?.headers.map((header) => header.name)).toEqual(['X-A']);
  expect(inner).toMatchObject({ path: '/a/b', parent: 0, headers: [{ name: 'X-A', value: '1' }] });
  expect(inner?.settings['client_max_body_size']).toMatchObject({
    args: ['1M'],
    file: '/etc/nginx/nginx.conf',
    line: 8,
  });
  expect(inner?.settings['proxy_connect_timeout']?.args).toEqual(['1s']);
  expect(other).toMatchObject({
    parent: null,
    kind: 'files',
    headers: [{ name: 'Host', value: '$host' }],
    root: { args: ['/srv'] },
  });
  expect(other?.settings['proxy_read_timeout']?.args).toEqual(['60s']);
  expect(other?.server).toMatchObject({ names: ['a.example', 'b.example'], listens: [{ port: 443, ssl: true }] });
});

test('listening ports', () => {
  const ports = (text: string): unknown[] =>
    (read(`server { ${text} location / {} }`)[0]?.server.listens ?? []).map((l) => [l.port, l.ssl]);
  expect(ports('listen 80 default_server; listen [::]:80; listen 127.0.0.1:8080; listen 127.0.0.1;')).toEqual([
    [80, false],
    [80, false],
    [8080, false],
    [80, false],
  ]);
  expect(ports('listen ${NGINX_SSL_PORT} ssl;')).toEqual([[null, true]]);
  expect(ports('')).toEqual([[80, false]]);
});

test('the location of a path follows nginx: exact, ^~, expression, longest prefix', () => {
  const all = read(String.raw`server {
    location / {} location /api {} location /api/v2 {} location = /health {} location ^~ /files {} location ~ \.(png|css)$ {} location ~* ^/V1 {}
    location /nest { location /nest/in {} location = /nest/exact {} }
  } server { location /other {} }`);
  const server = all[0]?.server;
  if (!server) throw new Error('no server was read');
  const chosen = (path: string): string | undefined => locationFor(all, server, path)?.path;
  expect(chosen('/')).toBe('/');
  expect(chosen('/api/v2/x')).toBe('/api/v2');
  expect(chosen('/apiary')).toBe('/api');
  expect(chosen('/health')).toBe('/health');
  expect(chosen('/health/x')).toBe('/');
  expect(chosen('/files/a.png')).toBe('/files');
  expect(chosen('/api/a.png')).toBe(String.raw`\.(png|css)$`);
  expect(chosen('/v1/x')).toBe('^/V1');
  expect(chosen('/nest/in/side')).toBe('/nest/in');
  expect(chosen('/nest/exact')).toBe('/nest/exact');
  expect(chosen('/other')).toBe('/');
  const copy = JSON.parse(JSON.stringify(all)) as Location[];
  expect(locationFor(copy, server, '/api')?.path).toBe('/api');
});
