import type { PageCheck, Place } from '../../../../fixtures/checks/browser/obligations.ts';
import type { Asked, BrowserObservation, PageSeen } from '../../../../fixtures/checks/browser/observe.ts';

export const entry = { nginx: 'nginx', port: 80, tls: false, published: true, outside: '80', host: null };

export const pageAt = (place: Partial<Place> = {}, more: Partial<PageCheck> = {}): PageCheck => ({
  id: 'browser/signin/loads',
  title: '',
  level: 'must',
  page: 'signin',
  path: '/signin',
  web: ['web'],
  addresses: {},
  ...more,
  place: { entry, origin: 'http://localhost', outerTls: false, own: ['http://localhost'], ...place },
});

export const asked = (url: string, more: Partial<Asked> = {}): Asked => ({
  url,
  kind: 'fetch',
  main: false,
  redirected: false,
  status: 200,
  error: null,
  contentType: 'application/json',
  location: null,
  cookies: [],
  ...more,
});

export const document = (more: Partial<Asked> = {}): Asked =>
  asked('http://localhost/signin', { kind: 'document', main: true, contentType: 'text/html', ...more });

/** What the browser saw of the page of {@link pageAt}. */
export const seenOf = (requests: Asked[], more: Partial<PageSeen> = {}): BrowserObservation =>
  new Map([['signin', { asked: requests, refused: [], landed: 'http://localhost/signin', ...more }]]);
