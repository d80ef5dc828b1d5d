import type { HttpRequest } from '../../../shared/src/http-message.ts';
import { notInitValidated, notSetup, unauthorized } from '../http/errors.ts';
import { verifyToken } from '../passport.ts';
import { accessTokenOf, requireOwnPage } from './console-session.ts';
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

/** Who is signed in, by the token of the Authorization header or of a cookie. Throws the api's 401 for anybody else. */
export async function requireLogin(
  api: Api,
  request: HttpRequest,
  { fromOwnPage = true }: { fromOwnPage?: boolean } = {},
): Promise<SignedIn> {
  await requireSetup(api);
  const claims = verifyToken(accessTokenOf(request, api.settings), api.settings.secretKey);
  const userId = claims['user_id'];
  if (typeof userId !== 'string' || claims['token_source'] !== undefined) {
    throw unauthorized('Invalid Authorization token.');
  }
  const account = await api.stores.accounts.findById(userId);
  if (!account) throw unauthorized('Unauthorized.');
  if (account.status === 'banned') throw unauthorized('Account is banned.');
  if (fromOwnPage) requireOwnPage(request, api.settings, account.id);
  const tenant = await api.stores.accounts.currentTenant(account.id);
  if (!tenant) throw unauthorized('Unauthorized.');
  return { account, tenant };
}

/** Seconds since 1970, as Dify's timestamps are. */
export function timestamp(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
