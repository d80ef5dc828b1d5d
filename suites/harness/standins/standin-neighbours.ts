import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { daemonApp } from '../../../compose/images/plugin-daemon/src/app.ts';
import { header, type HttpAnswer, type HttpHandler } from '../../../compose/images/shared/src/http-message.ts';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import type { Stores } from '../../../compose/images/dify-api/src/stores/stores.ts';
import { emptyPlugins, memoryStores } from './standin-memory-stores.ts';
import { codeResult } from '../../../fixtures/checks/datapath/workflow-graph.ts';

type MemoryStores = ReturnType<typeof memoryStores>;

/** What the api asked of a neighbour. */
export interface Asked {
  target: string;
  headers: Readonly<Record<string, unknown>>;
  body: string;
}

/** The api with memory stores between a sandbox, a proxy and a plugin daemon on loopback. */
export interface Neighbourhood extends AsyncDisposable {
  api: HttpHandler;
  stores: MemoryStores;
  sandbox: Asked[];
  proxy: Asked[];
}

/** What a sandbox answers to code; the default is the recorded code's result. */
export type SandboxAnswer = (asked: Asked) => HttpAnswer;

const sandboxKey = 'key-of-the-sandbox';

/** Starts the neighbours. `environment` is what the api has besides their addresses, `given` are stores in place of those in memory. */
export async function neighbourhood(
  environment: Readonly<Record<string, string>> = {},
  ran: SandboxAnswer = () => sandboxAnswer('<<RESULT>>{"result": "ran:42"}<<RESULT>>\n'),
  given: Partial<Stores> = {},
): Promise<Neighbourhood> {
  const seen = { sandbox: [] as Asked[], proxy: [] as Asked[] };
  const noted = (list: Asked[], answer: SandboxAnswer): HttpHandler => {
    return (request) => {
      const asked = { target: request.target, headers: request.headers, body: request.body.toString('utf8') };
      list.push(asked);
      return answer(asked);
    };
  };
  const guarded: HttpHandler = (request) =>
    header(request, 'X-Api-Key') === sandboxKey && request.target === '/v1/sandbox/run'
      ? noted(seen.sandbox, ran)(request)
      : { status: 401, headers: {}, body: '' };
  const target = () => ({ status: 200, headers: { 'Content-Type': 'text/plain' }, body: 'reached' });
  const daemon = daemonApp({ store: emptyPlugins(), serverKey: 'key-of-the-daemon' });
  const servers = await Promise.all(
    [guarded, noted(seen.proxy, target), daemon].map((handler) => serve(handler, { host: '127.0.0.1', port: 0 })),
  );
  const [sandbox, proxy, plugins] = servers.map(({ port }) => `http://127.0.0.1:${port}`);
  const stores = Object.assign(memoryStores(), given);
  const settings = readSettings({
    SECRET_KEY: 'recorded',
    CODE_EXECUTION_ENDPOINT: sandbox,
    CODE_EXECUTION_API_KEY: sandboxKey,
    SSRF_PROXY_HTTP_URL: proxy,
    SSRF_PROXY_HTTPS_URL: proxy,
    PLUGIN_DAEMON_URL: plugins,
    PLUGIN_DAEMON_KEY: 'key-of-the-daemon',
    // The port that the recorded stack published.
    PLUGIN_REMOTE_INSTALL_PORT: '15003',
    ...environment,
  });
  return {
    api: difyApi({ settings, stores }),
    stores,
    ...seen,
    [Symbol.asyncDispose]: async () => void (await Promise.all(servers.map((server) => server.stop(1000)))),
  };
}

/** The sandbox's answer to code that wrote `stdout`, and `error` to its standard error. */
export function sandboxAnswer(stdout: string, error = ''): HttpAnswer {
  const body = JSON.stringify({ code: 0, message: 'success', data: { error, stdout } });
  return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body };
}

/** Runs the one piece of code that the first use sends: its input is in base64 in it. */
export const runsCode: SandboxAnswer = ({ body }) => {
  const { code = '' } = JSON.parse(body) as { code?: string };
  const encoded = [...code.matchAll(/['"]([A-Za-z0-9+/=]{8,})['"]/g)].map(([, text = '']) => text);
  const input = encoded
    .map((text) => Buffer.from(text, 'base64').toString('utf8'))
    .find((text) => text.startsWith('{'));
  const { q = '' } = JSON.parse(input ?? '{}') as { q?: string };
  return sandboxAnswer(`<<RESULT>>${JSON.stringify({ result: codeResult(q) })}<<RESULT>>\n`);
};
