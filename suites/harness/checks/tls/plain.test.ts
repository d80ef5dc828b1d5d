import { describe, expect, test } from 'vitest';
import { tlsContract } from '../../../../fixtures/checks/tls/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { plainChecks, type PlainCheck } from '../../../../fixtures/checks/tls/plain.ts';
import { plainVerdict, type PlainAnswer } from '../../../../fixtures/checks/tls/plain-verdict.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { listenerOf, plainAnswers, plainCheck } from './samples.ts';

const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;

describe('what the configuration says of plain HTTP', () => {
  const checksOf = (config: string): PlainCheck[] => {
    const { nginx } = modelOf({ nginx: { image: 'nginx', ports: [{ target: 80, published: '8080' }] } }).services;
    if (!nginx) throw new Error('no nginx');
    const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp { ${config} }\n`;
    return plainChecks(nginx, [listenerOf({})], { dump, written: [] });
  };

  test.for<[string, string, boolean]>([
    ['the server leads on', 'server { listen 80; return 301 https://$host$request_uri; }', true],
    ['its location / does', 'server { listen 80; location / { return 308 https://$host$request_uri; } }', true],
    [
      'one server for both, by an if',
      'server { listen 80; listen 443 ssl; if ($scheme = http) { return 301 https://$host$request_uri; } location / { proxy_pass http://web:3000; } }',
      true,
    ],
    ['a rewrite', 'server { listen 80; rewrite ^ https://$host$request_uri permanent; }', true],
    [
      'one page alone',
      'server { listen 80; location = /a { return 301 https://$host/a; } location / { proxy_pass http://web:3000; } }',
      false,
    ],
    ['it serves', 'server { listen 80; location / { proxy_pass http://web:3000; } }', false],
  ])('%s', ([, config, led]) => {
    const [check, ...more] = checksOf(config);
    expect(more).toEqual([]);
    expect(check).toMatchObject({ id: 'tls/nginx:80/http', outside: '8080', tlsPorts: ['443'] });
    expect(check?.redirects !== null).toBe(led);
  });
});

test.for<[string, string, number]>([
  ['it leads to https all the same', 'return 301 https://$host$request_uri;', 1],
  ['it serves', 'location / { proxy_pass http://web:3000; }', 0],
])('without TLS of its own: %s', ([, config, count]) => {
  const model = modelOf({ nginx: { image: 'nginx', ports: [{ target: 80, published: '80' }] } });
  const dump = `# configuration file /etc/nginx/nginx.conf:\nhttp { server { listen 80; ${config} } }\n`;
  const { plain } = tlsContract(model, rolesOf(model), { rendered: { nginx: { nginx: dump } } });
  expect(plain).toHaveLength(count);
  for (const check of plain) expect(check).toMatchObject({ byTls: null, title: matching(/is not led there again/) });
});

describe('what it does', () => {
  const to = (lead: (target: string) => string, more: Partial<PlainCheck> = { redirects: 'default.conf:3' }) => {
    const check = plainCheck(more);
    return plainVerdict(
      check,
      plainAnswers(check, (target) => ({ status: 301, headers: { location: lead(target) } })),
    );
  };
  const served = (more: Partial<PlainCheck> = {}) => {
    const check = plainCheck(more);
    return plainVerdict(
      check,
      plainAnswers(check, () => ({ status: 200 })),
    );
  };

  test.for<[string, ReturnType<typeof served>, string, RegExp]>([
    ['led on whole', to((target) => `https://dify.example.org${target}`), 'pass', /4 of 4 were led/],
    ['the path is lost', to(() => 'https://dify.example.org/'), 'fail', /path or query is lost/],
    [
      'the query is lost',
      to((target) => `https://dify.example.org${target.replace(/\?.*/, '')}`),
      'fail',
      /query is lost/,
    ],
    ['to another host', to((target) => `https://www.example.org${target}`), 'fail', /another host/],
    [
      'to a port that is not published',
      to((target) => `https://dify.example.org:8443${target}`),
      'fail',
      /published at 443/,
    ],
    [
      'at a port of its own, which it names',
      to((target) => `https://dify.example.org:8443${target}`, { redirects: 'x', tlsPorts: ['8443'] }),
      'pass',
      /4 of 4/,
    ],
    [
      'without the port of its own',
      to((target) => `https://dify.example.org${target}`, { tlsPorts: ['8443'] }),
      'fail',
      /published at 8443/,
    ],
    ['served, as configured', served(), 'pass', /4 requests were answered/],
    ['served, and meant to be led on', served({ redirects: 'default.conf:3' }), 'fail', /is answered with 200/],
    ['a redirect of the owner’s own is none of these', to(() => '/apps', {}), 'pass', /answered/],
  ])('%s', ([, verdict, status, message]) => {
    expect(verdict).toMatchObject({ status, message: matching(message) });
  });

  test.for<[string, (target: string) => string, Partial<PlainCheck>, string, RegExp]>([
    [
      'both sides redirect',
      (target) => `http://dify.example.org${target}`,
      {},
      'fail',
      /http:\/\/dify\.example\.org\/ leads to https:\/\/dify\.example\.org\/, and that back to http:.*: a loop \(4 of 4/,
    ],
    [
      'the server of TLS redirects, too',
      (target) => `https://dify.example.org${target}`,
      {},
      'fail',
      /and that to itself: a loop/,
    ],
    ['a page of its own behind it', () => '/apps', {}, 'pass', /4 of 4 were led/],
  ])('behind the redirect: %s', ([, lead, more, status, message]) => {
    const check = plainCheck({ redirects: 'default.conf:3', ...more });
    const answers = plainAnswers(
      check,
      (target) => ({ status: 301, headers: { location: `https://dify.example.org${target}` } }),
      check.targets.length,
      (target) => ({ status: 301, headers: { location: lead(target) }, error: null }),
    );
    const verdict = plainVerdict(check, answers);
    expect(verdict).toMatchObject({ status, message: matching(message) });
    expect(verdict.cause).toBe(status === 'fail' ? 'https-redirect-loop' : undefined);
  });

  test.for<[string, Partial<PlainAnswer['answer']>, string, RegExp]>([
    [
      'it leads to https again',
      { status: 301, headers: { location: 'https://dify.example.org/' } },
      'fail',
      /https:\/\/dify\.example\.org\/ leads to itself: a loop/,
    ],
    ['it serves who came by https', { status: 200 }, 'pass', /not led there again/],
  ])('TLS ends before nginx: %s', ([, answer, status, message]) => {
    const check = plainCheck({ redirects: 'default.conf:3', byTls: null, tlsPorts: [], targets: ['/'] });
    expect(
      plainVerdict(
        check,
        plainAnswers(check, () => answer),
      ),
    ).toMatchObject({ status, message: matching(message) });
  });

  test('nobody answers', () => {
    const check = plainCheck();
    const seen = plainAnswers(
      check,
      () => ({ status: null, error: 'ECONNREFUSED' }) satisfies Partial<PlainAnswer['answer']>,
    );
    expect(plainVerdict(check, seen)).toMatchObject({ status: 'fail', message: matching(/ECONNREFUSED/) });
  });
});
