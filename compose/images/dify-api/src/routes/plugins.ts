import { json } from '../http/answers.ts';
import type { JsonObject } from '../http/body.ts';
import { send } from '../http/client.ts';
import type { Rule } from '../http/flask.ts';
import { listOf, objectOf } from '../workflow/graph.ts';
import { requireLogin, type Api } from './context.ts';

const connectWithinMs = 10_000;
const readWithinMs = 60_000;
/** What Dify asks the daemon for at once. */
const page = 'page=1&page_size=256';

/** What the console shows of plugins; all of it is asked of the plugin daemon. */
export function pluginRules(api: Api): Rule[] {
  const { pluginRemoteHost, pluginRemotePort } = api.settings;
  const asked = (path: string, method: string, target: string, shown: (data: unknown) => JsonObject): Rule => ({
    path,
    blueprint: 'console',
    views: {
      GET: async ({ request }) => {
        const { tenant } = await requireLogin(api, request);
        return json(shown(await askDaemon(api, method, `/plugin/${tenant.id}/${target}`)));
      },
    },
  });
  return [
    asked('/console/api/workspaces/current/plugin/list', 'GET', `management/list?${page}`, (data) => {
      const { list, total } = objectOf(data);
      return { plugins: listOf(list), total };
    }),
    asked('/console/api/workspaces/current/plugin/debugging-key', 'POST', 'debugging/key', (data) => ({
      key: objectOf(data)['key'],
      host: pluginRemoteHost,
      port: pluginRemotePort,
    })),
    asked('/console/api/workspaces/current/model-providers', 'GET', `management/models?${page}`, (data) => ({
      data: listOf(data),
    })),
  ];
}

/** The data of the daemon's answer. Throws when it is out of reach or refuses: the console is answered 500 then. */
async function askDaemon(api: Api, method: string, target: string): Promise<unknown> {
  const answer = await send({
    method,
    url: new URL(`${api.settings.pluginDaemonUrl.replace(/\/+$/, '')}${target}`),
    headers: { 'X-Api-Key': api.settings.pluginDaemonKey, 'Content-Type': 'application/json' },
    body: '',
    connectWithinMs,
    readWithinMs,
    verifyCertificate: true,
  });
  const body = answer.body.toString('utf8');
  if (answer.status !== 200) throw new Error(`plugin daemon: status ${answer.status}: ${body.slice(0, 300)}`);
  const { code, message, data } = objectOf(JSON.parse(body));
  if (code !== 0) throw new Error(`plugin daemon: ${String(message)}`);
  return data;
}
