import { endpointVerdict, hostsVerdict, recreatedVerdict } from '../../../../fixtures/checks/dns/endpoint-verdict.ts';
import type { TargetsObligation } from '../../../../fixtures/checks/dns/obligations.ts';
import type { NamesObservation, ServiceNames } from '../../../../fixtures/checks/dns/observation.ts';
import {
  hiddenVerdict,
  ipv6Verdict,
  resolvesVerdict,
  resolverVerdict,
  searchDomainsVerdict,
  unknownVerdict,
} from '../../../../fixtures/checks/dns/verdicts.ts';
import type { Resolved } from '../../../../fixtures/engine/probe/protocol.ts';
import { containerOf } from '../../../../fixtures/testing/container-of.ts';
import { answer, noAnswer } from '../isolation/samples.ts';
import type { Rows } from './row.ts';

const must = { id: 'dns/x', title: '', level: 'must' as const, from: 'api' };
const api = [containerOf('api', 1, { default: '10.0.0.2' }), containerOf('api', 2, { default: '10.0.0.3' })];
const db = containerOf('db', 1, { default: '10.0.0.7' });
const containers = [...api, db];
const asked = (resolved: Resolved) => ({ lookup: resolved, ipv4: resolved, ipv6: noAnswer('ENODATA') });
const late = noAnswer('ETIMEOUT');
const connected = { outcome: 'open' as const, address: '10.0.0.7', error: null, durationMs: 1 };

/** All that one container of api is to see, and it is as it should be. */
function view(more: Partial<NamesObservation> = {}): NamesObservation {
  return {
    service: 'api',
    container: 'p-api-1',
    network: {
      defaultGateways: ['10.0.0.1'],
      addresses: [{ interface: 'eth0', address: '10.0.0.2', prefix: 16 }],
      resolvConf: 'nameserver 127.0.0.11\n',
      hosts: '127.0.0.1\tlocalhost\n',
    },
    names: {
      db: asked(answer('10.0.0.7')),
      'p-db-1': asked(answer('10.0.0.7')),
      web: asked(noAnswer('ENOTFOUND')),
    },
    madeUp: { name: 'nobody-1', lookup: noAnswer('ENOTFOUND'), ipv4: noAnswer('ENOTFOUND') },
    connected: { 'db:5432': connected },
    ...more,
  };
}
const nothing: ServiceNames = { containers, seen: [] };
/** One of two replicas was looked at. */
const half: ServiceNames = { containers, seen: [view()] };
/** Both were, and not one name was answered: the resolver is away. */
const blind = (more: Partial<NamesObservation> = {}): ServiceNames => {
  const names = { db: asked(late), 'p-db-1': asked(late), web: asked(late) };
  const seen = { names, madeUp: { name: 'nobody-1', lookup: late, ipv4: late }, ...more };
  return { containers, seen: [view(seen), view({ ...seen, container: 'p-api-2' })] };
};
const without = (network: Partial<NamesObservation['network']>): ServiceNames =>
  blind({ network: { ...view().network, ...network } });

const resolves: TargetsObligation = {
  ...must,
  targets: [{ service: 'db', networks: ['default'], names: [{ name: 'db', services: ['db'] }] }],
};
const hidden: TargetsObligation = {
  ...must,
  targets: [{ service: 'web', networks: [], names: [{ name: 'web', services: ['web'] }] }],
};
const endpoint = {
  ...must,
  endpoint: { variable: 'DB_HOST', host: 'db', written: 'db', port: 5432, service: 'db' },
};
const move = { ...must, service: 'db', network: 'default' };
const told = (held: boolean, ...addresses: string[]) => ({
  held,
  last: answer(...addresses),
  attempts: 1,
  elapsedMs: 1,
});

export const dnsRows: Rows = {
  'dns/endpoint-verdict.ts#endpointVerdict': {
    empty: () => endpointVerdict(endpoint, nothing),
    partial: () => endpointVerdict(endpoint, half),
    control: () => endpointVerdict(endpoint, blind({ connected: {} })),
  },
  'dns/endpoint-verdict.ts#hostsVerdict': {
    empty: () => hostsVerdict({ ...must, names: [] }, { containers: [], seen: [view()] }),
    partial: () => hostsVerdict({ ...must, names: ['db'] }, half),
    control: () => hostsVerdict({ ...must, names: ['db'] }, without({ hosts: '' })),
  },
  'dns/endpoint-verdict.ts#recreatedVerdict': {
    empty: () => recreatedVerdict(move, { before: '', after: ['10.0.0.9'], told: told(true, '10.0.0.9') }),
    partial: () => recreatedVerdict(move, { before: '10.0.0.7', after: [], told: told(true) }),
    control: () => recreatedVerdict(move, { before: '10.0.0.7', after: ['10.0.0.7'], told: told(true, '10.0.0.7') }),
  },
  'dns/verdicts.ts#resolvesVerdict': {
    empty: () => resolvesVerdict({ ...resolves, targets: [] }, { containers, seen: [view()] }),
    partial: () => resolvesVerdict(resolves, half),
    control: () => resolvesVerdict(resolves, blind()),
  },
  'dns/verdicts.ts#hiddenVerdict': {
    empty: () => hiddenVerdict(hidden, nothing),
    partial: () => hiddenVerdict(hidden, half),
    control: () => hiddenVerdict(hidden, blind()),
  },
  'dns/verdicts.ts#unknownVerdict': {
    empty: () => unknownVerdict('api', nothing),
    partial: () => unknownVerdict('api', half),
    control: () => unknownVerdict('api', blind()),
  },
  'dns/verdicts.ts#ipv6Verdict': {
    empty: () => ipv6Verdict('api', nothing),
    partial: () => ipv6Verdict('api', half),
    control: () => ipv6Verdict('api', blind()),
  },
  'dns/verdicts.ts#resolverVerdict': {
    empty: () => resolverVerdict('api', nothing),
    partial: () => resolverVerdict('api', half),
    control: () => resolverVerdict('api', without({ resolvConf: '' })),
  },
  'dns/verdicts.ts#searchDomainsVerdict': {
    empty: () => searchDomainsVerdict([]),
    partial: () => searchDomainsVerdict([half]),
    control: () => searchDomainsVerdict([without({ resolvConf: '' })]),
  },
};
