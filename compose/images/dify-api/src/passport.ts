import { createHmac, timingSafeEqual } from 'node:crypto';
import { unauthorized } from './http/errors.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Signs claims as a JSON web token with HS256, as Dify's PassportService does with SECRET_KEY. */
export function issueToken(claims: Claims, secret: string): string {
  const head = encode({ alg: 'HS256', typ: 'JWT' });
  const body = encode(claims);
  return `${head}.${body}.${signature(`${head}.${body}`, secret)}`;
}

/** The claims of a token. Throws the api's 401 when it is no token, is signed with another key or has expired. */
export function verifyToken(token: string, secret: string, nowMs = Date.now()): Claims {
  const [head, body, given, ...more] = token.split('.');
  if (!head || !body || !given || more.length > 0) throw unauthorized('Invalid token.');
  const header = decode(head);
  const claims = decode(body);
  if (!header || !claims || header['alg'] !== 'HS256') throw unauthorized('Invalid token.');
  const wanted = Buffer.from(signature(`${head}.${body}`, secret));
  const signed = Buffer.from(given);
  if (wanted.length !== signed.length || !timingSafeEqual(wanted, signed)) {
    throw unauthorized('Invalid token signature.');
  }
  const expires = claims['exp'];
  if (typeof expires === 'number' && expires * 1000 <= nowMs) throw unauthorized('Token has expired.');
  return claims;
}

function signature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

function encode(value: Claims): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Claims) : undefined;
  } catch {
    return undefined;
  }
}
