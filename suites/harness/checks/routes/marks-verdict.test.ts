import { describe, expect, test } from 'vitest';
import { askKey, type LiveObservation } from '../../../../fixtures/checks/routes/live.ts';
import { ownerVerdict, redirectVerdict } from '../../../../fixtures/checks/routes/live-verdicts.ts';
import type { OwnerCheck } from '../../../../fixtures/checks/routes/obligations.ts';
import type { RawAnswer } from '../../../../fixtures/engine/http/request.ts';
import { ENTRY as entry } from './samples.ts';

/** On somebody's running project no log of nginx names an upstream: the marks of the answer are all that is known. */
const API = { 'x-version': '1.5.0', 'x-env': 'PRODUCTION' };
const WEB = { 'x-powered-by': 'Next.js' };
const GATEWAY = '<html><center>nginx/1.26.3</center></html>';
const ask = { entry, method: 'GET', target: '/x' };
const must = { id: 'routes/x', title: '', level: 'must' as const };

function seenWith(answer: Partial<RawAnswer>, port = 32768): LiveObservation {
  const whole = { status: 200, headers: {}, body: '', continued: false, error: null, ...answer };
  const seen = { answer: whole, sentTo: { host: '127.0.0.1', port }, logged: null };
  return { seen: new Map([[askKey(ask), seen]]), addresses: {}, logWorks: false, ownLog: true };
}
const ownedBy = (owner: OwnerCheck['owner']): OwnerCheck => ({
  ...must,
  ask,
  unreached: null,
  owner,
  taker: null,
  path: '/x',
  lost: null,
});
const service = (role: string) => ({ kind: 'services', services: [role], role }) as OwnerCheck['owner'];

describe('the marks of an answer are its only proof', () => {
  test.for([
    ['api', service('api'), { headers: API }, 'pass', 'marks of api'],
    ['404 of api', service('api'), { status: 404, headers: API }, 'pass', '404 with'],
    ['its own error', service('api'), { status: 500, headers: API }, 'fail', 'api itself answered 500'],
    ['web in the place of api', service('api'), { headers: WEB }, 'fail', 'has the marks of web'],
    ['api in the place of web', service('web'), { headers: API }, 'fail', 'has the marks of api'],
    ['no mark, of a program that always leaves one', service('api'), {}, 'fail', 'lacks the headers X-Version'],
    ['no mark, of a program that need not', service('web'), { status: 307 }, 'skip', 'no mark of anybody'],
    ['a program without marks', service('mailer'), {}, 'skip', 'mailer leaves no mark'],
    ['nobody behind nginx', service('api'), { status: 502, body: GATEWAY }, 'fail', 'got no answer from anybody'],
    ['nginx in the place of api', service('api'), { status: 404, body: GATEWAY }, 'fail', 'answered 404 itself'],
    ['nginx itself', { kind: 'nginx' }, { status: 403, body: GATEWAY }, 'pass', 'by nginx itself'],
    ['a file of nginx, without a mark', { kind: 'nginx' }, {}, 'skip', 'nginx leaves no mark'],
    ['api in the place of nginx', { kind: 'nginx' }, { headers: API }, 'fail', 'marks of api'],
    ['no answer', service('api'), { status: null, error: 'ECONNRESET' }, 'fail', 'ECONNRESET'],
  ] as const)('%s', ([, owner, answer, status, says]) => {
    const verdict = ownerVerdict(ownedBy(owner as OwnerCheck['owner']), seenWith(answer));
    expect(verdict).toMatchObject({ status, message: expect.stringContaining(says) as string });
  });
});

test.for([
  [80, 'http://127.0.0.1/x/', 'pass'],
  [80, 'http://127.0.0.1:80/x/', 'pass'],
  [8080, 'http://127.0.0.1/x/', 'fail'],
] as const)(
  'asked at port %i, a redirect to %s is a %s: the usual port stands in no URL',
  ([port, location, status]) => {
    const check = { ...must, ask, owner: null, where: null };
    const seen = seenWith({ status: 301, headers: { location } }, port);
    expect(redirectVerdict(check, seen).status).toBe(status);
  },
);
