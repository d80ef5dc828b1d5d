import type { HttpRequest } from '../../../shared/src/http-message.ts';
import { json } from '../http/answers.ts';
import { jsonBody, optionalText, type JsonObject } from '../http/body.ts';
import { ApiError, apiError, invalidParam } from '../http/errors.ts';
import type { Rule } from '../http/flask.ts';
import type { App } from '../stores/stores.ts';
import { blocking, streaming } from '../workflow/answers.ts';
import { invalidValue } from '../workflow/environment.ts';
import { inputFields } from '../workflow/graph.ts';
import { runInputs } from '../workflow/inputs.ts';
import { runWorkflow } from '../workflow/run.ts';
import type { Api } from './context.ts';
import { requireKey } from './public-api.ts';

/** What the owner of an app's key may ask of the service API: who the app is, what it takes, and a run of it. */
export function serviceAppRules(api: Api): Rule[] {
  const { stores } = api;
  return [
    {
      path: '/v1/info',
      blueprint: 'service_api',
      views: {
        GET: async ({ request }) => {
          const app = await appOfKey(api, request);
          const author = app.createdBy === null ? null : await stores.accounts.findById(app.createdBy);
          const { name, description, mode } = app;
          return json({ name, description, tags: [], mode, author_name: author?.name ?? null });
        },
      },
    },
    {
      path: '/v1/parameters',
      blueprint: 'service_api',
      views: {
        GET: async ({ request }) => {
          const app = await appOfKey(api, request);
          const workflow = await stores.workflows.findPublished(app.tenantId, app.id);
          if (!workflow) {
            throw apiError(400, 'app_unavailable', 'App unavailable, please check your app configurations.');
          }
          return json(parameters(workflow.graph, JSON.parse(workflow.features) as JsonObject));
        },
      },
    },
    {
      path: '/v1/workflows/run',
      blueprint: 'service_api',
      views: {
        POST: async ({ request }) => {
          const app = await appOfKey(api, request);
          const body = jsonBody(request);
          const user = optionalText(body, 'user');
          if (user === '') throw invalidValue('Arg user must be provided.');
          const userId = await stores.runs.endUser(app.tenantId, app.id, user);
          if (app.mode !== 'workflow') {
            const message = 'Please check if your app mode matches the right API route.';
            throw apiError(400, 'not_workflow_app', message);
          }
          const { inputs, response_mode: mode = 'blocking' } = body;
          if (typeof inputs !== 'object' || inputs === null || Array.isArray(inputs)) {
            throw invalidParam('inputs', 'Missing required parameter in the JSON body');
          }
          if (mode !== 'blocking' && mode !== 'streaming') {
            throw invalidParam('response_mode', `${String(mode)} is not a valid choice`);
          }
          const workflow = await stores.workflows.findPublished(app.tenantId, app.id);
          if (!workflow) throw invalidValue('Workflow not published');
          const events = runWorkflow(api, {
            workflow,
            inputs: runInputs(workflow.graph, inputs as JsonObject),
            triggeredFrom: 'app-run',
            starter: { role: 'end_user', id: userId },
            startedBy: { id: userId, user },
            userId: user,
          });
          return mode === 'streaming' ? streaming(events) : await blocking(events);
        },
      },
    },
  ];
}

async function appOfKey(api: Api, request: HttpRequest): Promise<App> {
  const { appId, tenantId } = await requireKey(api, request, 'app');
  const app = appId && tenantId ? await api.stores.apps.find(tenantId, appId) : null;
  if (!app) throw new ApiError(403, { code: 'forbidden', message: 'The app no longer exists.', status: 403 });
  if (app.enableApi) return app;
  throw apiError(403, 'forbidden', "The app's API service has been disabled.");
}

const off = { enabled: false };

function parameters(graph: string, features: JsonObject): JsonObject {
  return {
    opening_statement: features['opening_statement'] ?? null,
    suggested_questions: features['suggested_questions'] ?? [],
    suggested_questions_after_answer: features['suggested_questions_after_answer'] ?? off,
    speech_to_text: features['speech_to_text'] ?? off,
    text_to_speech: features['text_to_speech'] ?? { ...off, voice: '', language: '' },
    retriever_resource: features['retriever_resource'] ?? off,
    annotation_reply: features['annotation_reply'] ?? off,
    more_like_this: features['more_like_this'] ?? off,
    user_input_form: inputFields(graph).map(({ type, drawn }) => ({ [type]: drawn })),
    sensitive_word_avoidance: features['sensitive_word_avoidance'] ?? { ...off, type: '', configs: [] },
    file_upload: features['file_upload'] ?? {
      image: { ...off, number_limits: 3, detail: 'high', transfer_methods: ['remote_url', 'local_file'] },
    },
    system_parameters: {
      image_file_size_limit: 10,
      video_file_size_limit: 100,
      audio_file_size_limit: 50,
      file_size_limit: 15,
      workflow_file_upload_limit: 10,
    },
  };
}
