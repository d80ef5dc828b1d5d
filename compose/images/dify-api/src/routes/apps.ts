import { header } from '../../../shared/src/http-message.ts';
import { json } from '../http/answers.ts';
import { jsonBody, optionalText, queryInteger, requiredText } from '../http/body.ts';
import { apiError, invalidParam } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import type { App, Site } from '../stores/stores.ts';
import type { Workflow } from '../stores/workflow-stores.ts';
import { requireLogin, timestamp, type Api } from './context.ts';

const modes = ['chat', 'agent-chat', 'advanced-chat', 'workflow', 'completion'];
const nameCharacters = 40;

/** The apps of the console: the list, a new one, one of them. */
export function appRules(api: Api): Rule[] {
  const { apps } = api.stores;
  return [
    {
      path: '/console/api/apps',
      blueprint: 'console',
      views: {
        GET: async ({ request, query }) => {
          const { tenant } = await requireLogin(api, request);
          const page = queryInteger(query, 'page', { fallback: 1, least: 1, most: 99_999 });
          const limit = queryInteger(query, 'limit', { fallback: 20, least: 1, most: 100 });
          const { total, apps: found } = await apps.list(tenant.id, page, limit);
          return json({ page, limit, total, has_more: page * limit < total, data: found.map(listed) });
        },
        POST: async ({ request }) => {
          const { account, tenant } = await requireLogin(api, request);
          const body = jsonBody(request);
          const name = requiredText(body, 'name');
          const mode = requiredText(body, 'mode');
          if (name.length > nameCharacters) throw invalidParam('name', 'Name must be between 1 and 40 characters.');
          if (!modes.includes(mode)) throw invalidParam('mode', `${mode} is not a valid choice`);
          const made = await apps.create({
            tenantId: tenant.id,
            name,
            description: optionalText(body, 'description'),
            mode,
            iconType: optionalText(body, 'icon_type', 'emoji'),
            icon: optionalText(body, 'icon'),
            iconBackground: optionalText(body, 'icon_background'),
            accountId: account.id,
          });
          return json(created(made), 201);
        },
      },
    },
    {
      path: '/console/api/apps/<uuid:app_id>',
      blueprint: 'console',
      views: {
        GET: async ({ request, params }) => {
          const { tenant } = await requireLogin(api, request);
          const found = await apps.find(tenant.id, params['app_id'] ?? '');
          if (!found) throw apiError(404, 'app_not_found', 'App not found.');
          const [site, workflow] = await Promise.all([
            apps.findSite(found.id),
            api.stores.workflows.findPublished(tenant.id, found.id),
          ]);
          const { appWebUrl, serviceApiUrl } = api.settings;
          const origin = `http://${header(request, 'Host') ?? 'localhost'}`;
          const base = { app: appWebUrl || origin, service: `${serviceApiUrl || origin}/v1` };
          return json(detailed(found, site, workflow, base));
        },
      },
    },
  ];
}

/** An app as the answer to its creation has it. */
function created(app: App): Record<string, unknown> {
  return {
    id: app.id,
    name: app.name,
    description: app.description,
    mode: app.mode,
    icon: app.icon,
    icon_background: app.iconBackground,
    enable_site: app.enableSite,
    enable_api: app.enableApi,
    model_config: null,
    workflow: null,
    tracing: null,
    use_icon_as_answer_icon: false,
    created_by: app.createdBy,
    created_at: timestamp(app.createdAt),
    updated_by: app.updatedBy,
    updated_at: timestamp(app.updatedAt),
    access_mode: null,
  };
}

function listed(app: App): Record<string, unknown> {
  return {
    id: app.id,
    name: app.name,
    max_active_requests: null,
    description: app.description,
    mode: app.mode,
    icon_type: app.iconType,
    icon: app.icon,
    icon_background: app.iconBackground,
    icon_url: null,
    model_config: null,
    workflow: null,
    use_icon_as_answer_icon: false,
    created_by: app.createdBy,
    created_at: timestamp(app.createdAt),
    updated_by: app.updatedBy,
    updated_at: timestamp(app.updatedAt),
    tags: [],
    access_mode: null,
  };
}

function detailed(
  app: App,
  site: Site | null,
  workflow: Workflow | null,
  base: { app: string; service: string },
): Record<string, unknown> {
  return {
    id: app.id,
    name: app.name,
    description: app.description,
    mode: app.mode,
    icon_type: app.iconType,
    icon: app.icon,
    icon_background: app.iconBackground,
    icon_url: null,
    enable_site: app.enableSite,
    enable_api: app.enableApi,
    model_config: null,
    workflow: workflow && {
      id: workflow.id,
      created_by: workflow.createdBy,
      created_at: timestamp(workflow.createdAt),
      updated_by: workflow.updatedBy,
      updated_at: timestamp(workflow.updatedAt),
    },
    site: site && siteOf(app, site, base.app),
    api_base_url: base.service,
    use_icon_as_answer_icon: false,
    created_by: app.createdBy,
    created_at: timestamp(app.createdAt),
    updated_by: app.updatedBy,
    updated_at: timestamp(app.updatedAt),
    deleted_tools: [],
    access_mode: null,
  };
}

/** The page that an app has for its users. */
function siteOf(app: App, site: Site, base: string): Record<string, unknown> {
  return {
    access_token: site.code,
    code: site.code,
    title: site.title,
    icon_type: app.iconType,
    icon: app.icon,
    icon_background: app.iconBackground,
    icon_url: null,
    description: null,
    default_language: site.defaultLanguage,
    chat_color_theme: null,
    chat_color_theme_inverted: false,
    customize_domain: null,
    copyright: null,
    privacy_policy: null,
    custom_disclaimer: '',
    customize_token_strategy: 'not_allow',
    prompt_public: false,
    app_base_url: base,
    show_workflow_steps: true,
    use_icon_as_answer_icon: false,
    created_by: app.createdBy,
    created_at: timestamp(app.createdAt),
    updated_by: app.createdBy,
    updated_at: timestamp(app.createdAt),
  };
}
