import type { HttpHandler } from '../../shared/src/http-message.ts';
import { flaskApp } from './http/flask.ts';
import { apiKeyRules } from './routes/api-keys.ts';
import { appRules } from './routes/apps.ts';
import { outsideRules } from './routes/called-from-outside.ts';
import type { Api } from './routes/context.ts';
import { datasetRules } from './routes/datasets.ts';
import { documentRules } from './routes/documents.ts';
import { featureRules } from './routes/features.ts';
import { fileRules } from './routes/files.ts';
import { loginRules } from './routes/login.ts';
import { pluginRules } from './routes/plugins.ts';
import { publicRules } from './routes/public-api.ts';
import { serviceAppRules } from './routes/service-app.ts';
import { setupRules } from './routes/setup.ts';
import { unknownRoute } from './routes/unknown.ts';
import { workflowRules } from './routes/workflows.ts';
import { workspaceRules } from './routes/workspace.ts';
import { unheededFor } from './unheeded.ts';

/** The whole api over its stores. */
export function difyApi(api: Api): HttpHandler {
  const groups = [
    setupRules,
    loginRules,
    workspaceRules,
    appRules,
    workflowRules,
    apiKeyRules,
    pluginRules,
    featureRules,
    serviceAppRules,
    fileRules,
    datasetRules,
    documentRules,
    publicRules,
    outsideRules,
  ];
  const rules = groups.flatMap((group) => group(api));
  const { version, deployEnv, origins, behindProxy, unheeded, traits } = api.settings;
  return flaskApp(rules, {
    always: { 'X-Version': version, 'X-Env': deployEnv },
    origins,
    behindProxy,
    errors: traits.pydantic ? 'pydantic' : traits.restx ? 'restx' : 'restful',
    unknown: (request) => unheededFor(unheeded, request),
    unknownRoute: (method, path) => unknownRoute(method, path, traits),
  });
}
