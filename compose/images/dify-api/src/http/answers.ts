import type { HttpAnswer } from '../../../shared/src/http-message.ts';
import { notKnownHeader } from '../../../shared/src/not-known.ts';
import { pythonJson } from '../../../shared/src/python-json.ts';

/** A JSON answer as Flask-RESTful writes it: `json.dumps` and a newline. */
export function json(value: unknown, status = 200): HttpAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${pythonJson(value)}\n` };
}

/** A JSON answer as Flask's own `jsonify` writes it: without blanks, its keys in order, a newline. */
export function jsonified(value: Readonly<Record<string, unknown>>, status = 200): HttpAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body: `${JSON.stringify(inOrder(value))}\n` };
}

function inOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, inOrder(part)]));
}

const htmlHeaders = { 'Content-Type': 'text/html; charset=utf-8' };

/** Werkzeug's page for a path that no rule has: 207 bytes. */
export function notFound(): HttpAnswer {
  return page404(
    'The requested URL was not found on the server. If you entered the URL manually please check your spelling and try again.',
  );
}

/** Werkzeug's 404 with words of its own. */
export function page404(words: string): HttpAnswer {
  const shown = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    status: 404,
    headers: { ...htmlHeaders },
    body: `<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>${shown}</p>\n`,
  };
}

/** Werkzeug's page for a method that a plain Flask rule does not take. */
export function methodNotAllowed(allow: string): HttpAnswer {
  return {
    status: 405,
    headers: { ...htmlHeaders, Allow: allow },
    body:
      '<!doctype html>\n<html lang=en>\n<title>405 Method Not Allowed</title>\n<h1>Method Not Allowed</h1>\n' +
      '<p>The method is not allowed for the requested URL.</p>\n',
  };
}

/** Flask's page for an error that nobody took. */
export function brokenPage(): HttpAnswer {
  return {
    status: 500,
    headers: { ...htmlHeaders },
    body:
      '<!doctype html>\n<html lang=en>\n<title>500 Internal Server Error</title>\n<h1>Internal Server Error</h1>\n<p>The ' +
      'server encountered an internal error and was unable to complete your request. Either the server is overloaded or ' +
      'there is an error in the application.</p>\n',
  };
}

/** Werkzeug's permanent redirect, to an absolute address. */
export function redirect(to: string): HttpAnswer {
  const shown = to.replaceAll('&', '&amp;').replaceAll('"', '&#34;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return {
    status: 308,
    headers: { ...htmlHeaders, Location: to },
    body:
      '<!doctype html>\n<html lang=en>\n<title>Redirecting...</title>\n<h1>Redirecting...</h1>\n<p>You should be ' +
      `redirected automatically to the target URL: <a href="${shown}">${shown}</a>. If not, click the link.\n`,
  };
}

/** The stand-in's own answer, which no real api gives. */
export function notKnown(what: string): HttpAnswer {
  const answer = json({ code: 'not_implemented', message: `This stand-in does not know ${what}.`, status: 501 }, 501);
  return { ...answer, headers: { ...answer.headers, [notKnownHeader]: what } };
}

/** Flask's own answer to OPTIONS. */
export function options(allow: string): HttpAnswer {
  return { status: 200, headers: { ...htmlHeaders, Allow: allow }, body: '' };
}
