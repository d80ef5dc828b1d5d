import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import tls from 'node:tls';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';

export interface Outgoing {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  connectWithinMs: number;
  /** The longest silence while an answer is awaited. */
  readWithinMs: number;
  /** The proxy to go through. */
  proxy?: URL;
  verifyCertificate: boolean;
}

export interface Incoming {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** An error of a connection, by the words that Python's httpx has for it. */
export class RequestError extends Error {}

const mostRedirects = 20;

/**
 * Sends a request as httpx does: with its headers, and through a proxy in absolute form (http) or a tunnel (https). Follows
 * redirects when asked to. Throws a RequestError when there is no answer.
 */
export async function send(outgoing: Outgoing, followRedirects = false): Promise<Incoming> {
  let next = outgoing;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await exchange(next).catch((error: unknown) => {
      throw new RequestError(pythonWords(error), { cause: error });
    });
    const to = answer.headers['location'];
    if (!followRedirects || to === undefined || ![301, 302, 303, 307, 308].includes(answer.status)) return answer;
    if (redirects >= mostRedirects) throw new RequestError('Exceeded maximum allowed redirects.');
    const repeated = answer.status >= 307 || next.method === 'HEAD';
    next = { ...next, url: new URL(to, next.url), ...(repeated ? {} : { method: 'GET', body: '' }) };
  }
}

async function exchange(outgoing: Outgoing): Promise<Incoming> {
  const { url, proxy } = outgoing;
  const secure = url.protocol === 'https:';
  const headers: Record<string, string> = {
    Host: url.host,
    Accept: '*/*',
    'Accept-Encoding': 'gzip, deflate, br',
    Connection: 'keep-alive',
    'User-Agent': 'python-httpx/0.27.2',
    ...outgoing.headers,
    ...(outgoing.body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(outgoing.body)) }),
  };
  const path = `${url.pathname}${url.search}`;
  if (proxy && !secure) {
    const absolute = {
      ...proxyAddress(proxy),
      path: `${url.origin}${path}`,
      headers: { ...proxyAccess(proxy), ...headers },
    };
    return await answerTo(http.request({ method: outgoing.method, agent: false, ...absolute }), outgoing);
  }
  const address = { host: hostOf(url), port: url.port || (secure ? 443 : 80), method: outgoing.method, path, headers };
  if (!secure) return await answerTo(http.request({ agent: false, ...address }), outgoing);
  const verify = { rejectUnauthorized: outgoing.verifyCertificate, servername: hostOf(url) };
  if (!proxy) return await answerTo(https.request({ agent: false, ...verify, ...address }), outgoing);
  const socket = tls.connect({ socket: await tunnel(proxy, outgoing), ...verify });
  return await answerTo(https.request({ agent: false, createConnection: () => socket, ...address }), outgoing);
}

function answerTo(request: http.ClientRequest, outgoing: Outgoing): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const connecting = setTimeout(() => request.destroy(new RequestError('timed out')), outgoing.connectWithinMs);
    request.once('socket', (socket) => {
      if (socket.connecting) socket.once('connect', () => clearTimeout(connecting));
      else clearTimeout(connecting);
    });
    request.setTimeout(outgoing.readWithinMs, () => request.destroy(new RequestError('timed out')));
    request.once('error', (error) => {
      clearTimeout(connecting);
      reject(error);
    });
    request.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => {
        const headers = Object.fromEntries(
          Object.entries(response.headers).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.join(', ') : (value ?? ''),
          ]),
        );
        try {
          const body = decoded(Buffer.concat(chunks), headers['content-encoding']);
          resolve({ status: response.statusCode ?? 0, headers, body });
        } catch (error) {
          reject(error);
        }
      });
    });
    request.end(outgoing.body);
  });
}

function tunnel(proxy: URL, outgoing: Outgoing): Promise<Socket> {
  const { url } = outgoing;
  const target = `${url.hostname}:${url.port || 443}`;
  const headers = { Host: target, ...proxyAccess(proxy) };
  return new Promise((resolve, reject) => {
    const request = http.request({ ...proxyAddress(proxy), method: 'CONNECT', path: target, headers, agent: false });
    request.setTimeout(outgoing.connectWithinMs, () => request.destroy(new RequestError('timed out')));
    request.once('error', reject);
    request.once('connect', (response, socket: Socket) => {
      if (response.statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new RequestError(`${response.statusCode} ${response.statusMessage}`));
    });
    request.end();
  });
}

function proxyAddress(proxy: URL): { host: string; port: string } {
  return { host: hostOf(proxy), port: proxy.port || '80' };
}

function proxyAccess(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(user).toString('base64')}` };
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function decoded(body: Buffer, encoding: string | undefined): Buffer {
  if (body.length === 0) return body;
  if (encoding === 'gzip') return gunzipSync(body);
  if (encoding === 'deflate') return inflateSync(body);
  return encoding === 'br' ? brotliDecompressSync(body) : body;
}

const words: Readonly<Record<string, string>> = {
  ENOTFOUND: '[Errno -2] Name or service not known',
  EAI_AGAIN: '[Errno -3] Temporary failure in name resolution',
  ECONNREFUSED: '[Errno 111] Connection refused',
  ECONNRESET: 'Server disconnected without sending a response.',
  EHOSTUNREACH: '[Errno 113] No route to host',
  ENETUNREACH: '[Errno 101] Network is unreachable',
  ETIMEDOUT: 'timed out',
};

function pythonWords(error: unknown): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return String(first);
  return ('code' in first ? words[String(first.code)] : undefined) ?? first.message;
}
