import { expect, test } from 'vitest';
import { withLocalCertificates } from '../../../compose/images/caddy/src/issuers.ts';

const OWN = [{ module: 'internal' }];

test('whoever is to issue certificates: Caddy itself does', () => {
  const tls = {
    certificates: { load_files: [{ certificate: '/c.pem', key: '/k.pem' }] },
    automation: {
      policies: [
        { subjects: ['a.test'], issuers: [{ module: 'acme', email: 'a@b.test' }] },
        { issuers: [{ module: 'zerossl' }] },
      ],
    },
  };
  expect(withLocalCertificates({ apps: { http: { servers: {} }, tls } })).toMatchObject({
    apps: {
      http: { servers: {} },
      pki: { certificate_authorities: { local: { install_trust: false } } },
      tls: {
        certificates: tls.certificates,
        automation: { policies: [{ subjects: ['a.test'], issuers: OWN }, { issuers: OWN }] },
      },
    },
  });
});

test.each([[{}], [{ apps: null }], [{ apps: { tls: { automation: { policies: [{ subjects: ['a.test'] }] } } } }]])(
  'what no policy names is its own, too: %o',
  (config) => {
    const { apps } = withLocalCertificates(config) as { apps: { tls: { automation: { policies: object[] } } } };
    expect(apps.tls.automation.policies.at(-1)).toEqual({ issuers: OWN });
  },
);
