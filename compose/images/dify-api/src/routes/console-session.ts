import { randomBytes } from 'node:crypto';
import { header, type HttpAnswer, type HttpRequest } from '../../../shared/src/http-message.ts';
import { json, jsonified } from '../http/answers.ts';
import { unauthorized } from '../http/errors.ts';
import { issueToken, verifyToken } from '../passport.ts';
import type { Settings } from '../settings.ts';
import type { Stores } from '../stores/stores.ts';

/** The cookies of a console's session (from 1.9.2 on), and whether a page's script may read them. */
const COOKIES = { access_token: 'HttpOnly', refresh_token: 'HttpOnly', csrf_token: '' } as const;
type CookieName = keyof typeof COOKIES;

/** Sent by beacon, which can have no header of its own; the start of the path is enough. */
const WITHOUT_CSRF = /^\/console\/api\/apps\/[a-f0-9-]+\/workflows\/draft/;

/** Opens a session of an account: its tokens in the body, or in cookies, as the release has it. */
export async function openedSession(
  { settings, stores }: { settings: Settings; stores: Pick<Stores, 'sessions'> },
  accountId: string,
): Promise<HttpAnswer> {
  const { accessTokenMinutes, refreshTokenDays, secretKey, traits } = settings;
  const exp = Math.floor(Date.now() / 1000) + accessTokenMinutes * 60;
  const claims = { user_id: accountId, exp, iss: 'SELF_HOSTED', sub: 'Console API Passport' };
  const access = issueToken(claims, secretKey);
  const refresh = randomBytes(64).toString('hex');
  await stores.sessions.saveRefreshToken(refresh, accountId, refreshTokenDays);
  if (!traits.cookieSession) {
    return json({ result: 'success', data: { access_token: access, refresh_token: refresh } });
  }
  const minutes = accessTokenMinutes * 60;
  return {
    ...jsonified({ result: 'success' }),
    cookies: [
      cookie(settings, 'access_token', access, minutes),
      cookie(settings, 'refresh_token', refresh, refreshTokenDays * 24 * 3600),
      cookie(settings, 'csrf_token', issueToken({ exp, sub: accountId }, secretKey), minutes),
    ],
  };
}

/** The answer that ends a session in cookies. */
export function closedSession(settings: Settings): HttpAnswer {
  const names: CookieName[] = ['access_token', 'refresh_token', 'csrf_token'];
  return { ...jsonified({ result: 'success' }), cookies: names.map((name) => cookie(settings, name, '', 0)) };
}

/** The access token that a request carries. Throws the api's 401 where there is none. */
export function accessTokenOf(request: HttpRequest, settings: Settings): string {
  const token = settings.traits.cookieSession
    ? (cookieOf(request, settings, 'access_token') ?? bearerOf(request))
    : tokenOfHeader(request);
  if (!token) throw unauthorized('Invalid Authorization token.');
  return token;
}

/** The refresh token that a request's cookies carry. */
export function refreshTokenOf(request: HttpRequest, settings: Settings): string | undefined {
  return cookieOf(request, settings, 'refresh_token');
}

/**
 * From 1.9.2 on, whoever is signed in has to say the token of a cookie in a header, too, which no page of others can. Throws
 * the api's 401 otherwise.
 */
export function requireOwnPage(request: HttpRequest, settings: Settings, accountId: string): void {
  if (!settings.traits.cookieSession || WITHOUT_CSRF.test(request.path)) return;
  const said = header(request, 'X-CSRF-Token');
  const refused = unauthorized('CSRF token is missing or invalid.');
  if (!said || said !== cookieOf(request, settings, 'csrf_token')) throw refused;
  let claims;
  try {
    claims = verifyToken(said, settings.secretKey);
  } catch {
    throw refused;
  }
  if (claims['sub'] !== accountId || typeof claims['exp'] !== 'number') throw refused;
}

/** Before 1.9.2: an Authorization header, else a `_token` in the query. */
function tokenOfHeader(request: HttpRequest): string | null {
  if (!header(request, 'Authorization')) return new URLSearchParams(request.query).get('_token');
  const token = bearerOf(request);
  if (token === undefined) {
    throw unauthorized("Invalid Authorization header format. Expected 'Bearer <api-key>' format.");
  }
  return token;
}

function bearerOf(request: HttpRequest): string | undefined {
  const [scheme, token] = (header(request, 'Authorization') ?? '').split(/\s+/, 2);
  return scheme?.toLowerCase() === 'bearer' && token ? token : undefined;
}

function cookieOf(request: HttpRequest, settings: Settings, name: CookieName): string | undefined {
  const pairs = (header(request, 'Cookie') ?? '').split(/;\s*/);
  const found = pairs.find((pair) => pair.startsWith(`${nameOf(settings, name)}=`));
  return found?.slice(found.indexOf('=') + 1) || undefined;
}

/** As Werkzeug writes it. */
function cookie(settings: Settings, name: CookieName, value: string, seconds: number): string {
  const { traits, cookieDomain, secureCookies } = settings;
  const expires = seconds === 0 ? new Date(0) : new Date(Date.now() + seconds * 1000);
  return [
    `${nameOf(settings, name)}=${value}`,
    ...(traits.cookieDomain && cookieDomain !== '' ? [`Domain=${cookieDomain}`] : []),
    `Expires=${expires.toUTCString()}`,
    ...(seconds === 0 ? [] : [`Max-Age=${seconds}`]),
    ...(secureCookies ? ['Secure'] : []),
    ...(COOKIES[name] === '' ? [] : [COOKIES[name]]),
    'Path=/',
    'SameSite=Lax',
  ].join('; ');
}

/** Behind HTTPS the cookies are of this very host, unless they are to be of a whole domain. */
function nameOf({ secureCookies, cookieDomain, traits }: Settings, name: CookieName): string {
  return secureCookies && !(traits.cookieDomain && cookieDomain !== '') ? `__Host-${name}` : name;
}
