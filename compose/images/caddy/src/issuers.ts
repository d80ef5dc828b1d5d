type Config = Record<string, unknown>;

/** Caddy's own authority, which needs nobody else. */
const OWN = { module: 'internal' };

/**
 * A configuration of Caddy (its JSON) in which every certificate that is to be issued is issued by Caddy's own authority; those that
 * are read from files stay. Pure.
 */
export function withLocalCertificates(config: Config): Config {
  const apps = objectOf(config['apps']);
  const tls = objectOf(apps['tls']);
  const automation = objectOf(tls['automation']);
  const given = Array.isArray(automation['policies']) ? (automation['policies'] as Config[]) : [];
  const policies = given.map((policy) => ({ ...policy, issuers: [OWN] }));
  // The last one, without subjects, is for all that no other names.
  const hasRest = policies.some((policy) => !('subjects' in policy));
  return {
    ...config,
    apps: {
      ...apps,
      pki: { ...objectOf(apps['pki']), certificate_authorities: { local: { install_trust: false } } },
      tls: { ...tls, automation: { ...automation, policies: hasRest ? policies : [...policies, { issuers: [OWN] }] } },
    },
  };
}

const objectOf = (value: unknown): Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Config) : {};
