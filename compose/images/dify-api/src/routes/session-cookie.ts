import { createHmac, timingSafeEqual } from 'node:crypto';
import { header, type HttpRequest } from '../../../shared/src/http-message.ts';

/**
 * Flask's signed session cookie, for the one thing that Dify keeps there: that the set-up's password was given. Whoever
 * looks at the session makes the answer depend on the cookie (`Vary: Cookie`).
 */
const value = Buffer.from(JSON.stringify({ is_init_validated: true })).toString('base64url');

/** The Set-Cookie header that says so. */
export function validatedCookie(secret: string): string {
  return `session=${value}.${signature(secret)}; HttpOnly; Path=/`;
}

/** Whether the request carries that cookie, signed with this secret. */
export function isValidated(request: HttpRequest, secret: string): boolean {
  const given = /(?:^|;\s*)session=([^;]+)/.exec(header(request, 'Cookie') ?? '')?.[1] ?? '';
  const wanted = Buffer.from(`${value}.${signature(secret)}`);
  const found = Buffer.from(given);
  return found.length === wanted.length && timingSafeEqual(found, wanted);
}

function signature(secret: string): string {
  return createHmac('sha1', secret).update(`cookie-session:${value}`).digest('base64url');
}
