import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { reportPage } from '../../../../fixtures/run/report/html/page.ts';
import { html } from '../../../../fixtures/run/report/html/markup.ts';
import { layMap } from '../../../../fixtures/run/report/html/map-layout.ts';
import type { Topology } from '../../../../fixtures/run/report/topology.ts';
import { checkOf, summaryOf } from '../../../../fixtures/testing/summary-of.ts';
import { reportPageWords } from '../../../../fixtures/texts/en/report-page-words.ts';
import { placeholdersOf } from '../../../../fixtures/texts/fill.ts';
import { reportPageWordsZh } from '../../../../fixtures/texts/zh/report-page-words.ts';

const NOTHING = { records: { failover: [], amounts: null }, evidence: [] };

const service = (name: string, more: Partial<Topology['services'][number]> = {}): Topology['services'][number] => ({
  name,
  role: 'other',
  replicas: 1,
  networks: ['default'],
  ports: [],
  ...more,
});

const topology = (more: Partial<Topology> = {}): Topology => ({
  services: [service('api', { role: 'api' }), service('db', { role: 'database' })],
  networks: [{ name: 'default', internal: false, external: false }],
  uses: [],
  names: [],
  reach: [],
  routes: [],
  restored: [],
  ...more,
});

describe('what is put into the page', () => {
  test.for<[string, string, string]>([
    ['markup', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['quotes', `"onload='x'`, '&quot;onload=&#39;x&#39;'],
    ['marks that turn the writing', 'api\u202egpj', 'api\\u202egpj'],
    ['control characters, but no line ends', 'a\u0007\nb', 'a\\u0007\nb'],
    ['an ampersand once', '&lt;', '&amp;lt;'],
  ])('is text: %s', ([, given, expected]) => expect(html`<p>${given}</p>`.text).toBe(`<p>${expected}</p>`));

  test('hostile names of services, files, checks and messages make no element and no attribute', () => {
    const hostile = `"><img src=x onerror=alert(1)>'<script>`;
    const summary = summaryOf(
      [
        checkOf(`dns/${hostile}/resolves/db`, 'fail', {
          title: hostile,
          message: hostile,
          hint: hostile,
          why: hostile,
        }),
        checkOf(`config/${hostile}`, 'waived', { waiver: { at: hostile, reason: hostile, until: '2026-12-31' } }),
      ],
      {
        notes: [hostile],
        stack: { dir: hostile, project: hostile, services: 1, releases: {} },
        topology: topology({
          services: [service(hostile), service('db')],
          networks: [{ name: hostile, internal: true, external: false }],
          uses: [{ from: hostile, to: null, host: hostile, port: 1, variables: [hostile], checks: [] }],
          names: [{ check: `dns/${hostile}/resolves/db`, from: hostile, to: ['db'], shared: true }],
        }),
      },
    );
    const page = reportPage(summary, { ...NOTHING, evidence: [`${hostile}.log`] });
    expect(page).not.toContain('<img');
    expect(page.match(/<script>/g)).toHaveLength(1);
  });
});

test('the policy allows the page its own style and script, by what they are, and nothing else', () => {
  const page = reportPage(summaryOf([checkOf('dns/a', 'pass')]), NOTHING);
  const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page) ?? [];
  const [, script = ''] = /<script>([^]*?)<\/script>/.exec(page) ?? [];
  const hash = (text: string) => `&#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`;
  expect(page).toContain(`default-src &#39;none&#39;; style-src ${hash(style)}; script-src ${hash(script)};`);
  expect(page).not.toMatch(/\sstyle=|\son[a-z]+=|(src|href)="(?!#|evidence\/)/);
});

test('600 checks, half of them red and each for itself, stay below 1.5 MB', () => {
  const long = 'expected 172.19.0.4, 172.19.0.7; the resolver answered 172.19.0.4 '.repeat(2);
  const checks = Array.from({ length: 600 }, (_, index) =>
    checkOf(`dns/service-${index}/resolves/db`, index % 2 === 0 ? 'pass' : 'fail', {
      message: long,
      why: long,
      hint: long,
      reference: 'docker-compose.yaml:12 (F001)',
    }),
  );
  expect(Buffer.byteLength(reportPage(summaryOf(checks), NOTHING))).toBeLessThan(1_500_000);
});

describe('the map', () => {
  const use = (from: string, to: string | null, checks: string[] = []) => ({
    from,
    to,
    host: to === null ? 'redis-old' : null,
    port: 5432,
    variables: ['DB_HOST'],
    checks,
  });
  const drawn = (status: 'pass' | 'fail' | 'error', uses = [use('api', 'db', ['dns/api/environment/DB_HOST'])]) =>
    reportPage(
      summaryOf([checkOf('dns/api/environment/DB_HOST', status, { message: 'nobody answers' })], {
        topology: topology({ uses }),
      }),
      NOTHING,
    );

  test.for([
    ['pass', 'use ok'],
    ['fail', 'use red'],
    ['error', 'use unknown'],
  ] as const)('a line whose check is %s is drawn as "%s"', ([status, expected]) =>
    expect(drawn(status)).toContain(`class="${expected}" data-a="api" data-b="db"`),
  );

  test('a name that nobody answers to is a red line to a box of its own', () => {
    expect(drawn('pass', [use('api', null)])).toMatch(/class="use red" data-a="api" data-b="redis-old"/);
    expect(drawn('pass', [use('api', null)])).toContain('class="box lost"');
  });

  test('what is open though it must not be is a red line, too', () => {
    const check = checkOf('isolation/sandbox/denied/db:5432', 'fail', { message: 'it is open' });
    const pair = { check: check.id, from: 'api', to: 'db', port: 5432, allowed: false, by: 'itself' } as const;
    const page = reportPage(summaryOf([check], { topology: topology({ reach: [pair] }) }), NOTHING);
    expect(page).toContain('class="use open" data-a="api" data-b="db"');
    expect(page).toMatch(/<td class="x" title=":5432">✗<\/td>/);
  });

  test('boxes of a hundred services do not lie upon each other', () => {
    const services = Array.from({ length: 100 }, (_, index) => service(`service-${index}`));
    const uses = services.slice(1).map(({ name }) => use(name, 'service-0'));
    const { boxes, width, height } = layMap(topology({ services, uses }));
    const places = new Set(boxes.map(({ x, y }) => `${x} ${y}`));
    expect([boxes.length, places.size]).toEqual([100, 100]);
    expect(boxes.every(({ x, y }) => x >= 0 && y >= 0 && x < width && y < height)).toBe(true);
  });
});

test('a name that nobody answers to stands right behind the last that uses it, and not behind everything', () => {
  const use = { to: null, host: 'gone', port: 1, variables: ['A_HOST'], checks: [] };
  const services = [
    service('nginx', { role: 'nginx' }),
    service('api', { role: 'api' }),
    service('db', { role: 'database' }),
  ];
  const { boxes } = layMap(
    topology({
      services,
      uses: [
        { ...use, from: 'nginx' },
        { ...use, from: 'api' },
      ],
    }),
  );
  const order = boxes.toSorted((a, b) => a.x - b.x).map(({ name }) => name);
  expect(order).toEqual(['nginx', 'api', 'gone', 'db']);
});

test('what a matrix holds against the rules is said above it in words', () => {
  const reach = [5432, 6379].map((port) => ({
    check: `isolation/sandbox/denied/db:${port}`,
    from: 'sandbox',
    to: 'db',
    port,
    allowed: false,
    by: 'itself' as const,
  }));
  const checks = reach.map(({ check }) => checkOf(check, 'fail'));
  const services = [service('sandbox'), service('db')];
  const page = reportPage(summaryOf(checks, { topology: topology({ services, reach }) }), NOTHING);
  expect(page).toContain('<li><b>sandbox → db:5432 :6379</b></li>');
  const sound = reportPage(
    summaryOf(
      checks.map((check) => ({ ...check, status: 'pass' })),
      { topology: topology({ services, reach }) },
    ),
    NOTHING,
  );
  expect(sound).not.toContain('violated-reach');
});

describe('what checks measured', () => {
  const checks = [
    checkOf('failover/api/kill/in-time', 'fail', { measured: { requests: 812, slowestMs: 1240, retriedTimes: 3 } }),
    checkOf('failover/api/kill/lost-nothing', 'pass', { measured: { requests: 640, lost: 0 } }),
    checkOf('backup/taken', 'pass', { measured: { tookMs: 640.4 } }),
    checkOf('dns/api/resolves/db', 'pass'),
  ];
  const page = reportPage(summaryOf(checks), NOTHING);
  const words = (markup: string) => markup.replace(/<span lang="zh">.*?<\/span>/g, '').replace(/<[^>]*>/g, '');
  const partOf = (from: string) => words(page.slice(page.indexOf(from)).split('</section>')[0] ?? '');

  test('stands with each check, in both languages, and under its own name where the page has no word for it', () => {
    const row = page.slice(page.indexOf('<tr id="check-failover/api/kill/in-time"')).split('</tr>')[0] ?? '';
    expect(words(row)).toContain('Measured: requests 812, slowest 1.2 s, retriedTimes 3');
    expect(row).toContain('<span lang="zh">最慢</span>');
    expect(partOf('<tr id="check-dns/api/resolves/db"')).not.toContain('Measured');
  });

  test('stands in one table where failover and backup are drawn, and nowhere without a figure', () => {
    expect(partOf('<section id="failover"')).toMatch(/Measured.*812.*1\.2 s.*640.*0/);
    expect(partOf('<section id="backup"')).toMatch(/Measured.*640 ms/);
    expect(partOf('<section id="convergence"')).not.toContain('Measured');
  });
});

test('a cause without a fix has no empty box for it', () => {
  const page = reportPage(summaryOf([checkOf('nowhere/known', 'fail', { message: 'found' })]), NOTHING);
  expect(page).toContain('id="cause-');
  expect(page).not.toMatch(/<pre tabindex="0">\s*<\/pre>/);
  expect(page).not.toContain('<span lang="en"></span>');
  const known = reportPage(summaryOf([checkOf('isolation/sandbox/denied/db:5432', 'fail')]), NOTHING);
  expect(known).not.toContain('<pre tabindex="0"><span lang="en"></span>');
});

test('a check of several names is red for those that its message names', () => {
  const check = checkOf('dns/web/resolves/others', 'fail', { message: 'expected db at 172.19.0.4, got nothing' });
  const names = [{ check: check.id, from: 'web', to: ['db', 'db-1', 'redis'], shared: true }];
  const services = ['web', 'db', 'db-1', 'redis'].map((name) => service(name));
  const page = reportPage(summaryOf([check], { topology: topology({ services, names }) }), NOTHING);
  const [, matrix = ''] = /<table class="matrix">([^]*?)<\/table>/.exec(page) ?? [];
  expect(matrix.match(/<td class="x"/g)).toHaveLength(1);
  expect(matrix.match(/<td class="y"/g)).toHaveLength(2);
});

test('failover: each request is a dot, what failed is red, and the fault has its window', () => {
  const scenario = {
    scenario: 'kill',
    service: 'api',
    fault: { fromMs: 1000, toMs: 3000, proof: 'the container is gone' },
    endMs: 5000,
    replicas: ['api-1 172.19.0.4'],
    requests: [
      [500, 12, 0, 0],
      [1500, 2000, 1, -1],
      [2500, 14, 0, 0],
    ] as [number, number, number, number][],
  };
  const page = reportPage(summaryOf([checkOf('failover/api/kill/in-time', 'pass')]), {
    records: { failover: [scenario], amounts: null },
    evidence: [],
  });
  const points = (kind: string) =>
    new RegExp(`class="dots ${kind}" d="([^"]*)"`).exec(page)?.[1]?.match(/h0/g)?.length ?? 0;
  expect([points('r0'), points('bad')]).toEqual([2, 1]);
  expect(page).toMatch(/<rect class="window"[^>]*width="[1-9]/);
});

test.for(Object.entries(reportPageWords))('%s is said in Chinese with the same placeholders', ([name, text]) => {
  expect(placeholdersOf(reportPageWordsZh[name as keyof typeof reportPageWords])).toEqual(placeholdersOf(text));
});
