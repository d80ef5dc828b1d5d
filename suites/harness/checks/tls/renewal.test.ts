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
  ['no plain port', renewalVerdict(renewalCheck({ entry: null }), new Map()), 'fail', /a published port/],
  ['no file could be laid', renewalVerdict(renewalCheck(), renewalOf([], 'read-only')), 'error', /read-only/],
])('%s', ([, verdict, status, message]) => {
  expect(verdict).toMatchObject({ status, message: expect.stringMatching(message) as string });
});
