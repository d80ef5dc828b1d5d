import { pythonJson } from '../../../shared/src/python-json.ts';
import type { JsonObject } from '../http/body.ts';
import type { Settings } from '../settings.ts';
import { listOf, objectOf, textOf } from './graph.ts';
import { RequestError, send, type Outgoing } from '../http/client.ts';
import type { NodeResult } from './node-result.ts';
import type { Variables } from './variables.ts';

/** Answers that Dify's client tries again; a node has no further try of its own. */
const triedAgain = [429, 500, 502, 503, 504];

const contentTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  'x-www-form-urlencoded': 'application/x-www-form-urlencoded',
  'raw-text': 'text/plain',
};

/** An error of the node itself: the run goes on to fail with its words. */
class HttpNodeError extends Error {}

/** Sends the request of an HTTP node, through the proxy against SSRF when one is set. */
export async function runHttpNode(settings: Settings, data: JsonObject, variables: Variables): Promise<NodeResult> {
  let request: string | undefined;
  try {
    const outgoing = outgoingOf(settings, data, variables);
    request = logged(outgoing, data);
    const answer = await send(outgoing, true);
    if (triedAgain.includes(answer.status)) {
      throw new HttpNodeError(`Reached maximum retries (0) for URL ${textOf(data['url'])}`);
    }
    const outputs = {
      status_code: answer.status,
      body: answer.body.toString('utf8'),
      headers: answer.headers,
      files: [],
    };
    const failed =
      (answer.status < 200 || answer.status > 299) && objectOf(data['retry_config'])['retry_enabled'] === true;
    return {
      status: failed ? 'failed' : 'succeeded',
      processData: { request },
      outputs,
      ...(failed ? { error: `Request failed with status code ${answer.status}` } : {}),
    };
  } catch (error) {
    if (!(error instanceof HttpNodeError) && !(error instanceof RequestError)) throw error;
    return { status: 'failed', processData: request === undefined ? {} : { request }, error: error.message };
  }
}

function outgoingOf(settings: Settings, data: JsonObject, variables: Variables): Outgoing {
  const address = variables.fill(textOf(data['url']));
  if (address === '') throw new HttpNodeError('url is required');
  if (!/^https?:\/\//.test(address)) throw new HttpNodeError('url should start with http:// or https://');
  if (!URL.canParse(address)) throw new HttpNodeError(`Invalid URL: ${address}`);
  const url = new URL(address);
  for (const [name, value] of pairs(textOf(data['params']))) {
    url.searchParams.append(variables.fill(name), variables.fill(value));
  }
  const { body, type } = bodyOf(objectOf(data['body']), variables);
  const headers = Object.fromEntries(pairs(variables.fill(textOf(data['headers']))));
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  const timeout = objectOf(data['timeout']);
  const proxy = proxyFor(settings, url);
  return {
    method: textOf(data['method']).toUpperCase(),
    url,
    headers: { ...(type && !named ? { 'Content-Type': type } : {}), ...headers, ...authorization(data, variables) },
    body,
    connectWithinMs: seconds(timeout['connect'], settings.httpConnectSeconds) * 1000,
    readWithinMs: seconds(timeout['read'], settings.httpReadSeconds) * 1000,
    verifyCertificate: data['ssl_verify'] !== false,
    ...(proxy === '' ? {} : { proxy: new URL(proxy) }),
  };
}

/** As Dify decides: one proxy for all, or one for each scheme when both are set. */
function proxyFor(settings: Settings, url: URL): string {
  const { ssrfProxyAllUrl, ssrfProxyHttpUrl, ssrfProxyHttpsUrl } = settings;
  if (ssrfProxyAllUrl !== '') return ssrfProxyAllUrl;
  if (ssrfProxyHttpUrl === '' || ssrfProxyHttpsUrl === '') return '';
  return url.protocol === 'https:' ? ssrfProxyHttpsUrl : ssrfProxyHttpUrl;
}

function bodyOf(drawn: JsonObject, variables: Variables): { body: string; type?: string } {
  const kind = textOf(drawn['type']);
  const items = listOf(drawn['data']);
  const type = contentTypes[kind];
  if (kind === 'none' || kind === '') return { body: '' };
  if (!type) throw new HttpNodeError(`This stand-in sends no body of type ${kind}.`);
  if (kind === 'x-www-form-urlencoded') {
    const fields = items.map((item): [string, string] => [
      variables.fill(textOf(item['key'])),
      variables.fill(textOf(item['value'])),
    ]);
    return { body: new URLSearchParams(fields).toString(), type };
  }
  if (items.length !== 1) throw new HttpNodeError(`${kind} body type should have exactly one item`);
  const text = variables.fill(textOf(items[0]?.['value']));
  if (kind === 'raw-text') return { body: text };
  try {
    return { body: pythonJson(JSON.parse(text)), type };
  } catch {
    throw new HttpNodeError(`Failed to parse JSON: ${text}`);
  }
}

function authorization(data: JsonObject, variables: Variables): Record<string, string> {
  const drawn = objectOf(data['authorization']);
  if (drawn['type'] !== 'api-key') return {};
  if (typeof drawn['config'] !== 'object' || drawn['config'] === null) {
    throw new HttpNodeError('authorization config is required');
  }
  const config = objectOf(drawn['config']);
  const key = variables.fill(textOf(config['api_key']));
  const name = textOf(config['header']) || 'Authorization';
  if (config['type'] === 'bearer') return { [name]: `Bearer ${key}` };
  if (config['type'] === 'custom') return { [name]: key };
  return { [name]: `Basic ${key.includes(':') ? Buffer.from(key).toString('base64') : key}` };
}

/** Lines of `name:value`, as the editor keeps headers and parameters. */
function pairs(lines: string): [string, string][] {
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line): [string, string] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [line, ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    });
}

/** The request as it is kept with the run: a key in it is covered. */
function logged(outgoing: Outgoing, data: JsonObject): string {
  const drawn = objectOf(data['authorization']);
  const secret = drawn['type'] === 'api-key' ? textOf(objectOf(drawn['config'])['header']) || 'Authorization' : '';
  const lines = Object.entries(outgoing.headers).map(([name, value]) => {
    return `${name}: ${name.toLowerCase() === secret.toLowerCase() ? '*'.repeat(value.length) : value}`;
  });
  const length = outgoing.body === '' ? [] : [`Content-Length: ${outgoing.body.length}`];
  return [
    `${outgoing.method} ${outgoing.url.pathname}${outgoing.url.search} HTTP/1.1`,
    `Host: ${outgoing.url.host}`,
    ...lines,
    ...length,
    '',
    outgoing.body,
  ].join('\r\n');
}

function seconds(value: unknown, fallback: number): number {
  return typeof value === 'number' && value > 0 ? value : fallback;
}
