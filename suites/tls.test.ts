import { describe, inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { handshakesSeen } from '../fixtures/checks/tls/observe.ts';
import { handshakeVerdict, listensVerdict, protocolsVerdict } from '../fixtures/checks/tls/verdicts.ts';

/** What clients meet that come by HTTPS. Without HTTPS in the directory (and without --tls) there is nothing to check. */
const { tls } = inject('run').contract;

describe('clients of today get a handshake, and no older ones', () => {
  checks(tls.listens, listensVerdict);
  checks(tls.handshakes, async (owed, { stack }) => handshakeVerdict(owed, await handshakesSeen(stack)));
  checks(tls.protocols, async (owed, { stack }) => protocolsVerdict(owed, await handshakesSeen(stack)));
});
