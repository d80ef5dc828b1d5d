import type { HttpAnswer } from '../../shared/src/http-message.ts';

/** A JSON answer as gin writes it: Go's compact form, no newline at the end. */
export function json(status: number, value: unknown): HttpAnswer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: goJson(value) };
}

/** Go's encoder escapes the three characters that are unsafe inside HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&]/g, (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`);
}

/** gin's own 404 for a path that no route has. */
export function pageNotFound(): HttpAnswer {
  return { status: 404, headers: { 'Content-Type': 'text/plain' }, body: '404 page not found' };
}

/** gin's redirect to the same path with a slash at its end: 301 with a body for GET, 307 without one for other methods. */
export function slashRedirect(method: string, path: string, query: string): HttpAnswer {
  const location = query === '' ? `${path}/` : `${path}/?${query}`;
  if (method !== 'GET' && method !== 'HEAD') return { status: 307, headers: { Location: location }, body: '' };
  const shown = location.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&#34;');
  return {
    status: 301,
    headers: { 'Content-Type': 'text/html; charset=utf-8', Location: location },
    body: `<a href="${shown}">Moved Permanently</a>.\n\n`,
  };
}

/** A success of the plugin daemon. */
export function success(data: unknown): HttpAnswer {
  return json(200, { code: 0, message: 'success', data });
}

export type DaemonError =
  'PluginDaemonBadRequestError' | 'PluginDaemonInternalServerError' | 'PluginDaemonUnauthorizedError';

/** An error of the plugin daemon: its message is a JSON text inside the JSON. `code` is negative, as the daemon's are. */
export function daemonError(status: number, code: number, type: DaemonError, message: string): HttpAnswer {
  return json(status, { code, message: JSON.stringify({ message, error_type: type, args: null }), data: null });
}
