import { createHash } from 'node:crypto';
import { pythonJson } from '../../../shared/src/python-json.ts';
import { json } from '../http/answers.ts';
import { jsonBody, optionalText, type JsonObject } from '../http/body.ts';
import { apiError, invalidParam } from '../http/errors.ts';
import type { Matched, Rule } from '../http/flask.ts';
import type { Account, App } from '../stores/stores.ts';
import type { Workflow } from '../stores/workflow-stores.ts';
import { streaming } from '../workflow/answers.ts';
import { environmentOf, invalidValue, keptEnvironment, shownEnvironment } from '../workflow/environment.ts';
import { listOf, textOf } from '../workflow/graph.ts';
import { runInputs } from '../workflow/inputs.ts';
import { runWorkflow } from '../workflow/run.ts';
import { requireLogin, timestamp, type Api } from './context.ts';

const workflowModes = ['workflow', 'advanced-chat'];

/** The workflow of an app at the console: its draft, a run of the draft, its publication. */
export function workflowRules(api: Api): Rule[] {
  const { workflows } = api.stores;
  return [
    {
      path: '/console/api/apps/<uuid:app_id>/workflows/draft',
      blueprint: 'console',
      views: {
        GET: async (matched) => {
          const { app } = await requireApp(api, matched);
          const draft = await workflows.findDraft(app.tenantId, app.id);
          if (draft) return json(await shown(api, draft));
          throw apiError(400, 'draft_workflow_not_exist', 'Draft workflow need to be initialized.');
        },
        POST: async (matched) => {
          const { app, account } = await requireApp(api, matched);
          const saved = await saveDraft(api, app, account, jsonBody(matched.request));
          return json({ result: 'success', hash: hashOf(saved), updated_at: timestamp(saved.updatedAt) });
        },
      },
    },
    {
      path: '/console/api/apps/<uuid:app_id>/workflows/draft/run',
      blueprint: 'console',
      views: {
        POST: async (matched) => {
          const { app, account } = await requireApp(api, matched);
          const given = required(jsonBody(matched.request), 'inputs');
          const draft = await workflows.findDraft(app.tenantId, app.id);
          if (!draft) throw invalidValue('Workflow not initialized');
          const events = runWorkflow(api, {
            workflow: draft,
            inputs: runInputs(draft.graph, given),
            triggeredFrom: 'debugging',
            starter: { role: 'account', id: account.id },
            startedBy: { id: account.id, name: account.name, email: account.email },
            userId: account.id,
          });
          return streaming(events);
        },
      },
    },
    {
      path: '/console/api/apps/<uuid:app_id>/workflows/publish',
      blueprint: 'console',
      views: {
        POST: async (matched) => {
          const { app, account } = await requireApp(api, matched);
          const body = jsonBody(matched.request);
          const draft = await workflows.findDraft(app.tenantId, app.id);
          if (!draft) throw invalidValue('No valid workflow found.');
          const marks = { name: optionalText(body, 'marked_name'), comment: optionalText(body, 'marked_comment') };
          const published = await workflows.publish(draft, account.id, marks);
          return json({ result: 'success', created_at: timestamp(published.createdAt) });
        },
      },
    },
  ];
}

async function requireApp(api: Api, { request, params }: Matched): Promise<{ app: App; account: Account }> {
  const { account, tenant } = await requireLogin(api, request);
  const app = await api.stores.apps.find(tenant.id, params['app_id'] ?? '');
  if (!app || !workflowModes.includes(app.mode)) throw apiError(404, 'app_not_found', 'App not found.');
  return { app, account };
}

async function saveDraft(api: Api, app: App, account: Account, body: JsonObject): Promise<Workflow> {
  const graph = pythonJson(required(body, 'graph'));
  const features = pythonJson(required(body, 'features'));
  const before = await api.stores.workflows.findDraft(app.tenantId, app.id);
  if (before && hashOf(before) !== body['hash']) {
    const message = 'Workflow graph might have been modified, please refresh and resubmit.';
    throw apiError(400, 'draft_workflow_not_sync', message);
  }
  const sent = Array.isArray(body['environment_variables']) ? body['environment_variables'] : [];
  const conversation = listOf(body['conversation_variables']).map((one): [string, unknown] => [
    textOf(one['name']),
    one,
  ]);
  return await api.stores.workflows.saveDraft(app.tenantId, app.id, account.id, {
    graph,
    features,
    environmentVariables: await keptEnvironment(api.stores, app.tenantId, sent, before),
    conversationVariables: pythonJson(Object.fromEntries(conversation)),
  });
}

async function shown(api: Api, workflow: Workflow): Promise<JsonObject> {
  const { stores } = api;
  return {
    id: workflow.id,
    graph: JSON.parse(workflow.graph) as unknown,
    features: JSON.parse(workflow.features) as unknown,
    hash: hashOf(workflow),
    version: workflow.version,
    marked_name: workflow.markedName,
    marked_comment: workflow.markedComment,
    created_by: await person(api, workflow.createdBy),
    created_at: timestamp(workflow.createdAt),
    updated_by: workflow.updatedBy === null ? null : await person(api, workflow.updatedBy),
    updated_at: timestamp(workflow.updatedAt),
    tool_published: false,
    environment_variables: shownEnvironment(await environmentOf(stores, workflow)),
    conversation_variables: Object.values(JSON.parse(workflow.conversationVariables) as JsonObject),
  };
}

async function person(api: Api, accountId: string): Promise<JsonObject> {
  const account = await api.stores.accounts.findById(accountId);
  return { id: accountId, name: account?.name ?? null, email: account?.email ?? null };
}

/** An object of the body. Throws the api's error when there is none. */
function required(body: JsonObject, name: string): JsonObject {
  const value = body[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalidParam(name, 'Missing required parameter in the JSON body');
}

/** By which the console sees that a draft is still the one that it changed: variables are not in it. */
function hashOf(workflow: Workflow): string {
  const content = sorted({
    graph: JSON.parse(workflow.graph) as unknown,
    features: JSON.parse(workflow.features) as unknown,
  });
  return createHash('sha256')
    .update(`${pythonJson(content)}None`)
    .digest('hex');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
