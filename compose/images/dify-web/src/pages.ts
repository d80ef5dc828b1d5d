/** The head that the pages and the 404 of Dify's web share, as recorded from 1.5.0. */
const documentHead =
  '<!DOCTYPE html><html lang="en-US" class="h-full"><head><meta charSet="utf-8"/>' +
  '<meta name="viewport" content="width=device-width, initial-scale=1, maximum-scale=1, viewport-fit=cover, user-scalable=no"/>' +
  '<link rel="stylesheet" href="/_next/static/css/app.css" data-precedence="next"/><meta name="theme-color" content="#FFFFFF"/>' +
  '<meta name="mobile-web-app-capable" content="yes"/>';

/** Sizes of the pages of 1.5.0 in bytes, where they were recorded. Other pages get the size of a small one. */
const recordedBytes: Readonly<Record<string, number>> = {
  '/apps': 36_215,
  '/signin': 19_512,
  '/install': 18_248,
  '/explore/apps': 37_246,
};
const otherPageBytes = 18_500;

/** The 404 of 1.5.0 holds the path once and its segments as a list: this many bytes without them. */
const notFoundBytes = 17_738;

/** The pages of Dify's web: a segment `*` stands for one name, `**` for any rest. */
const pages: readonly string[] = [
  '/account',
  '/activate',
  '/app/*/**',
  '/apps',
  '/chat/*',
  '/chatbot/*',
  '/completion/*',
  '/datasets',
  '/datasets/**',
  '/education-apply',
  '/explore/apps',
  '/explore/installed/*',
  '/forgot-password',
  '/init',
  '/install',
  '/oauth-callback',
  '/plugins',
  '/reset-password',
  '/reset-password/*',
  '/signin',
  '/signin/*',
  '/tools',
  '/webapp-reset-password',
  '/webapp-signin',
  '/workflow/*',
];

/** Whether a path without a trailing slash is one of the pages of Dify's web. */
export function isPage(path: string): boolean {
  return pages.some((page) => matches(page.split('/'), path.split('/')));
}

/**
 * Whether no release has a page at a path: a name of the suites' own making, or one that belongs to another service and
 * comes to web only where nginx does not lead it there.
 */
export const isNobodys = (path: string): boolean =>
  /\/verify(-|\/|$)|^\/(health|mcp|triggers|socket\.io|console|api|v1|files|e)(\/|$)/.test(path);

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  const rest = pattern.indexOf('**');
  if (rest >= 0 ? segments.length <= rest : segments.length !== pattern.length) return false;
  return (rest >= 0 ? pattern.slice(0, rest) : pattern).every(
    (segment, position) => segment === segments[position] || (segment === '*' && segments[position] !== ''),
  );
}

/** What a page hands to its scripts: where they find the api of the console and that of published apps. */
export interface PageSettings {
  apiPrefix: string;
  publicApiPrefix: string;
  /** Of the policy that the page is under; empty: there is none. */
  nonce: string;
}

/** The document of a page, as long as the real one. The misspelt attribute is the real one's (web/app/layout.tsx). */
export function page(path: string, { apiPrefix, publicApiPrefix, nonce }: PageSettings): string {
  return filled(
    `${documentHead}<title>Dify</title></head><body class="h-full select-auto color-scheme" data-api-prefix="${quoted(apiPrefix)}" ` +
      `data-pubic-api-prefix="${quoted(publicApiPrefix)}"><div id="__next"></div>` +
      `<script${nonce === '' ? '' : ` nonce="${nonce}"`}>self.__next_f=self.__next_f||[];self.__next_f.push([1,${JSON.stringify(path)}]);` +
      `${scriptOf(path)}</script>`,
    recordedBytes[path] ?? otherPageBytes,
  );
}

const quoted = (value: string): string =>
  value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** Pages of people who are signed in; anybody else is led on from there. */
const consolePages = /^\/(apps|app|datasets|explore|plugins|tools|account)(\/|$)/;

/**
 * What the scripts of a page ask before anybody has typed anything, as web's sources have it (1.5: global-public-context.tsx,
 * swr-initor.tsx, install/installForm.tsx): the features of the system, whether the set-up was done, and of the console the profile.
 */
function scriptOf(path: string): string {
  const get =
    "const get=async(path)=>{const answer=await fetch(document.body.dataset.apiPrefix+path,{credentials:'include'});return answer.json()};";
  const then =
    path === '/install'
      ? "if((await get('/setup')).step==='not_started')await get('/init');else location.replace('/signin');"
      : consolePages.test(path)
        ? "if((await get('/setup')).step==='not_started')location.replace('/install');else{await get('/account/profile');location.replace('/signin')}"
        : '';
  return `(async()=>{${get}await get('/system-features');${then}})().catch((error)=>console.error(error))`;
}

/** The document of the 404 for a path, as long as the real one. */
export function notFoundPage(path: string): string {
  const segments = path.split('/').slice(1);
  return filled(
    `${documentHead}<meta name="robots" content="noindex"/><title>404: This page could not be found.</title></head>` +
      '<body class="h-full select-auto color-scheme"><h1>404</h1><h2>This page could not be found.</h2>' +
      `<script>self.__next_f=self.__next_f||[];self.__next_f.push([1,${JSON.stringify(segments)}])</script>`,
    notFoundBytes + Buffer.byteLength(path) + 4 * (segments.length - 1),
  );
}

function filled(start: string, bytes: number): string {
  const end = '</body></html>';
  const filler = '<!---->';
  const missing = bytes - Buffer.byteLength(start) - end.length - filler.length;
  return `${start}<!--${'.'.repeat(Math.max(0, missing))}-->${end}`;
}
