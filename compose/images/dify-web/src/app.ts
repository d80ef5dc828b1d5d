import type { HttpAnswer, HttpHandler, HttpRequest } from '../../shared/src/http-message.ts';
import { isPage, notFoundPage, page } from './pages.ts';

/** What every page and every 404 of Dify's web carries: the marks by which its answers are told from the api's. */
const pageHeaders: Readonly<Record<string, string>> = {
  'X-Frame-Options': 'DENY',
  Vary: 'RSC, Next-Router-State-Tree, Next-Router-Prefetch, Next-Router-Segment-Prefetch, Accept-Encoding',
  'X-Powered-By': 'Next.js',
  'Cache-Control': 'private, no-cache, no-store, max-age=0, must-revalidate',
  'Content-Type': 'text/html; charset=utf-8',
};

/** Files that the web serves by itself. They carry none of the marks of a page. */
const files: Readonly<Record<string, { type: string; body: string }>> = {
  '/favicon.ico': { type: 'image/x-icon', body: '\0\0\u0001\0\0\0' },
  '/logo/logo.svg': { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="22"/>' },
  '/_next/static/css/app.css': { type: 'text/css; charset=UTF-8', body: 'html,body{height:100%}' },
};

/**
 * Dify's web as recorded from 1.5.0 (Next.js): `/` leads to `/apps`, a trailing slash is taken away by a 308, pages are
 * 200, anything else is the 404 page.
 */
export const webApp: HttpHandler = (request) => {
  if (request.path !== '/' && request.path.endsWith('/')) return withoutTrailingSlash(request);
  if (request.method === 'OPTIONS') {
    return { status: 400, headers: { Allow: 'GET, HEAD', 'Cache-Control': 'no-store' }, body: 'Bad Request' };
  }
  if (request.path === '/') return { status: 307, headers: { Location: '/apps' }, body: '/apps' };
  const file = files[request.path];
  if (file) {
    const headers = { 'Content-Type': file.type, 'Cache-Control': 'public, max-age=0', 'Accept-Ranges': 'bytes' };
    return { status: 200, headers, body: file.body };
  }
  if (isPage(request.path)) {
    return request.method === 'GET' || request.method === 'HEAD'
      ? { status: 200, headers: pageHeaders, body: page(request.path) }
      : { status: 405, headers: { ...pageHeaders, Allow: 'GET, HEAD' }, body: 'Method Not Allowed' };
  }
  return { status: 404, headers: pageHeaders, body: notFoundPage(request.path) };
};

function withoutTrailingSlash(request: HttpRequest): HttpAnswer {
  const path = request.path.replace(/\/+$/, '') || '/';
  const to = request.query === '' ? path : `${path}?${request.query}`;
  return { status: 308, headers: { Location: to, Refresh: `0;url=${to}` }, body: to };
}
