import type { HttpAnswer } from '../../../shared/src/http-message.ts';
import { json } from '../http/answers.ts';
import type { Matched, Rule } from '../http/flask.ts';
import { requireLogin, timestamp, type Api } from './context.ts';

/** Who one is at the console, and where. */
export function workspaceRules(api: Api): Rule[] {
  return [
    {
      path: '/console/api/account/profile',
      blueprint: 'console',
      views: {
        GET: async ({ request }) => {
          const { account } = await requireLogin(api, request);
          return json({
            id: account.id,
            name: account.name,
            avatar: account.avatar,
            avatar_url: null,
            email: account.email,
            is_password_set: account.password !== null,
            interface_language: account.interfaceLanguage,
            interface_theme: account.interfaceTheme,
            timezone: account.timezone,
            last_login_at: account.lastLoginAt ? timestamp(account.lastLoginAt) : null,
            last_login_ip: account.lastLoginIp,
            created_at: timestamp(account.createdAt),
          });
        },
      },
    },
    {
      path: '/console/api/workspaces/current',
      blueprint: 'console',
      views: api.settings.traits.workspaceByPost ? { POST: current } : { GET: current },
    },
  ];

  async function current({ request }: Matched): Promise<HttpAnswer> {
    const { tenant } = await requireLogin(api, request);
    return json({
      id: tenant.id,
      name: tenant.name,
      plan: tenant.plan,
      status: tenant.status,
      created_at: timestamp(tenant.createdAt),
      role: tenant.role,
      in_trial: null,
      trial_end_reason: null,
      custom_config: null,
    });
  }
}
