import { describe, expect, test } from 'vitest';
import type { Protocol } from '../../../../fixtures/checks/tls/handshake.ts';
import type { Http2Seen } from '../../../../fixtures/checks/tls/http2.ts';
import {
  handshakeVerdict,
  http2Verdict,
  listensVerdict,
  protocolsVerdict,
  schemeByTlsVerdict,
} from '../../../../fixtures/checks/tls/verdicts.ts';
import { LOCATION as location } from '../routes/samples.ts';
import { arrived, through } from '../walk/routes.ts';
import { http2Check, listenerCheck, offering, unreached } from './samples.ts';

const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;

describe('listens', () => {
  const check = { id: 'tls/nginx/listens', title: '', level: 'must', nginx: 'nginx', problem: null } as const;

  test.for<[number, number, string, RegExp]>([
    [1, 1, 'pass', /1 with TLS/],
    [0, 0, 'fail', /none does/],
    [2, 0, 'fail', /published/],
  ])('%i servers, %i published', ([listeners, published, status, message]) => {
    expect(listensVerdict({ ...check, listeners, published })).toMatchObject({ status, message: matching(message) });
  });
});

describe('handshake', () => {
  test.for<[string, Protocol[], string, RegExp]>([
    ['the newest', ['TLSv1.2', 'TLSv1.3'], 'pass', /TLSv1\.3 for dify\.example\.org/],
    ['1.2 alone', ['TLSv1.2'], 'pass', /TLSv1\.2/],
    ['1.0 alone', ['TLSv1'], 'fail', /TLSv1 at best/],
    ['none', [], 'fail', /ECONNRESET/],
  ])('%s', ([, offered, status, message]) => {
    expect(handshakeVerdict(listenerCheck(), offering(offered))).toMatchObject({ status, message: matching(message) });
  });

  test('where nobody answers, nothing is known of TLS', () => {
    expect(handshakeVerdict(listenerCheck(), offering(unreached)).status).toBe('error');
  });
});

describe('protocols', () => {
  const of = (words: string[] | null, offered: Protocol[]) =>
    protocolsVerdict(listenerCheck({ protocols: words && { words, where: 'https.conf:5' } }), offering(offered));

  test.for<[string, string[] | null, Protocol[], string, RegExp]>([
    ['as configured', ['TLSv1.2', 'TLSv1.3'], ['TLSv1.2', 'TLSv1.3'], 'pass', /TLSv1\.2, TLSv1\.3/],
    ["nginx's own default", null, ['TLSv1.2', 'TLSv1.3'], 'pass', /TLSv1\.2/],
    ['an old one that OpenSSL refuses', ['TLSv1.1', 'TLSv1.2'], ['TLSv1.2'], 'pass', /TLSv1\.1 is configured/],
    ['an old one that is accepted', ['TLSv1.1', 'TLSv1.2'], ['TLSv1.1', 'TLSv1.2'], 'fail', /TLSv1\.1 is accepted/],
    ['one that is lost', ['TLSv1.2', 'TLSv1.3'], ['TLSv1.2'], 'fail', /TLSv1\.3 is refused/],
    ['one that only another server names', ['TLSv1.3'], ['TLSv1.2', 'TLSv1.3'], 'fail', /TLSv1\.2 is accepted, too/],
    ['nothing at all', ['TLSv1.2'], [], 'blocked', /no version/],
  ])('%s', ([, words, offered, status, message]) => {
    expect(of(words, offered)).toMatchObject({ status, message: matching(message) });
  });

  test('the refusal of a version that this client cannot speak says nothing; what it accepts does', () => {
    const able: Protocol[] = ['TLSv1.2', 'TLSv1.3'];
    expect(protocolsVerdict(listenerCheck(), offering(['TLSv1.3'], { able }))).toMatchObject({
      status: 'error',
      message: matching(/cannot speak TLSv1, TLSv1\.1/),
    });
    expect(protocolsVerdict(listenerCheck(), offering(['TLSv1.1', 'TLSv1.3'], { able })).status).toBe('fail');
  });
});

describe('HTTP/2', () => {
  const of = (http2: Http2Seen, offered: Protocol[] = ['TLSv1.3']) =>
    http2Verdict(http2Check, offering(offered, { http2 }));

  test.for<[string, ReturnType<typeof of>, string, RegExp]>([
    ['chosen and answered', of({ application: 'h2', status: 200, error: null }), 'pass', /HTTP\/2, 200/],
    ['not chosen', of({ application: 'http/1.1', status: null, error: null }), 'fail', /chose http\/1\.1/],
    ['nothing chosen', of({ application: null, status: null, error: null }), 'fail', /chose nothing/],
    ['chosen, no answer', of({ application: 'h2', status: null, error: 'ECONNRESET' }), 'fail', /ECONNRESET/],
    ['no connection', of({ application: null, status: null, error: 'ECONNRESET' }), 'error', /not sent/],
    ['no handshake at all', of({ application: null, status: null, error: 'EPROTO' }, []), 'blocked', /no handshake/],
  ])('%s', ([, verdict, status, message]) => {
    expect(verdict).toMatchObject({ status, message: matching(message) });
  });
});

describe('the scheme that the owner is told', () => {
  const told = (value: string[] | undefined) =>
    schemeByTlsVerdict(
      location,
      through({
        plain: {
          ...arrived,
          echoed: arrived.echoed && {
            ...arrived.echoed,
            headers: { host: ['x'], ...(value ? { 'x-forwarded-proto': value } : {}) },
          },
        },
      }),
    );

  test.for<[string, string[] | undefined, string]>([
    ['https', ['https'], 'pass'],
    ['http', ['http'], 'fail'],
    ['both', ['http', 'https'], 'fail'],
    ['none', undefined, 'fail'],
  ])('%s', ([, value, status]) => {
    expect(told(value).status).toBe(status);
  });
});
