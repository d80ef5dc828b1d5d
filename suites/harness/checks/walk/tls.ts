import { plainVerdict } from '../../../../fixtures/checks/tls/plain-verdict.ts';
import { renewalVerdict } from '../../../../fixtures/checks/tls/renewal-verdict.ts';
import { servedVerdict } from '../../../../fixtures/checks/tls/served-verdict.ts';
import {
  handshakeVerdict,
  http2Verdict,
  listensVerdict,
  protocolsVerdict,
  schemeByTlsVerdict,
} from '../../../../fixtures/checks/tls/verdicts.ts';
import { LOCATION as location } from '../routes/samples.ts';
import {
  http2Check,
  listenerCheck,
  nothingSeen,
  offering,
  plainAnswers,
  plainCheck,
  renewalCheck,
  renewalOf,
  servedCheck,
  servedOf,
  unreached,
} from '../tls/samples.ts';
import { arrived, through } from './routes.ts';
import type { Rows } from './row.ts';

const listens = {
  id: 'tls/nginx/listens',
  title: '',
  level: 'must',
  nginx: 'nginx',
  listeners: 0,
  published: 0,
  problem: null,
} as const;

const http2 = { application: null, status: null, error: 'ECONNRESET' };
const withoutHeaders = { ...arrived, echoed: arrived.echoed && { ...arrived.echoed, headers: {} } };

/** Empty: nothing was tried. Partial: some versions were not tried, or nobody was there. Control: no client speaks the version. */
export const tlsRows: Rows = {
  'tls/verdicts.ts#listensVerdict': {
    empty: () => listensVerdict(listens),
    partial: () => listensVerdict({ ...listens, listeners: 1 }),
    control: () => listensVerdict({ ...listens, listeners: 1, published: 1, problem: 'not read' }),
  },
  'tls/verdicts.ts#handshakeVerdict': {
    empty: () => handshakeVerdict(listenerCheck(), nothingSeen),
    partial: () => handshakeVerdict(listenerCheck(), offering(unreached)),
    control: null,
  },
  'tls/served-verdict.ts#servedVerdict': {
    empty: () => servedVerdict(servedCheck(), servedOf()),
    partial: () => servedVerdict(servedCheck(), servedOf({ chain: ['own'] })),
    control: () => servedVerdict(servedCheck(), servedOf({ chain: ['own'] }, { '/etc/ssl/own.crt': null })),
  },
  'tls/verdicts.ts#http2Verdict': {
    empty: () => http2Verdict(http2Check, nothingSeen),
    partial: () => http2Verdict(http2Check, offering(['TLSv1.3'], { http2: { ...http2, application: 'h2' } })),
    control: () => http2Verdict(http2Check, offering(['TLSv1.3'], { http2 })),
  },
  'tls/verdicts.ts#schemeByTlsVerdict': {
    empty: () => schemeByTlsVerdict(location, through()),
    partial: () => schemeByTlsVerdict(location, through({ plain: withoutHeaders })),
    control: null,
  },
  'tls/renewal-verdict.ts#renewalVerdict': {
    empty: () => renewalVerdict(renewalCheck(), new Map()),
    partial: () => renewalVerdict(renewalCheck(), renewalOf([])),
    control: () => renewalVerdict(renewalCheck(), renewalOf([], 'read-only file system')),
  },
  'tls/plain-verdict.ts#plainVerdict': {
    empty: () => plainVerdict(plainCheck(), new Map()),
    partial: () =>
      plainVerdict(
        plainCheck(),
        plainAnswers(plainCheck(), () => ({}), 2),
      ),
    control: null,
  },
  'tls/verdicts.ts#protocolsVerdict': {
    empty: () => protocolsVerdict(listenerCheck(), nothingSeen),
    partial: () => protocolsVerdict(listenerCheck(), offering(['TLSv1.3'], { tried: ['TLSv1.3'] })),
    control: () => protocolsVerdict(listenerCheck(), offering(['TLSv1.3'], { able: ['TLSv1.3'] })),
  },
};
