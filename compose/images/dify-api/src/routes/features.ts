import { pythonJson } from '../../../shared/src/python-json.ts';
import { json, jsonified } from '../http/answers.ts';
import { invalidParam } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import type { Settings } from '../settings.ts';
import type { Api } from './context.ts';

/** What anybody may ask: the version, the features of the installation, and whether the process lives. */
export function featureRules(api: Api): Rule[] {
  const { settings } = api;
  const { fastOpenApi } = settings.traits;
  return [
    {
      path: '/health',
      blueprint: 'plain',
      views: {
        // Shallow as the real one: it says ok with the database and Redis away. It has no newline at its end.
        GET: () => {
          const health = { pid: process.pid, status: 'ok', version: settings.version };
          return { ...json(health), body: pythonJson(health) };
        },
      },
    },
    {
      path: '/console/api/version',
      blueprint: 'console',
      fastOpenApi,
      views: {
        GET: ({ query }) => {
          if (!query.has('current_version')) {
            throw invalidParam('current_version', 'Missing required parameter in the query string');
          }
          return (fastOpenApi ? jsonified : json)({
            version: settings.version,
            release_date: '',
            release_notes: '',
            can_auto_update: false,
            features: { can_replace_logo: false, model_load_balancing_enabled: false },
          });
        },
      },
    },
    {
      path: '/console/api/system-features',
      blueprint: 'console',
      views: { GET: () => json(systemFeatures(settings)) },
    },
    {
      path: '/api/system-features',
      blueprint: 'web',
      views: { GET: () => json(systemFeatures(settings)) },
    },
  ];
}

function systemFeatures(settings: Settings): Record<string, unknown> {
  return {
    sso_enforced_for_signin: false,
    sso_enforced_for_signin_protocol: '',
    enable_marketplace: settings.marketplace,
    max_plugin_package_size: settings.pluginMaxPackageBytes,
    enable_email_code_login: settings.emailCodeLogin,
    enable_email_password_login: settings.passwordLogin,
    enable_social_oauth_login: settings.socialLogin,
    is_allow_register: settings.allowRegister,
    is_allow_create_workspace: settings.allowCreateWorkspace,
    is_email_setup: settings.mailType !== '',
    license: { status: 'none', expired_at: '', workspaces: { enabled: false, size: 0, limit: 0 } },
    branding: { enabled: false, application_title: '', login_page_logo: '', workspace_logo: '', favicon: '' },
    webapp_auth: {
      enabled: false,
      allow_sso: false,
      sso_config: { protocol: '' },
      allow_email_code_login: false,
      allow_email_password_login: false,
    },
    plugin_installation_permission: { plugin_installation_scope: 'all', restrict_to_marketplace_only: false },
  };
}
