import { describe, expect, test } from 'vitest';
import { tlsContract } from '../../../../fixtures/checks/tls/obligations.ts';
import { renewalVerdict } from '../../../../fixtures/checks/tls/renewal-verdict.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { renewalCheck, renewalOf } from './samples.ts';

const WEB = 'location / { proxy_pass http://web:3000; }';
const PATH = 'location /.well-known/acme-challenge/ { root /var/www/acme; }';

function owed({
  config = WEB,
  certbot = {},
  nginx = {},
}: {
  config?: string;
  certbot?: object | null;
  nginx?: object;
}) {
  const model = modelOf({
    web: { image: 'langgenius/dify-web:1.5.0' },
    nginx: { image: 'nginx:latest', ports: [{ target: 80, published: '80' }], ...nginx },
    ...(certbot === null ? {} : { certbot: { image: 'certbot/certbot', ...certbot } }),
  });
  const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp { server { listen 80; ${config} } }\n`;
  return tlsContract(model, rolesOf(model), { rendered: { nginx: { nginx: dump } } }).renewals;
}

const mounted = (target: string) => ({ volumes: [{ type: 'bind', source: '/stack/www', target }] });

describe('who owes it', () => {
  test('nobody, where nothing renews', () => expect(owed({ certbot: null })).toEqual([]));

  test('a gateway beside a certbot, with the folder that both have', () => {
    expect(owed({ certbot: mounted('/webroot'), nginx: mounted('/var/www/html') })).toMatchObject([
      { id: 'tls/nginx/renewal', certbots: ['certbot'], webroot: '/var/www/html', entry: { port: 80 } },
    ]);
    expect(owed({ certbot: mounted('/webroot') })).toMatchObject([{ webroot: null }]);
  });

  test('one that has its location or its switch, with the folder of the location', () => {
    expect(owed({ certbot: null, config: `${PATH} ${WEB}` })).toMatchObject([
      { webroot: '/var/www/acme', certbots: [] },
    ]);
    const switched = { environment: { NGINX_ENABLE_CERTBOT_CHALLENGE: 'true' } };
    expect(owed({ certbot: null, nginx: switched })).toMatchObject([{ webroot: null }]);
  });
});

describe('where certbot puts it down', () => {
  const at = (source: string, target: string, read_only = false) => ({ type: 'bind', source, target, read_only });

  test('nginx may have it read-only: then it is laid where certbot has it', () => {
    expect(
      owed({
        nginx: { volumes: [at('/stack/www', '/var/www/html', true)] },
        certbot: { volumes: [at('/stack/www', '/webroot')] },
      }),
    ).toMatchObject([{ webroot: '/var/www/html', lay: { service: 'certbot', folder: '/webroot' }, shut: null }]);
    expect(owed({ nginx: mounted('/var/www/html'), certbot: mounted('/webroot') })).toMatchObject([
      { lay: { service: 'nginx', folder: '/var/www/html' }, shut: null },
    ]);
  });

  test('certbot may not: it could write nothing there', () => {
    expect(
      owed({ nginx: mounted('/var/www/html'), certbot: { volumes: [at('/stack/www', '/webroot', true)] } }),
    ).toMatchObject([{ shut: { service: 'certbot', target: '/webroot' } }]);
  });

  test('what nginx serves is the folder that counts, whatever else both have', () => {
    const logs = at('/stack/logs', '/logs');
    const config = `location /.well-known/acme-challenge/ { root /var/www/html; } ${WEB}`;
    expect(
      owed({
        config,
        nginx: { volumes: [logs, at('/stack/a', '/var/www/html')] },
        certbot: { volumes: [logs, at('/stack/b', '/var/www/html')] },
      }),
    ).toMatchObject([{ webroot: null, apart: ['/stack/a', '/stack/b'] }]);
    expect(
      owed({
        config,
        nginx: { volumes: [logs, at('/stack/www', '/var/www/html')] },
        certbot: { volumes: [logs, at('/stack/www', '/webroot')] },
      }),
    ).toMatchObject([{ webroot: '/var/www/html' }]);
  });
});

test.for<[string, ReturnType<typeof renewalVerdict>, string, RegExp]>([
  ['served', renewalVerdict(renewalCheck(), renewalOf([{ isToken: true }])), 'pass', /plain HTTP/],
  [
    'served behind a redirect',
    renewalVerdict(renewalCheck(), renewalOf([{ status: 301, location: 'https://x/' }, { isToken: true }])),
    'pass',
    /behind a redirect/,
  ],
  ['a page of web', renewalVerdict(renewalCheck(), renewalOf([{ status: 404 }])), 'fail', /got 404/],
  [
    'led away',
    renewalVerdict(renewalCheck(), renewalOf([{ status: 302, location: '/apps' }])),
    'fail',
    /302 to \/apps/,
  ],
  [
    'no folder is shared',
    renewalVerdict(renewalCheck({ webroot: null }), new Map()),
    'fail',
    /nginx and certbot share/,
  ],
  [
    'certbot has it read-only',
    renewalVerdict(renewalCheck({ shut: { service: 'certbot', target: '/webroot' } }), new Map()),
    'fail',
    /certbot to write into \/webroot; it is mounted read-only/,
  ],
  [
    'each has a folder of its own',
    renewalVerdict(renewalCheck({ webroot: null, apart: ['/stack/a', '/stack/b'] }), new Map()),
    'fail',
    /nginx has \/stack\/a, certbot \/stack\/b/,
  ],
  ['no plain port', renewalVerdict(renewalCheck({ entry: null }), new Map()), 'fail', /a published port/],
  ['no file could be laid', renewalVerdict(renewalCheck(), renewalOf([], 'read-only')), 'error', /read-only/],
])('%s', ([, verdict, status, message]) => {
  expect(verdict).toMatchObject({ status, message: expect.stringMatching(message) as string });
});
