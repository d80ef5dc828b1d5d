import { randomBytes } from 'node:crypto';
import type { HttpAnswer, HttpHandler, HttpRequest } from '../../shared/src/http-message.ts';
import { text, type Environment } from '../../shared/src/environment.ts';
import { notKnown } from '../../shared/src/not-known.ts';
import { isNobodys, isPage, notFoundPage, page } from './pages.ts';
import { webTraits, type WebTraits } from './release.ts';

/** What the answers depend on. */
export interface WebSettings {
  traits: WebTraits;
  /** ALLOW_EMBED: pages may be shown in frames of other sites. */
  embeddable: boolean;
  /** CSP_WHITELIST: sources that pages may load from, told in a policy with a nonce of its own; empty: there is none. */
  contentSources: string;
  /** CONSOLE_API_URL and APP_API_URL with the paths that web's entry point appends: what the scripts of pages call. */
  apiPrefix: string;
  publicApiPrefix: string;
}

/** Reads the settings by the names of the real web. Throws an Error that names the variable when one cannot be read. */
export const readWebSettings = (env: Environment): WebSettings => ({
  traits: webTraits(text(env, 'DIFY_VERSION', '1.5.0')),
  embeddable: text(env, 'ALLOW_EMBED') === 'true',
  contentSources: text(env, 'CSP_WHITELIST'),
  apiPrefix: `${text(env, 'CONSOLE_API_URL')}/console/api`,
  publicApiPrefix: `${text(env, 'APP_API_URL')}/api`,
});

const VARY = 'RSC, Next-Router-State-Tree, Next-Router-Prefetch, Next-Router-Segment-Prefetch, Accept-Encoding';

/** Pages that other sites may show in a frame, whatever ALLOW_EMBED says. */
const EMBEDDED = /^\/(chat|workflow|completion|webapp-signin)/;

/** What every page and every 404 of Dify's web carries: the marks by which its answers are told from the api's. */
function pageHeaders(
  path: string,
  nonce: string,
  { traits, embeddable, contentSources }: WebSettings,
): Record<string, string> {
  return {
    ...(embeddable || EMBEDDED.test(path) ? {} : { 'X-Frame-Options': 'DENY' }),
    ...(contentSources === '' ? {} : { 'Content-Security-Policy': contentPolicy(contentSources, nonce) }),
    Vary: traits.smallVary ? VARY.replace(/^.*(?=, Accept)/, (names) => names.toLowerCase()) : VARY,
    'X-Powered-By': 'Next.js',
    'Cache-Control': 'private, no-cache, no-store, max-age=0, must-revalidate',
    'Content-Type': 'text/html; charset=utf-8',
  };
}

/** The policy of web's middleware, without the third parties that each release names of its own. */
function contentPolicy(sources: string, nonce: string): string {
  const allowed = `'self' data: mediastream: blob: filesystem: 'nonce-${nonce}' ${sources}`;
  const kinds = ['default-src', 'connect-src', 'script-src', 'worker-src', 'media-src'];
  return [
    ...kinds.map((kind) => `${kind} ${allowed};`),
    "object-src 'none'; base-uri 'self'; form-action 'self';",
  ].join(' ');
}

/** Files that the web serves by itself. They carry none of the marks of a page. */
const files: Readonly<Record<string, { type: string; body: string }>> = {
  '/favicon.ico': { type: 'image/x-icon', body: '\0\0\u0001\0\0\0' },
  '/logo/logo.svg': { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="48" height="22"/>' },
  '/_next/static/css/app.css': { type: 'text/css; charset=UTF-8', body: 'html,body{height:100%}' },
};

/**
 * Dify's web (Next.js) as recorded from 1.5.0, and for later releases as the Next.js answers that they are built with: `/`
 * leads to `/apps`, a trailing slash is taken away by a 308, pages are 200, anything else is the 404 page.
 */
export const webApp =
  (settings: WebSettings): HttpHandler =>
  (request) => {
    const { path, method } = request;
    if (path !== '/' && path.endsWith('/')) return withoutTrailingSlash(request);
    if (method === 'OPTIONS') {
      return { status: 400, headers: { Allow: 'GET, HEAD', 'Cache-Control': 'no-store' }, body: 'Bad Request' };
    }
    if (path === '/') return { status: 307, headers: { Location: '/apps' }, body: '/apps' };
    const file = files[path];
    if (file) {
      const headers = { 'Content-Type': file.type, 'Cache-Control': 'public, max-age=0', 'Accept-Ranges': 'bytes' };
      return { status: 200, headers, body: file.body };
    }
    const found = isPage(path);
    if (!found && settings.traits.otherPages && !isNobodys(path)) return notKnown(`whether there is a page ${path}`);
    const nonce = settings.contentSources === '' ? '' : randomBytes(24).toString('base64');
    const headers = pageHeaders(path, nonce, settings);
    // A page is made anew for each request, and Next.js makes it whatever the method (measured: 15.2, 15.5, 16.1).
    return found
      ? { status: 200, headers, body: page(path, { ...settings, nonce }) }
      : { status: 404, headers, body: notFoundPage(path) };
  };

function withoutTrailingSlash(request: HttpRequest): HttpAnswer {
  const path = request.path.replace(/\/+$/, '') || '/';
  const to = request.query === '' ? path : `${path}?${request.query}`;
  return { status: 308, headers: { Location: to, Refresh: `0;url=${to}` }, body: to };
}
