import { header, type HttpRequest } from '../../../shared/src/http-message.ts';
import { json } from '../http/answers.ts';
import { apiError, invalidParam, NotKnown, unauthorized } from '../http/errors.ts';
import type { Method, Rule, View } from '../http/flask.ts';
import { verifyToken } from '../passport.ts';
import type { ApiToken } from '../stores/stores.ts';
import { requireSetup, type Api } from './context.ts';

/** The routes outside the console: the service API (`/v1`), published apps (`/api`) and what plugins upload. */
export function publicRules(api: Api): Rule[] {
  return [...serviceRules(api), ...webRules(api), ...pluginFileRules(api)];
}

/** Rules of the service API of which only the door is here: what each does for the owner of a key is no part of this. */
const keyed: readonly { path: string; methods: readonly Method[] }[] = [
  { path: '/v1/meta', methods: ['GET'] },
  { path: '/v1/site', methods: ['GET'] },
  { path: '/v1/chat-messages', methods: ['POST'] },
  { path: '/v1/completion-messages', methods: ['POST'] },
  { path: '/v1/workflows/run/<string:workflow_run_id>', methods: ['GET'] },
  { path: '/v1/workflows/logs', methods: ['GET'] },
  { path: '/v1/messages', methods: ['GET'] },
  { path: '/v1/conversations', methods: ['GET'] },
  { path: '/v1/files/upload', methods: ['POST'] },
  { path: '/v1/datasets', methods: ['GET', 'POST'] },
];

function serviceRules(api: Api): Rule[] {
  const welcome = { welcome: 'Dify OpenAPI', api_version: 'v1', server_version: api.settings.version };
  return [
    { path: '/v1/', blueprint: 'service_api', views: { GET: () => json(welcome) } },
    ...keyed.map(({ path, methods }): Rule => {
      const type = path === '/v1/datasets' ? 'dataset' : 'app';
      const view: View = async ({ request }) => {
        await requireKey(api, request, type);
        throw new NotKnown(`${request.method} ${path} with a key`);
      };
      return {
        path,
        blueprint: 'service_api',
        views: Object.fromEntries(methods.map((method) => [method, view])),
      };
    }),
  ];
}

/** The key of the service API that the request carries. Throws the api's 401 when there is none. */
export async function requireKey(api: Api, request: HttpRequest, type: string): Promise<ApiToken> {
  const authorization = header(request, 'Authorization');
  if (!authorization?.includes(' ')) {
    throw unauthorized("Authorization header must be provided and start with 'Bearer'");
  }
  const [scheme, token] = authorization.split(/\s+/, 2);
  if (scheme?.toLowerCase() !== 'bearer') throw unauthorized("Authorization scheme must be 'Bearer'");
  const found = await api.stores.apps.findToken(token ?? '', type);
  if (!found) throw unauthorized('Access token is invalid');
  return found;
}

const published: readonly { path: string; methods: readonly Method[] }[] = [
  { path: '/api/parameters', methods: ['GET'] },
  { path: '/api/meta', methods: ['GET'] },
  { path: '/api/site', methods: ['GET'] },
  { path: '/api/chat-messages', methods: ['POST'] },
  { path: '/api/completion-messages', methods: ['POST'] },
  { path: '/api/workflows/run', methods: ['POST'] },
  { path: '/api/messages', methods: ['GET'] },
  { path: '/api/conversations', methods: ['GET'] },
  { path: '/api/files/upload', methods: ['POST'] },
];

function webRules(api: Api): Rule[] {
  const view: View = ({ request }) => {
    requirePassport(api, request);
    throw new NotKnown(`${request.method} ${request.path} of a published app`);
  };
  return [
    {
      path: '/api/passport',
      blueprint: 'web',
      views: {
        GET: ({ request }) => {
          if (!header(request, 'X-App-Code')) throw unauthorized('X-App-Code header is missing.');
          throw apiError(404, 'not_found', 'The requested URL was not found on the server.');
        },
      },
    },
    ...published.map(({ path, methods }): Rule => ({
      path,
      blueprint: 'web',
      views: Object.fromEntries(methods.map((method) => [method, view])),
    })),
  ];
}

function requirePassport(api: Api, request: HttpRequest): void {
  if (api.settings.traits.cookieSession) {
    // A page keeps it in a cookie of its app: what a published app does is no part of this.
    const token = header(request, 'X-App-Passport');
    if (token === undefined) throw unauthorized('App token is missing.');
    verifyToken(token, api.settings.secretKey);
    return;
  }
  const authorization = header(request, 'Authorization');
  if (authorization === undefined) throw unauthorized('Authorization header is missing.');
  const [scheme, token] = authorization.split(/\s+/, 2);
  if (scheme?.toLowerCase() !== 'bearer' || !token) {
    throw unauthorized("Invalid Authorization header format. Expected 'Bearer <api-key>' format.");
  }
  verifyToken(token, api.settings.secretKey);
}

function pluginFileRules(api: Api): Rule[] {
  return [
    {
      path: '/files/upload/for-plugin',
      blueprint: 'files',
      views: {
        POST: async () => {
          await requireSetup(api);
          throw invalidParam('timestamp', 'Missing required parameter in the query string');
        },
      },
    },
  ];
}
