import { randomUUID } from 'node:crypto';
import { reason } from '../../../shared/src/log.ts';
import { json, jsonified } from '../http/answers.ts';
import { jsonBody, remoteAddress, requiredText, type JsonObject } from '../http/body.ts';
import { alreadySetup, apiError, initValidateFailed, invalidParam, notInitValidated } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import { hashPassword, isAcceptable } from '../passwords.ts';
import { makeTenantKeys } from '../tenant-keys.ts';
import type { Api } from './context.ts';
import { isValidated, validatedCookie } from './session-cookie.ts';

const nameCharacters = 30;
const initPasswordCharacters = 30;

/** The first steps at a new Dify: the password of the set-up (when there is one) and the set-up itself. */
export function setupRules(api: Api): Rule[] {
  const { accounts } = api.stores;
  const { fastOpenApi } = api.settings.traits;
  const said = fastOpenApi ? jsonified : json;
  return [
    {
      path: '/console/api/setup',
      blueprint: 'console',
      fastOpenApi,
      views: {
        GET: async () => {
          const setup = await accounts.findSetup();
          if (!setup) return said({ step: 'not_started', ...(fastOpenApi ? { setup_at: null } : {}) });
          return said({ step: 'finished', setup_at: setup.setupAt.toISOString().slice(0, 19) });
        },
        POST: async ({ request }) => {
          if (await accounts.findSetup()) throw alreadySetup;
          if ((await accounts.countTenants()) > 0) throw alreadySetup;
          if (api.settings.initPassword !== '' && !isValidated(request, api.settings.secretKey)) throw notInitValidated;
          await setUp(api, jsonBody(request), remoteAddress(request));
          return said({ result: 'success' }, 201);
        },
      },
    },
    {
      path: '/console/api/init',
      blueprint: 'console',
      fastOpenApi,
      views: {
        GET: async ({ request }) => {
          const open = api.settings.initPassword === '';
          const finished =
            open || isValidated(request, api.settings.secretKey) || (await accounts.findSetup()) !== null;
          const answer = said({ status: finished ? 'finished' : 'not_started' });
          return open ? answer : { ...answer, headers: { ...answer.headers, Vary: 'Cookie' } };
        },
        POST: async ({ request }) => {
          if ((await accounts.countTenants()) > 0) throw alreadySetup;
          const password = requiredText(jsonBody(request), 'password');
          // As the real one: a longer INIT_PASSWORD can be set, and is never taken.
          if (password.length > initPasswordCharacters) {
            throw invalidParam(
              'password',
              `Invalid argument: ${password}. argument cannot exceed length ${initPasswordCharacters}`,
            );
          }
          if (password !== api.settings.initPassword) throw initValidateFailed;
          const answer = said({ result: 'success' }, 201);
          const cookie = validatedCookie(api.settings.secretKey);
          return { ...answer, headers: { ...answer.headers, 'Set-Cookie': cookie, Vary: 'Cookie' } };
        },
      },
    },
  ];
}

async function setUp(api: Api, body: JsonObject, ip: string): Promise<void> {
  const email = requiredText(body, 'email');
  const name = requiredText(body, 'name');
  const password = requiredText(body, 'password');
  if (!/^[\w.!#$%&'*+/=?^_`{|}~-]+@([\w-]+\.)+[\w-]{2,}$/.test(email)) {
    throw invalidParam('email', `${email} is not a valid email.`);
  }
  if (name.length > nameCharacters) {
    throw invalidParam(
      'name',
      `Invalid text: ${name}. The length of the text must be less than ${nameCharacters} characters.`,
    );
  }
  if (!isAcceptable(password)) {
    throw invalidParam('password', 'Password must contain letters and numbers, and the length must be greater than 8.');
  }
  const tenantId = randomUUID();
  const tenantPublicKey = await makeTenantKeys(api.stores.files, tenantId).catch((error: unknown) => {
    throw apiError(400, 'invalid_param', `Setup failed: ${reason(error)}`);
  });
  const first = await api.stores.accounts.completeSetup({
    tenantId,
    tenantName: `${name}'s Workspace`,
    tenantPublicKey,
    email,
    name,
    ...(await hashPassword(password)),
    ip,
    version: api.settings.version,
  });
  if (!first) throw alreadySetup;
}
