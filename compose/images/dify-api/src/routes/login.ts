import type { HttpAnswer } from '../../../shared/src/http-message.ts';
import { json } from '../http/answers.ts';
import { jsonBody, remoteAddress, requiredText } from '../http/body.ts';
import { apiError, forbidden, NotKnown } from '../http/errors.ts';
import type { Matched, Rule } from '../http/flask.ts';
import { passwordMatches } from '../passwords.ts';
import type { Account } from '../stores/stores.ts';
import { closedSession, openedSession, refreshTokenOf } from './console-session.ts';
import { requireLogin, requireSetup, type Api } from './context.ts';

/** After this many wrong passwords an address has to wait. */
const mostFailures = 5;

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
          const password = passwordGiven(api, requiredText(body, 'password'));
          if ((await sessions.loginFailures(email)) > mostFailures) {
            const message = 'Too many incorrect password attempts. Please try again later.';
            throw apiError(429, 'email_code_login_limit', message);
          }
          const account = await authenticate(api, email, password);
          await accounts.recordLogin(account.id, remoteAddress(request));
          const opened = await openedSession(api, account.id);
          await sessions.clearLoginFailures(email);
          return opened;
        },
      },
    },
    {
      path: '/console/api/refresh-token',
      blueprint: 'console',
      views: {
        POST: async ({ request }) => {
          const { cookieSession } = api.settings.traits;
          const because = (why: string) => json({ result: 'fail', [cookieSession ? 'message' : 'data']: why }, 401);
          const given = cookieSession
            ? refreshTokenOf(request, api.settings)
            : requiredText(jsonBody(request), 'refresh_token');
          if (given === undefined) return because('No refresh token provided');
          const accountId = await sessions.findRefreshToken(given);
          if (accountId === null) return because('Invalid refresh token');
          await sessions.deleteRefreshToken(given, accountId);
          return openedSession(api, accountId);
        },
      },
    },
    {
      path: '/console/api/logout',
      blueprint: 'console',
      views: api.settings.traits.cookieSession ? { POST: logOut } : { GET: logOut },
    },
  ];

  async function logOut({ request }: Matched): Promise<HttpAnswer> {
    const { account } = await requireLogin(api, request, { fromOwnPage: false });
    await sessions.logOut(account.id);
    return api.settings.traits.cookieSession ? closedSession(api.settings) : json({ result: 'success' });
  }
}

/** The password as it was typed. Throws the api's 401 for what cannot be one as this release sends it. */
function passwordGiven({ settings }: Api, given: string): string {
  if (!settings.traits.encodedPassword) return given;
  // Python leaves out what is not of the alphabet, and wants the rest to be whole.
  const letters = given.replace(/[^A-Za-z0-9+/=]/g, '');
  try {
    if (letters.length % 4 !== 0) throw new Error('incorrect padding');
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(letters, 'base64'));
  } catch {
    throw authenticationFailed('Invalid encrypted data');
  }
}

const authenticationFailed = (message = 'Invalid email or password.') =>
  apiError(401, 'authentication_failed', message);

async function authenticate(api: Api, email: string, password: string): Promise<Account> {
  const account = await api.stores.accounts.findByEmail(email);
  const { traits } = api.settings;
  if (!account && traits.hidesUnknownAccounts) {
    await api.stores.sessions.addLoginFailure(email);
    throw authenticationFailed();
  }
  // The real one mails whoever may register then.
  if (!account && api.settings.allowRegister) throw new NotKnown('ALLOW_REGISTER=true');
  if (!account) throw apiError(400, 'account_not_found', 'Account not found.');
  if (account.status === 'banned') throw apiError(400, 'account_banned', 'Account is banned.');
  const { password: kept, passwordSalt } = account;
  if (!kept || !passwordSalt || !(await passwordMatches(password, { password: kept, passwordSalt }))) {
    await api.stores.sessions.addLoginFailure(email);
    throw traits.loginRefusedAs401
      ? authenticationFailed()
      : apiError(400, 'email_or_password_mismatch', 'The email or password is mismatched.');
  }
  return account;
}
