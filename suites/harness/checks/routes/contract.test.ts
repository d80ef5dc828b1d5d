import { describe, expect, test } from 'vitest';
import { echoGroups } from '../../../../fixtures/checks/routes/route-mirror.ts';
import { exampleOf, matched } from '../../../../fixtures/checks/routes/route-samples.ts';
import { sizeBytes } from '../../../../fixtures/checks/routes/route-locations.ts';
import { hasRoute, publicRouteOf, releaseOf } from '../../../../fixtures/checks/routes/public-routes.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { routesContract } from '../../../../fixtures/checks/routes/obligations.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';

const LOCATIONS = `
    location /console/api { proxy_pass http://api:5001; include proxy.conf; }
    location /api { proxy_pass http://api:5001; include proxy.conf; }
    location = /health { proxy_pass http://api:5001; }
    location /e/ { proxy_pass http://plugin_daemon:5002; proxy_set_header Dify-Hook-Url $scheme://$host$request_uri; }
    location / { proxy_pass http://web:3000; }`;

describe('the obligations follow from the running configuration', () => {
  test('one owner check for each location, with file and line', () => {
    const { owners } = contractOf(LOCATIONS);
    const own = owners.filter(({ id }) => id.startsWith('routes/location:'));
    expect(own.map(({ id }) => id)).toEqual([
      'routes/location:/console/api/owner',
      'routes/location:/api/owner',
      'routes/location:/health/owner',
      'routes/location:/e//owner',
      'routes/location://owner',
    ]);
    expect(own[0]?.taker?.where).toBe('/etc/nginx/conf.d/default.conf:4');
    expect(own.map(({ ask }) => ask?.target)).toEqual([
      '/console/api/setup',
      '/api/site',
      '/health',
      '/e/verify-no-such-hook/path',
      '/',
    ]);
  });

  test('ids are unique', () => {
    const contract = contractOf(`${LOCATIONS}
      location = / { return 204; }
      location ~ ^/api/v2 { proxy_pass http://api:5001; }`);
    const ids = Object.values(contract).flatMap((part: object[]) =>
      part.flatMap((check) => ('id' in check ? [check.id] : [])),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('routes/location:=//owner');
    expect(ids).toContain('routes/location:~^/api/v2/owner');
  });

  test('a public path without a location of its own names the location that takes it', () => {
    const { owners } = contractOf(LOCATIONS.replace(/location = \/health.*\n/, ''));
    const health = owners.find(({ id }) => id === 'routes/public:/health/owner');
    expect(health).toMatchObject({ level: 'must', report: 'health', taker: { label: '/' } });
  });

  test('a location that goes to the wrong service is owed to the right one', () => {
    const { owners } = contractOf(
      LOCATIONS.replace('/api { proxy_pass http://api:5001', '/api { proxy_pass http://web:3000'),
    );
    expect(owners[0]).toMatchObject({ owner: { services: ['api'], role: 'api' } });
  });

  test('a location that another takes every path from is unreached, not forgotten', () => {
    const { owners } = contractOf(`${LOCATIONS}
      location ~ ^/legacy { return 410; }
      location /legacy/old { proxy_pass http://web:3000; }`);
    expect(owners.find(({ id }) => id === 'routes/location:/legacy/old/owner')).toMatchObject({
      ask: null,
      unreached: expect.stringContaining('shadowed by location ~ ^/legacy') as string,
    });
  });

  test('nothing is reached in a server that returns by itself', () => {
    const { owners } = contractOf(
      'return 301 https://$host$request_uri; location /api { proxy_pass http://api:5001; }',
    );
    expect(owners[0]?.unreached).toBe('shadowed by the return of its server (/etc/nginx/conf.d/default.conf:3)');
  });

  test('a named location is only nginx’s own', () => {
    const { owners } = contractOf(`${LOCATIONS} location @down { return 503; }`);
    expect(owners.find(({ id }) => id === 'routes/location:@down/owner')?.unreached).toMatch(/^internal/);
  });

  test('an upstream outside the stack is not owed by a service', () => {
    const { owners, targets } = contractOf(`${LOCATIONS} location /docs { proxy_pass https://docs.example.test; }`);
    expect(owners.find(({ id }) => id === 'routes/location:/docs/owner')?.owner.kind).toBe('outside');
    expect(targets.some(({ id }) => id.includes('/docs'))).toBe(false);
  });

  test.each([
    ['langgenius/dify-api:1.5.0', [], []],
    ['langgenius/dify-api:1.6.0', ['/mcp'], []],
    ['langgenius/dify-api:1.10.1-fix.1', ['/mcp', '/triggers'], []],
    ['registry.example.test:5000/dify-api:2.0', ['/mcp', '/triggers'], []],
    ['langgenius/dify-api:latest', [], ['/mcp', '/triggers']],
    ['langgenius/dify-api', [], ['/mcp', '/triggers']],
    ['example/dify-api:2026.11', [], ['/mcp', '/triggers']],
  ])('%s has the routes of its release', (image, must, advice) => {
    const { owners } = contractOf(LOCATIONS, { api: image });
    const of = (level: string) =>
      owners
        .filter((check) => check.level === level)
        .flatMap(({ id }) => /^routes\/public:(\/(?:mcp|triggers))\//.exec(id)?.[1] ?? []);
    expect(of('must')).toEqual(must);
    expect(of('advice')).toEqual(advice);
  });

  test('streams are owed where Dify streams, sockets where they are offered or known', () => {
    const { streams, upgrades } = contractOf(`${LOCATIONS}
      location /socket.io/ { proxy_pass http://api:5001; }
      location /live { proxy_pass http://api:5001; proxy_set_header Upgrade $http_upgrade; }`);
    expect(streams.map(({ location }) => location.label)).toEqual(['/console/api', '/api', '/e/']);
    expect(upgrades.map(({ location }) => location.label)).toEqual(['/socket.io/', '/live']);
  });

  test('the promised body limit comes from the setting, the one in force from nginx', () => {
    const { limits } = contractOf(LOCATIONS, {}, { NGINX_CLIENT_MAX_BODY_SIZE: '15M' });
    expect(limits[0]?.location.bodyLimit).toMatchObject({ bytes: 2 * 1024 ** 2, promised: 15 * 1024 ** 2 });
    expect(limits[0]?.above?.announcedBytes).toBe(2 * 1024 ** 2 + 1);
    expect(limits.find(({ location }) => location.label === '/health')?.location.bodyLimit.promised).toBeNull();
  });

  test.each([
    ['no configuration was read', {}],
    ['no configuration in the text', { nginx: 'nginx: command not found' }],
    ['no location', { nginx: dump('') }],
  ])('%s: one check that says so and nothing else', (_, nginx) => {
    const contract = routesContract(model(), rolesOf(model()), { nginx });
    expect(contract.configuration).toHaveLength(1);
    expect(contract.configuration[0]?.problem).toMatch(/nginx/);
    expect(contract.owners).toEqual([]);
  });

  test('a stack without nginx says so', () => {
    const bare = model();
    delete bare.services['nginx'];
    expect(routesContract(bare, rolesOf(bare), { nginx: {} }).configuration[0]?.problem).toContain('role nginx');
  });
});

describe('the pieces', () => {
  test.each([
    ['/a%2Fb?x=/y', '/a/b'],
    ['//a///b', '/a/b'],
    ['/a/./b/.', '/a/b'],
    ['/a.b/.c', '/a.b/.c'],
    ['/%zz', '/%zz'],
  ])('%s is matched as %s', (target, path) => expect(matched(target)).toBe(path));

  test.each(['^/api/v\\d+/', '\\.(png|jpe?g)$', '^/(a|b)/[0-9]+$', '^/x(?:/y)?', '\\.php$', '^/f/[^/]+\\.bin$'])(
    'an example for %s',
    (expression) => expect(exampleOf(expression)).toMatch(new RegExp(expression)),
  );

  test('no example is better than a wrong one', () => expect(exampleOf('^/(a)\\1$')).toBeNull());

  test.each([
    ['15M', 15 * 1024 ** 2],
    ['8k', 8192],
    ['1g', 1024 ** 3],
    ['100', 100],
    ['0', null],
  ])('size %s', (text, bytes) => expect(sizeBytes(text)).toBe(bytes));

  test('a size that is none is refused', () => expect(() => sizeBytes('15MB')).toThrow('15MB'));

  test.each([
    ['/console/api/apps', '/console/api'],
    ['/console', undefined],
    ['/apis', undefined],
    ['/health', '/health'],
    ['/health/x', undefined],
    ['/e/x', '/e/'],
  ])('%s belongs to %s', (path, route) => expect(publicRouteOf(path)?.path).toBe(route));

  test('an echo container never has a port for two names', () => {
    const groups = echoGroups([
      { host: 'api', port: 5001 },
      { host: 'web', port: 3000 },
      { host: 'api_2', port: 5001 },
      { host: 'api', port: 5001 },
      { host: '10.0.0.1', port: 80 },
    ]);
    expect(groups.map(({ upstreams }) => upstreams.map(({ host }) => host))).toEqual([['api', 'web'], ['api_2']]);
  });

  test('a release is read from the api image only', () => {
    expect(releaseOf(model({ web: 'langgenius/dify-web:1.9.0' }), rolesOf(model()))).toEqual([1, 5]);
    expect(hasRoute(null, undefined)).toBe('yes');
  });
});

function contractOf(text: string, images: Record<string, string> = {}, environment: Record<string, string> = {}) {
  const stack = model(images, environment);
  return routesContract(stack, rolesOf(stack), { nginx: { nginx: dump(text) } });
}

function dump(text: string): string {
  return `# configuration file /etc/nginx/nginx.conf:
http { client_max_body_size 2m; include /etc/nginx/conf.d/*.conf; }
# configuration file /etc/nginx/proxy.conf:
proxy_set_header Host $host;
# configuration file /etc/nginx/conf.d/default.conf:
server {
    listen 80;
    server_name _;${text}
}
`;
}

function model(images: Record<string, string> = {}, environment: Record<string, string> = {}): StackModel {
  return modelOf({
    api: { image: images['api'] ?? 'langgenius/dify-api:1.5.0', networks: { default: null } },
    web: { image: images['web'] ?? 'langgenius/dify-web:1.5.0', networks: { default: null } },
    plugin_daemon: { image: 'langgenius/dify-plugin-daemon:0.1.2', networks: { default: null } },
    nginx: {
      image: 'nginx:latest',
      environment,
      ports: [{ target: 80, published: '80' }],
      networks: { default: null },
    },
  });
}
