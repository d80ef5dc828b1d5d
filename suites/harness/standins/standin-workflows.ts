import { bodyOf, jsonRequest, signIn } from '../../../fixtures/testing/first-use.ts';
import { neighbourhood, type Neighbourhood } from './standin-neighbours.ts';

/** One drawn step: its type and what is particular to it. Steps are named `n1`, `n2` … and run in their order. */
export type Drawn = Readonly<Record<string, unknown>> & { type: string };

/** A code step whose answer the tests' sandbox gives. */
export const codeStep: Drawn = {
  type: 'code',
  code_language: 'python3',
  code: 'def main(q: str) -> dict:\n    return {"result": "ran:" + q}',
  variables: [{ variable: 'q', value_selector: ['n1', 'q'] }],
  outputs: { result: { type: 'string', children: null } },
};

/** A step that asks `url`. */
export function httpStep(url: string, more: Readonly<Record<string, unknown>> = {}): Drawn {
  const none = { headers: '', params: '', body: { type: 'none', data: [] }, authorization: { type: 'no-auth' } };
  return { type: 'http-request', method: 'get', url, ...none, ...more };
}

/** The last step; each output is the selector that it takes. */
export function endStep(outputs: Readonly<Record<string, readonly string[]>>): Drawn {
  const drawn = Object.entries(outputs).map(([variable, selector]) => ({ variable, value_selector: selector }));
  return { type: 'end', outputs: drawn };
}

/** A start step, which asks for `q`, and the given ones in a row. */
export function graphOf(steps: readonly Drawn[]): Record<string, unknown> {
  const start: Drawn = {
    type: 'start',
    variables: [{ variable: 'q', label: 'q', type: 'text-input', required: false }],
  };
  const nodes = [start, ...steps].map((data, at) => ({ id: `n${at + 1}`, data: { title: data.type, ...data } }));
  const edges = nodes.slice(1).map((node, at) => ({ source: nodes[at]?.id, target: node.id }));
  return { nodes, edges };
}

/** An app with a draft and the means to ask for it. */
export interface Drafted extends AsyncDisposable {
  around: Neighbourhood;
  appId: string;
  console(method: string, path: string, body?: unknown): Promise<Answered>;
  /** Publishes the draft and asks the service API with a new key. */
  service(method: string, path: string, body?: unknown): Promise<Answered>;
}

export interface Answered {
  status: number;
  text: string;
  body: Record<string, unknown>;
}

/** An installed api with an app whose draft has the given steps and environment variables. */
export async function drafted(
  steps: readonly Drawn[],
  environmentVariables: readonly unknown[] = [],
  ...more: Parameters<typeof neighbourhood>
): Promise<Drafted> {
  const around = await neighbourhood(...more);
  const ask = async (method: string, path: string, body: unknown, token: string): Promise<Answered> => {
    const answer = await around.api(jsonRequest(method, path, body, token));
    const text = await bodyOf(answer);
    const json = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: answer.status, text, body: json };
  };
  const token = await signIn(around.api);
  const app = await ask('POST', '/console/api/apps', { name: 'verify', mode: 'workflow' }, token);
  const appId = String(app.body['id']);
  const own = (path: string) => `/console/api/apps/${appId}${path}`;
  const draft = { graph: graphOf(steps), features: {}, environment_variables: environmentVariables };
  await ask('POST', own('/workflows/draft'), draft, token);
  let key = '';
  return {
    around,
    appId,
    console: (method, path, body = null) => ask(method, own(path), body, token),
    service: async (method, path, body = null) => {
      if (key === '') {
        await ask('POST', own('/workflows/publish'), {}, token);
        key = String((await ask('POST', own('/api-keys'), {}, token)).body['token']);
      }
      return await ask(method, path, body, key);
    },
    [Symbol.asyncDispose]: () => around[Symbol.asyncDispose](),
  };
}

/** The events of a stream. */
export function eventsIn(text: string): { event: string; data: Record<string, unknown> }[] {
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((part) => JSON.parse(part.replace(/^data: /, '')) as { event: string; data: Record<string, unknown> });
}
