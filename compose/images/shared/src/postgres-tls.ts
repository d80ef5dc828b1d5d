import net from 'node:net';
import { text, type Environment } from './environment.ts';
import type { TlsSettings } from './tls.ts';

/** `prefer`: by TLS where the server speaks it. */
export type DatabaseTls = 'off' | 'prefer' | TlsSettings;

/** Where libpq looks when no file is named. */
const libpqAuthorities = '/root/.postgresql/root.crt';

/** As libpq reads it: DB_EXTRAS of the connection string, then its own variables; `prefer` is its default. */
export function libpqTls(env: Environment, servername: string): DatabaseTls {
  const extras = new URLSearchParams(text(env, 'DB_EXTRAS'));
  const authorities = extras.get('sslrootcert') ?? (text(env, 'PGSSLROOTCERT') || null);
  const mode = extras.get('sslmode') ?? text(env, 'PGSSLMODE', 'prefer');
  const file = authorities === 'system' ? null : (authorities ?? libpqAuthorities);
  return tlsOf(mode, { authorities: mode === 'require' ? authorities : file, named: authorities !== null, servername });
}

/** The plugin daemon's DB_SSL_MODE, which pgx reads as libpq would, but for Go's own list where no file is named. */
export function pgxTls(env: Environment, servername: string): DatabaseTls {
  const authorities = text(env, 'PGSSLROOTCERT') || null;
  return tlsOf(text(env, 'DB_SSL_MODE', 'disable'), { authorities, named: authorities !== null, servername });
}

interface Asked {
  authorities: string | null;
  /** A file is named: `require` verifies by it, too. */
  named: boolean;
  servername: string;
}

function tlsOf(mode: string, { authorities, named, servername }: Asked): DatabaseTls {
  switch (mode) {
    case 'disable':
      return 'off';
    case 'allow':
    case 'prefer':
      return 'prefer';
    case 'require':
      return { verify: named, verifyName: false, authorities, servername };
    case 'verify-ca':
    case 'verify-full':
      return { verify: true, verifyName: mode === 'verify-full', authorities, servername };
    default:
      throw new Error(`invalid sslmode value: "${mode}"`);
  }
}

const sslRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const answerWithinMs = 5000;

/** Whether a server speaks TLS, by the protocol's own question (PostgreSQL's manual, 53.2.10); null: it did not say. */
export function speaksTls(host: string, port: number): Promise<boolean | null> {
  return new Promise((resolve) => {
    const socket = net.connect(port, host, () => socket.write(sslRequest));
    const done = (speaks: boolean | null) => {
      socket.destroy();
      resolve(speaks);
    };
    socket.setTimeout(answerWithinMs, () => done(null));
    socket.once('data', (answer) => done(answer[0] === 0x53));
    socket.once('error', () => done(null));
    socket.once('close', () => done(null));
  });
}
