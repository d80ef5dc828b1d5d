import { describe, inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { atMirror, hookVerdict, streamVerdict, upgradeVerdict } from '../fixtures/checks/routes/mirror-verdicts.ts';
import { belowVerdict } from '../fixtures/checks/routes/wide-verdicts.ts';
import { handshakesSeen, mirrorByTls } from '../fixtures/checks/tls/observe.ts';
import { plainSeen } from '../fixtures/checks/tls/plain-observe.ts';
import { plainVerdict } from '../fixtures/checks/tls/plain-verdict.ts';
import { renewalSeen } from '../fixtures/checks/tls/renewal-observe.ts';
import { renewalVerdict } from '../fixtures/checks/tls/renewal-verdict.ts';
import { servedSeen } from '../fixtures/checks/tls/served-observe.ts';
import { servedVerdict } from '../fixtures/checks/tls/served-verdict.ts';
import {
  handshakeVerdict,
  http2Verdict,
  listensVerdict,
  protocolsVerdict,
  schemeByTlsVerdict,
} from '../fixtures/checks/tls/verdicts.ts';

/** What clients meet that come by HTTPS. Without HTTPS in the directory (and without --tls) there is nothing to check. */
const { tls } = inject('run').contract;

describe('clients of today get a handshake, and no older ones', () => {
  checks(tls.listens, listensVerdict);
  checks(tls.handshakes, async (owed, { stack }) => handshakeVerdict(owed, await handshakesSeen(stack)));
  checks(tls.certificates, async (owed, { stack }) => servedVerdict(owed, await servedSeen(stack)));
  checks(tls.protocols, async (owed, { stack }) => protocolsVerdict(owed, await handshakesSeen(stack)));
  checks(tls.http2, async (owed, { stack }) => http2Verdict(owed, await handshakesSeen(stack)));
});

describe('plain HTTP is as configured', () => {
  checks(tls.plain, async (owed, { stack }) => plainVerdict(owed, await plainSeen(stack)));
});

describe('certificates are renewed', () => {
  checks(tls.renewals, async (owed, { stack }) => renewalVerdict(owed, await renewalSeen(stack)));
});

describe('what comes by TLS arrives as such', () => {
  checks(tls.schemes, async (owed, { stack }) =>
    atMirror(owed, await mirrorByTls(stack), (seen) => schemeByTlsVerdict(owed.location, seen)),
  );
  checks(tls.hooks, async (owed, { stack }) =>
    atMirror(owed, await mirrorByTls(stack), (seen) => hookVerdict(owed.location, seen)),
  );
  checks(tls.streams, async (owed, { stack }) =>
    atMirror(owed, await mirrorByTls(stack), (seen) => streamVerdict(owed.location, seen)),
  );
  checks(tls.upgrades, async (owed, { stack }) =>
    atMirror(owed, await mirrorByTls(stack), (seen) => upgradeVerdict(owed.location, seen)),
  );
  checks(tls.uploads, async (owed, { stack }) =>
    atMirror(owed, await mirrorByTls(stack), (seen) => belowVerdict(owed.location, seen)),
  );
});
