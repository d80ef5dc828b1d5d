import { describe, expect, test } from 'vitest';
import { failoverContract } from '../../../../fixtures/checks/failover/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { nginxTimeMs } from '../../../../fixtures/checks/dns/upstreams.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const model = modelOf({
  nginx: { image: 'nginx:latest', ports: [{ target: 443 }, { target: 80 }], networks: { default: null } },
  api: {
    image: 'langgenius/dify-api:1.5.0',
    networks: { default: null, ssrf_proxy_network: null },
    restart: 'always',
    healthcheck: { test: ['CMD', 'curl'], interval: '3s', timeout: '4s', retries: 3, start_period: '10s' },
  },
  web: { image: 'langgenius/dify-web:1.5.0', networks: { default: { aliases: ['front'] } } },
});

const contractOf = (http: string) =>
  failoverContract(model, rolesOf(model), {
    nginx: { nginx: `# configuration file /etc/nginx/nginx.conf:\nevents {}\nhttp {\n${http}\n}\n` },
  });

const REFERENCE = `resolver 127.0.0.11 valid=1s;
server { listen 443 ssl; location / { return 204; } }
server {
  listen 80;
  set $api api:5001;
  location /console/api { proxy_pass http://$api; proxy_connect_timeout 1s; proxy_read_timeout 1h; }
  location /v1 { proxy_pass http://$api; proxy_connect_timeout 2s; }
  location = /health { proxy_pass http://$api; }
  location ~ ^/files/(.*)$ { proxy_pass http://$api; }
  location = /nginx-health { return 204; }
  location / { proxy_pass http://front:3000; }
}`;

describe('failover contract', () => {
  const contract = contractOf(REFERENCE);

  test('takes upstreams and their locations from what nginx runs, with a path for each', () => {
    expect(
      contract.upstreams.map(({ service, port, static: fixed, validMs, locations }) => [
        service,
        port,
        fixed,
        validMs,
        locations.map(({ written, probe }) => `${written} ${probe}`),
      ]),
    ).toEqual([
      [
        'api',
        5001,
        false,
        1000,
        [
          '/console/api /console/api/verify-failover',
          '/v1 /v1/verify-failover',
          '=/health /health',
          '~^/files/(.*)$ /files/verify-failover',
        ],
      ],
      ['web', 3000, true, 1000, ['/ /verify-failover']],
    ]);
    expect(contract.upstreams[0]).toMatchObject({ networks: ['default'] });
  });

  test('measures by the slowest time-out that is declared for the load', () => {
    expect(contract.subject).toMatchObject({
      port: 80,
      service: 'api',
      declared: { connectMs: 2000, readMs: 3_600_000, nextUpstream: 'error timeout' },
    });
    expect(contract.subject?.targets.map(({ name }) => name)).toEqual([
      'GET /console/api/setup',
      'GET /v1/',
      'POST /v1/chat-messages',
    ]);
  });

  test('has unique ids, all below its own name', () => {
    const ids = [...Object.values(contract.scenarios).flat(), ...contract.addresses].map(({ id }) => id);
    expect(ids).toContain('failover/api/kill/lost-nothing');
    expect(ids).toContain('failover/api/new-address/location:/v1');
    expect(ids).toContain('failover/web/new-address');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(35);
    expect(ids.every((id) => id.startsWith('failover/'))).toBe(true);
  });

  test('without declared time-outs nginx’s defaults are in force', () => {
    const { subject } = contractOf('server { listen 80; location / { proxy_pass http://api:5001; } }');
    expect(subject?.declared).toMatchObject({ connectMs: 60_000, connectAt: null, readMs: 60_000 });
    expect(subject?.upstream).toMatchObject({ static: true, validMs: null });
  });

  test('follows an upstream block to its servers', () => {
    const { subject } = contractOf(
      'upstream a { server api:5001; } server { listen 80; location /v1 { proxy_pass http://a; } }',
    );
    expect(subject?.service).toBe('api');
    expect(subject?.targets.map(({ name }) => name)).toEqual(['GET /v1/', 'POST /v1/chat-messages']);
  });

  test.each([
    ['no dump', undefined, 'is not known'],
    ['a dump that is none', 'nginx: [emerg] host not found in upstream', 'cannot be read'],
    [
      'no api behind it',
      '# configuration file /n/nginx.conf:\nhttp { server { listen 80; location / { proxy_pass http://web:3000; } } }',
      'leads to an api',
    ],
    [
      'no published port',
      '# configuration file /n/nginx.conf:\nhttp { server { listen 8080; location / { proxy_pass http://api:5001; } } }',
      'published',
    ],
  ])('%s leaves one check that says so, never an empty suite', (_, dump, words) => {
    const broken = failoverContract(model, rolesOf(model), { nginx: dump === undefined ? {} : { nginx: dump } });
    expect(broken.missing).toContain(words);
    expect(broken.precondition.map(({ id }) => id)).toEqual(['failover/precondition']);
    expect(Object.values(broken.scenarios).flat()).toEqual([]);
  });

  test.each([
    ['1s', 1000],
    ['500ms', 500],
    ['60', 60_000],
    ['1h 30m', 5_400_000],
    ['$x', null],
    [undefined, null],
  ])('nginx writes %s for %s ms', (text, ms) => {
    expect(nginxTimeMs(text)).toBe(ms);
  });
});
