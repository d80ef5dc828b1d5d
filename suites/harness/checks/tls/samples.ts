import type { Handshake, Protocol } from '../../../../fixtures/checks/tls/handshake.ts';
import type { Http2Seen } from '../../../../fixtures/checks/tls/http2.ts';
import type { Http2Check, Listener, ListenerCheck } from '../../../../fixtures/checks/tls/obligations.ts';
import type { PlainCheck } from '../../../../fixtures/checks/tls/plain.ts';
import type { PlainAnswer } from '../../../../fixtures/checks/tls/plain-verdict.ts';
import type { RenewalCheck } from '../../../../fixtures/checks/tls/renewal.ts';
import type { RenewalSeen } from '../../../../fixtures/checks/tls/renewal-verdict.ts';
import type { ServedCheck } from '../../../../fixtures/checks/tls/served.ts';
import { fileKey, servedKey, type ServedSeen } from '../../../../fixtures/checks/tls/served-verdict.ts';
import type { ListenerSeen, TlsObservation } from '../../../../fixtures/checks/tls/observe.ts';

export const KEY = 'nginx:443';

export const listenerOf = (more: Partial<Listener> = {}): Listener => ({
  entry: { nginx: 'nginx', port: 443, tls: true, published: true, outside: '443', host: null },
  name: 'dify.example.org',
  isMet: true,
  protocols: null,
  certificates: [{ file: '/etc/ssl/own.crt', where: 'https.conf.template:2' }],
  http2: null,
  where: 'nginx/conf.d/default.conf.template:3',
  ...more,
});

export const listenerCheck = (more: Partial<Listener> = {}): ListenerCheck => ({
  id: `tls/${KEY}/handshake`,
  title: '',
  level: 'must',
  listener: listenerOf(more),
});

export const http2Check: Http2Check = {
  ...listenerCheck(),
  level: 'advice',
  configured: 'nginx/https.conf.template:2',
};

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
  {
    able = ALL,
    tried = ALL,
    http2 = { application: 'http/1.1', status: null, error: null },
  }: { able?: Protocol[]; tried?: Protocol[]; http2?: Http2Seen } = {},
): TlsObservation => {
  const each = (protocol: Protocol): Handshake =>
    'outcome' in offered ? offered : offered.includes(protocol) ? made(protocol) : refused;
  const best = 'outcome' in offered ? offered : offered.length > 0 ? made(offered.at(-1) ?? '') : refused;
  const seen: ListenerSeen = {
    http2,
    today: best,
    versions: tried.map((protocol) => ({ protocol, seen: each(protocol) })),
  };
  return { able, seen: new Map([[KEY, seen]]) };
};

export const nothingSeen: TlsObservation = { able: ALL, seen: new Map() };

export const plainCheck = (more: Partial<PlainCheck> = {}): PlainCheck => ({
  id: 'tls/nginx:80/http',
  title: '',
  level: 'must',
  entry: { nginx: 'nginx', port: 80, tls: false, published: true, outside: '80', host: null },
  name: 'dify.example.org',
  outside: '80',
  redirects: null,
  tlsPorts: ['443'],
  targets: ['/', '/signin?verify=1', '/v1/a%20b?x=1', '/e/x'],
  byTls: listenerOf().entry,
  ...more,
});

/** What each target of a check is answered with, as far as `count` of them were asked. */
export const plainAnswers = (
  check: PlainCheck,
  answer: (target: string) => Partial<PlainAnswer['answer']>,
  count = check.targets.length,
  next: (target: string) => PlainAnswer['next'] = () => ({ status: 200, headers: {}, error: null }),
): Map<string, PlainAnswer[]> =>
  new Map([
    [
      check.id,
      check.targets.slice(0, count).map((target) => ({
        target,
        host: check.name,
        answer: { status: 200, headers: {}, error: null, ...answer(target) },
        next: next(target),
      })),
    ],
  ]);

export const servedCheck = (more: Partial<ServedCheck> = {}): ServedCheck => ({
  ...listenerCheck(),
  id: `tls/${KEY}/certificate`,
  others: [{ file: '/etc/ssl/other.crt', where: 'conf.d/00-old.conf:3' }],
  ...more,
});

/** What was served, and what lies in the files; null: it could not be read. */
export const servedOf = (
  seen: Partial<Handshake> | null = null,
  files: Record<string, string | null> = {},
): ServedSeen => ({
  served: new Map(seen === null ? [] : [[servedKey(listenerOf()), { ...made('TLSv1.3'), ...seen }]]),
  files: new Map(
    Object.entries(files).map(([file, certificate]) => [
      fileKey('nginx', file),
      { certificate, problem: certificate === null ? 'Permission denied' : null },
    ]),
  ),
});

export const renewalCheck = (more: Partial<RenewalCheck> = {}): RenewalCheck => ({
  id: 'tls/nginx/renewal',
  title: '',
  level: 'must',
  nginx: 'nginx',
  certbots: ['certbot'],
  entry: plainCheck().entry,
  byTls: listenerOf().entry,
  webroot: '/var/www/html',
  lay: { service: 'nginx', folder: '/var/www/html' },
  shut: null,
  apart: null,
  takenAt: 'default.conf:9',
  ...more,
});

/** What the file of the token brought. */
export const renewalOf = (
  answers: Partial<RenewalSeen['answers'][number]>[],
  unplaced: string | null = null,
): Map<string, RenewalSeen> =>
  new Map([
    [
      'tls/nginx/renewal',
      {
        token: 't',
        unplaced,
        answers: answers.map((one) => ({ status: 200, location: null, isToken: false, error: null, ...one })),
      },
    ],
  ]);
