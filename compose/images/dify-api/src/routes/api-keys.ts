import { randomInt } from 'node:crypto';
import { json } from '../http/answers.ts';
import { ApiError, apiError } from '../http/errors.ts';
import type { Matched, Rule } from '../http/flask.ts';
import type { App } from '../stores/stores.ts';
import type { ApiKey } from '../stores/workflow-stores.ts';
import { requireLogin, timestamp, type Api } from './context.ts';

const mostKeys = 10;
const tokenCharacters = 24;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** The keys with which an app is asked from outside. */
export function apiKeyRules(api: Api): Rule[] {
  const { keys } = api.stores;
  return [
    {
      path: '/console/api/apps/<uuid:app_id>/api-keys',
      blueprint: 'console',
      views: {
        GET: async (matched) => {
          const app = await requireOwnApp(api, matched);
          return json({ data: (await keys.list(app.id)).map(shown) });
        },
        POST: async (matched) => {
          const app = await requireOwnApp(api, matched);
          if ((await keys.list(app.id)).length >= mostKeys) {
            const message = `Cannot create more than ${mostKeys} API keys for this resource type.`;
            throw new ApiError(400, { code: 'max_keys_exceeded', message, status: 400 });
          }
          return json(shown(await keys.create(app.tenantId, app.id, newToken())), 201);
        },
      },
    },
  ];
}

async function requireOwnApp(api: Api, { request, params }: Matched): Promise<App> {
  const { tenant } = await requireLogin(api, request);
  const app = await api.stores.apps.find(tenant.id, params['app_id'] ?? '');
  if (!app) throw apiError(404, 'not_found', 'App not found.');
  return app;
}

function newToken(): string {
  return `app-${Array.from({ length: tokenCharacters }, () => letters[randomInt(letters.length)]).join('')}`;
}

function shown(key: ApiKey): Record<string, unknown> {
  return {
    id: key.id,
    type: key.type,
    token: key.token,
    last_used_at: key.lastUsedAt ? timestamp(key.lastUsedAt) : null,
    created_at: timestamp(key.createdAt),
  };
}
