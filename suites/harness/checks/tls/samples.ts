import type { Handshake, Protocol } from '../../../../fixtures/checks/tls/handshake.ts';
import type { Listener, ListenerCheck } from '../../../../fixtures/checks/tls/obligations.ts';
import type { ListenerSeen, TlsObservation } from '../../../../fixtures/checks/tls/observe.ts';

export const KEY = 'nginx:443';

export const listenerOf = (more: Partial<Listener> = {}): Listener => ({
  entry: { nginx: 'nginx', port: 443, tls: true, published: true, outside: '443', host: null },
  name: 'dify.example.org',
  protocols: null,
  where: 'nginx/conf.d/default.conf.template:3',
  ...more,
});

export const listenerCheck = (more: Partial<Listener> = {}): ListenerCheck => ({
  id: `tls/${KEY}/handshake`,
  title: '',
  level: 'must',
  listener: listenerOf(more),
});

export const made = (protocol: string): Handshake => ({
  outcome: 'made',
  protocol,
  application: 'http/1.1',
  chain: [],
  error: null,
});
export const refused: Handshake = { ...made(''), outcome: 'refused', protocol: null, error: 'ECONNRESET' };
export const unreached: Handshake = { ...refused, outcome: 'unreached', error: 'ECONNREFUSED' };

const ALL: Protocol[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

/** What is seen of a server that offers these versions; a word in place of them is what each attempt brings. */
export const offering = (
  offered: readonly Protocol[] | Handshake,
  { able = ALL, tried = ALL }: { able?: Protocol[]; tried?: Protocol[] } = {},
): TlsObservation => {
  const each = (protocol: Protocol): Handshake =>
    'outcome' in offered ? offered : offered.includes(protocol) ? made(protocol) : refused;
  const best = 'outcome' in offered ? offered : offered.length > 0 ? made(offered.at(-1) ?? '') : refused;
  const seen: ListenerSeen = { today: best, versions: tried.map((protocol) => ({ protocol, seen: each(protocol) })) };
  return { able, seen: new Map([[KEY, seen]]) };
};

export const nothingSeen: TlsObservation = { able: ALL, seen: new Map() };
