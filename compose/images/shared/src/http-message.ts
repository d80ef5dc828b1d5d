import type { IncomingHttpHeaders } from 'node:http';

/** A request, read to its end. */
export interface HttpRequest {
  method: string;
  /** The request target as it was sent, path and query. */
  target: string;
  /** The path as it was sent, still percent-encoded, without the query. */
  path: string;
  /** The query without its question mark, as it was sent. */
  query: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The address of the peer (the proxy, when there is one). */
  peer: string;
  /** Aborted when the client goes away before the answer is complete. */
  gone: AbortSignal;
}

/** An answer. A body of chunks is sent as it comes (server-sent events), each chunk flushed at once. */
export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  /** Values of Set-Cookie, each a header of its own. */
  cookies?: readonly string[];
  body: string | Buffer | AsyncIterable<string>;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer> | HttpAnswer;

/** Builds a request for a handler that is called in-process; `target` is path and query. */
export function requestFor(
  method: string,
  target: string,
  headers: IncomingHttpHeaders = {},
  body: Buffer | string = '',
): HttpRequest {
  const mark = target.indexOf('?');
  return {
    method,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    headers,
    body: Buffer.from(body),
    peer: '127.0.0.1',
    gone: new AbortController().signal,
  };
}

/** The first value of a header, or undefined. */
export function header(request: HttpRequest, name: string): string | undefined {
  const value = request.headers[name.toLowerCase()];
  return Array.isArray(value) ? value[0] : value;
}
