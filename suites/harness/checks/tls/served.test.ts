import { describe, expect, test } from 'vitest';
import { tlsContract } from '../../../../fixtures/checks/tls/obligations.ts';
import { servedVerdict } from '../../../../fixtures/checks/tls/served-verdict.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { Authority } from '../../../../fixtures/stack/authority.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { refused, servedCheck, servedOf } from './samples.ts';

/** Servers that listen with TLS: their names, more of their `listen`, more of what they say. */
function contractOf(servers: readonly { names: string; listen?: string; more?: string }[]) {
  const model = modelOf({ nginx: { image: 'nginx:1.28', ports: [{ target: 443, published: '443' }] } });
  const blocks = servers.map(
    ({ names, listen = '443 ssl', more = 'ssl_certificate own.crt; ssl_certificate_key own.key;' }) =>
      `server { listen ${listen}; server_name ${names}; ${more} }`,
  );
  const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp { ${blocks.join('\n')} }\n`;
  return tlsContract(model, rolesOf(model), { rendered: { nginx: { nginx: dump } } });
}

describe('which certificate is expected of whom', () => {
  const asked = (servers: Parameters<typeof contractOf>[0]) =>
    contractOf(servers).certificates.map(({ id, listener, skipped }) => [
      id.replace('tls/nginx:443', ''),
      listener.name,
      listener.certificates?.map(({ file }) => file).join() ?? null,
      skipped !== undefined,
    ]);

  test.for<[string, Parameters<typeof contractOf>[0], ReturnType<typeof asked>]>([
    ['one server', [{ names: '_' }], [['/certificate', 'localhost', '/etc/nginx/own.crt', false]]],
    [
      'each name of several servers',
      [{ names: 'a.example.org b.example.org' }, { names: '_', listen: '443 ssl default_server' }],
      [
        [':a.example.org/certificate', 'a.example.org', '/etc/nginx/own.crt', false],
        [':b.example.org/certificate', 'b.example.org', '/etc/nginx/own.crt', false],
        ['/certificate', 'localhost', '/etc/nginx/own.crt', false],
      ],
    ],
    [
      'two with one name',
      [{ names: 'a.example.org' }, { names: 'a.example.org', more: 'ssl_certificate /b.crt;' }],
      [
        [':a.example.org/certificate', 'a.example.org', '/etc/nginx/own.crt', false],
        [':a.example.org#2/certificate', 'a.example.org', '/b.crt', false],
      ],
    ],
    [
      'a wildcard, and a pattern',
      [{ names: 'a.example.org' }, { names: '*.apps.example.org' }, { names: '~^x' }],
      [
        [':a.example.org/certificate', 'a.example.org', '/etc/nginx/own.crt', false],
        ['/certificate', 'verify.apps.example.org', '/etc/nginx/own.crt', false],
        ['#2/certificate', 'verify.invalid', '/etc/nginx/own.crt', true],
      ],
    ],
    [
      'one behind the server that has its name',
      [{ names: 'localhost' }, { names: '_' }],
      [
        [':localhost/certificate', 'localhost', '/etc/nginx/own.crt', false],
        ['/certificate', 'verify.invalid', '/etc/nginx/own.crt', true],
      ],
    ],
    [
      'known at run time only',
      [{ names: '_', more: 'ssl_certificate /$ssl_server_name.crt;' }],
      [['/certificate', 'localhost', null, true]],
    ],
  ])('%s', ([, servers, expected]) => {
    expect(asked(servers)).toEqual(expected);
  });

  test('servers that clients cannot tell apart owe one handshake', () => {
    const { handshakes, listens } = contractOf([{ names: 'a.example.org' }, { names: 'a.example.org' }]);
    expect(handshakes.map(({ id }) => id)).toEqual(['tls/nginx:443:a.example.org/handshake']);
    expect(listens[0]).toMatchObject({ listeners: 2, published: 2 });
  });
});

describe('the certificate that is served', async () => {
  const authority = await Authority.make('authority of a test');
  const { certificate: old } = await authority.certify(['old.example.org']);
  const OWN = '/etc/ssl/own.crt';
  const OTHER = '/etc/ssl/other.crt';

  test.for<[string, ReturnType<typeof servedVerdict>, string, RegExp]>([
    [
      'that of its file',
      servedVerdict(servedCheck(), servedOf({ chain: ['own'] }, { [OWN]: 'own' })),
      'pass',
      /own\.crt/,
    ],
    [
      'that of another server',
      servedVerdict(servedCheck(), servedOf({ chain: ['other'] }, { [OWN]: 'own', [OTHER]: 'other' })),
      'fail',
      /other\.crt is, which conf\.d\/00-old\.conf:3 names/,
    ],
    [
      'one that lies nowhere any more',
      servedVerdict(servedCheck(), servedOf({ chain: [old] }, { [OWN]: 'own', [OTHER]: 'other' })),
      'fail',
      /another one is: DNS:old\.example\.org, good until/,
    ],
    [
      'its file cannot be read',
      servedVerdict(servedCheck(), servedOf({ chain: ['own'] }, { [OWN]: null })),
      'error',
      /own\.crt could not be read in nginx: Permission denied/,
    ],
    ['none', servedVerdict(servedCheck(), servedOf(refused, { [OWN]: 'own' })), 'blocked', /ECONNRESET/],
  ])('%s', ([, verdict, status, message]) => {
    expect(verdict).toMatchObject({ status, message: expect.stringMatching(message) as string });
  });
});
