import { handshakeVerdict, listensVerdict, protocolsVerdict } from '../../../../fixtures/checks/tls/verdicts.ts';
import { listenerCheck, nothingSeen, offering, unreached } from '../tls/samples.ts';
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
  'tls/verdicts.ts#protocolsVerdict': {
    empty: () => protocolsVerdict(listenerCheck(), nothingSeen),
    partial: () => protocolsVerdict(listenerCheck(), offering(['TLSv1.3'], { tried: ['TLSv1.3'] })),
    control: () => protocolsVerdict(listenerCheck(), offering(['TLSv1.3'], { able: ['TLSv1.3'] })),
  },
};
