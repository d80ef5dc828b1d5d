import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

/** How a client wants its way to a store: in the clear, or by TLS that verifies as the real client's does. */
export interface TlsSettings {
  /** Whether the server's certificate has to be signed by somebody who is believed. */
  verify: boolean;
  /** Whether it has to be for the name that was asked for. */
  verifyName: boolean;
  /** File of those who are believed; null: the system's list. */
  authorities: string | null;
  servername: string;
}

/** The options of Node's client. Throws, as OpenSSL does, when a file of authorities that is named cannot be read. */
export function tlsOptions({ verify, verifyName, authorities, servername }: TlsSettings): ConnectionOptions {
  const name = /^[\d.]+$|:/.test(servername) ? {} : { servername };
  if (!verify) return { ...name, rejectUnauthorized: false };
  const file = authorities ?? process.env['SSL_CERT_FILE'] ?? '';
  return {
    ...name,
    rejectUnauthorized: true,
    ...(file === '' ? {} : { ca: readFileSync(file, 'utf8') }),
    ...(verifyName ? {} : { checkServerIdentity: () => undefined }),
  };
}
