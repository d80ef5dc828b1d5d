import { randomBytes } from 'node:crypto';
import { json } from '../http/answers.ts';
import { jsonBody, remoteAddress, requiredText } from '../http/body.ts';
import { apiError, forbidden, NotKnown } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import { issueToken } from '../passport.ts';
import { passwordMatches } from '../passwords.ts';
import type { Account } from '../stores/stores.ts';
import { requireLogin, requireSetup, type Api } from './context.ts';

/** After this many wrong passwords an address has to wait. */
const mostFailures = 5;

interface TokenPair {
  access_token: string;
  refresh_token: string;
}

/** Signing in, staying signed in and signing out at the console. */
export function loginRules(api: Api): Rule[] {
  const { accounts, sessions } = api.stores;
  return [
    {
      path: '/console/api/login',
      blueprint: 'console',
      views: {
        POST: async ({ request }) => {
          await requireSetup(api);
          if (!api.settings.passwordLogin) throw forbidden;
          const body = jsonBody(request);
          const email = requiredText(body, 'email');
          const password = requiredText(body, 'password');
          if ((await sessions.loginFailures(email)) > mostFailures) {
            const message = 'Too many incorrect password attempts. Please try again later.';
            throw apiError(429, 'email_code_login_limit', message);
          }
          const account = await authenticate(api, email, password);
          await accounts.recordLogin(account.id, remoteAddress(request));
          const data = await tokenPair(api, account.id);
          await sessions.clearLoginFailures(email);
          return json({ result: 'success', data });
        },
      },
    },
    {
      path: '/console/api/refresh-token',
      blueprint: 'console',
      views: {
        POST: async ({ request }) => {
          const given = requiredText(jsonBody(request), 'refresh_token');
          const accountId = await sessions.findRefreshToken(given);
          if (accountId === null) return json({ result: 'fail', data: 'Invalid refresh token' }, 401);
          await sessions.deleteRefreshToken(given, accountId);
          return json({ result: 'success', data: await tokenPair(api, accountId) });
        },
      },
    },
    {
      path: '/console/api/logout',
      blueprint: 'console',
      views: {
        GET: async ({ request }) => {
          const { account } = await requireLogin(api, request);
          await sessions.logOut(account.id);
          return json({ result: 'success' });
        },
      },
    },
  ];
}

async function authenticate(api: Api, email: string, password: string): Promise<Account> {
  const account = await api.stores.accounts.findByEmail(email);
  // The real one mails whoever may register then.
  if (!account && api.settings.allowRegister) throw new NotKnown('ALLOW_REGISTER=true');
  if (!account) throw apiError(400, 'account_not_found', 'Account not found.');
  if (account.status === 'banned') throw apiError(400, 'account_banned', 'Account is banned.');
  const { password: kept, passwordSalt } = account;
  if (!kept || !passwordSalt || !(await passwordMatches(password, { password: kept, passwordSalt }))) {
    await api.stores.sessions.addLoginFailure(email);
    throw apiError(400, 'email_or_password_mismatch', 'The email or password is mismatched.');
  }
  return account;
}

async function tokenPair(api: Api, accountId: string): Promise<TokenPair> {
  const { accessTokenMinutes, refreshTokenDays, secretKey } = api.settings;
  const expires = Math.floor(Date.now() / 1000) + accessTokenMinutes * 60;
  const claims = { user_id: accountId, exp: expires, iss: 'SELF_HOSTED', sub: 'Console API Passport' };
  const refreshToken = randomBytes(64).toString('hex');
  await api.stores.sessions.saveRefreshToken(refreshToken, accountId, refreshTokenDays);
  return { access_token: issueToken(claims, secretKey), refresh_token: refreshToken };
}
