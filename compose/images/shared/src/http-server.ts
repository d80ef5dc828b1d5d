import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { requestFor, type HttpAnswer, type HttpHandler } from './http-message.ts';
import { log, reason } from './log.ts';
import { answerLate } from './starting.ts';

/** Longer than nginx keeps an idle upstream connection (60 s), so that nginx never reuses one that is being closed here. */
const keepAliveMs = 75_000;

/** What is kept of a body. The rest is read to its end all the same: the answer must not overtake the upload. */
const keptBodyBytes = 64 * 1024 * 1024;

export interface HttpServer {
  /** The port that it listens on. */
  port: number;
  /** Takes no new connection, lets the requests under way end, and closes what is left after `withinMs`. */
  stop(withinMs: number): Promise<void>;
}

export interface ListenOptions {
  port: number;
  /** The address or name to listen on. */
  host: string;
}

/**
 * Serves a handler over HTTP/1.1. Requests are read to the end before the handler is called. An error of the handler is
 * answered 500 with an empty body: a handler that wants more answers by itself.
 */
export async function serve(handler: HttpHandler, options: ListenOptions): Promise<HttpServer> {
  let stopping = false;
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing, () => stopping).catch((error: unknown) => {
      log(`${incoming.method} ${incoming.url}: ${reason(error)}`);
      outgoing.destroy();
    });
  });
  answerLate(server, process.env);
  server.keepAliveTimeout = keepAliveMs;
  server.headersTimeout = keepAliveMs + 1000;
  // Uploads and streams through a proxy may last as long as the proxy lets them.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    stop: (withinMs) => {
      stopping = true;
      return drain(server, withinMs);
    },
  };
}

function drain(server: Server, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), 50);
    const limit = setTimeout(() => server.closeAllConnections(), withinMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(limit);
      resolve();
    });
    server.closeIdleConnections();
  });
}

async function answer(
  handler: HttpHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  stopping: () => boolean,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const request = {
    ...requestFor(incoming.method ?? 'GET', incoming.url ?? '/', incoming.headers),
    body: await readBody(incoming),
    peer: incoming.socket.remoteAddress ?? '',
    gone: gone.signal,
  };
  let given: HttpAnswer;
  try {
    given = await handler(request);
  } catch (error) {
    log(`${request.method} ${request.target}: ${reason(error)}`);
    given = { status: 500, headers: {}, body: '' };
  }
  if (outgoing.destroyed) return;
  for (const [name, value] of Object.entries(given.headers)) outgoing.setHeader(name, value);
  if (given.cookies) outgoing.setHeader('Set-Cookie', given.cookies);
  if (stopping()) outgoing.setHeader('Connection', 'close');
  outgoing.statusCode = given.status;
  if (typeof given.body === 'string' || Buffer.isBuffer(given.body)) {
    const body = Buffer.from(given.body);
    if (!outgoing.hasHeader('Content-Length')) outgoing.setHeader('Content-Length', body.length);
    outgoing.end(request.method === 'HEAD' ? undefined : body);
    return;
  }
  outgoing.flushHeaders();
  for await (const chunk of given.body) {
    if (gone.signal.aborted) return;
    outgoing.write(chunk);
  }
  outgoing.end();
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let kept = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    if (kept + chunk.length > keptBodyBytes) continue;
    kept += chunk.length;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
