import { header, type HttpRequest } from '../../../shared/src/http-message.ts';
import { notInitValidated, notSetup, unauthorized } from '../http/errors.ts';
import { verifyToken } from '../passport.ts';
import type { Settings } from '../settings.ts';
import type { Account, Stores, Tenant } from '../stores/stores.ts';

/** What the routes work with. */
export interface Api {
  settings: Settings;
  stores: Stores;
}

/** Somebody who is signed in at the console, and the tenant that they work in. */
export interface SignedIn {
  account: Account;
  tenant: Tenant;
}

/** Throws the api's 401 as long as nobody has set Dify up. Rejects when the database cannot be asked. */
export async function requireSetup(api: Api): Promise<void> {
  if (await api.stores.accounts.findSetup()) return;
  throw api.settings.initPassword === '' ? notSetup : notInitValidated;
}

/** Who is signed in, by the token of the Authorization header. Throws the api's 401 for anybody else. */
export async function requireLogin(api: Api, request: HttpRequest): Promise<SignedIn> {
  await requireSetup(api);
  const claims = verifyToken(consoleToken(request), api.settings.secretKey);
  const userId = claims['user_id'];
  if (typeof userId !== 'string' || claims['token_source'] !== undefined) {
    throw unauthorized('Invalid Authorization token.');
  }
  const account = await api.stores.accounts.findById(userId);
  if (!account) throw unauthorized('Unauthorized.');
  if (account.status === 'banned') throw unauthorized('Account is banned.');
  const tenant = await api.stores.accounts.currentTenant(account.id);
  if (!tenant) throw unauthorized('Unauthorized.');
  return { account, tenant };
}

function consoleToken(request: HttpRequest): string {
  const authorization = header(request, 'Authorization');
  if (!authorization) {
    const token = new URLSearchParams(request.query).get('_token');
    if (token === null || token === '') throw unauthorized('Invalid Authorization token.');
    return token;
  }
  const [scheme, token] = authorization.split(/\s+/, 2);
  if (scheme?.toLowerCase() !== 'bearer' || !token) {
    throw unauthorized("Invalid Authorization header format. Expected 'Bearer <api-key>' format.");
  }
  return token;
}

/** Seconds since 1970, as Dify's timestamps are. */
export function timestamp(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
