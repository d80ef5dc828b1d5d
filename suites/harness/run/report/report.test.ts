import { describe, expect, test } from 'vitest';
import type { RecordedCheck } from '../../../../fixtures/checks/run-context.ts';
import { githubReport, placeOf } from '../../../../fixtures/run/report/github.ts';
import { causesOf, withCauses } from '../../../../fixtures/run/causes/causes.ts';
import { junit } from '../../../../fixtures/run/report/junit.ts';
import { markdown } from '../../../../fixtures/run/report/markdown.ts';
import { columnsOf } from '../../../../fixtures/texts/columns.ts';
import { placeIn } from '../../../../fixtures/run/report/place.ts';
import { redactor, secretsOf } from '../../../../fixtures/run/report/redact.ts';
import { settleBlocked } from '../../../../fixtures/run/report/blocked.ts';
import { suiteSummaries, verdictOf, type Summary } from '../../../../fixtures/run/report/summary.ts';
import { BOOT_CHECK, counts, type ReportedCheck } from '../../../../fixtures/run/reported-check.ts';
import { notRun } from '../../../../fixtures/run/not-run.ts';
import { causeText } from '../../../../fixtures/texts/causes.ts';
import { terminalReport } from '../../../../fixtures/run/report/terminal.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';

const check = (status: RecordedCheck['status'], more: Partial<RecordedCheck> = {}): RecordedCheck => ({
  id: `dns/${status}`,
  suite: 'dns',
  title: 'api resolves db',
  level: 'must',
  status,
  durationMs: 12,
  ...more,
});

describe('the verdict of a run', () => {
  test.for([
    ['all passed', [check('pass')], false, 'pass'],
    ['a certain defect wins over what could not be judged', [check('fail'), check('error')], false, 'fail'],
    ['what could not be judged is no pass', [check('pass'), check('error')], false, 'error'],
    ['advice does not fail a run', [check('pass'), check('fail', { level: 'advice' })], false, 'pass'],
    ['advice counts under --strict', [check('pass'), check('fail', { level: 'advice' })], true, 'fail'],
    ['nothing checked is no pass', [], false, 'error'],
    ['only skips is no pass', [check('skip')], false, 'error'],
    ['the boot alone is no pass', [check('pass', { id: BOOT_CHECK }), check('skip')], false, 'error'],
    ['advice that failed and nothing else is no pass', [check('fail', { level: 'advice' })], false, 'error'],
    ['what is blocked is as red as its red', [check('fail'), check('blocked'), check('pass')], false, 'fail'],
  ] as const)('%s', ([, checks, strict, verdict]) => {
    expect(verdictOf([...checks], strict)).toBe(verdict);
  });
});

describe('what is blocked is settled when the run is over', () => {
  const b = (blockedBy: string, id = 'dns/b') => check('blocked', { id, blockedBy, message: 'no a' });
  const a = (status: ReportedCheck['status'], more: Partial<ReportedCheck> = {}): ReportedCheck => ({
    ...check('pass'),
    id: 'dns/a',
    ...more,
    status,
  });

  test.for<[string, ReportedCheck[], boolean, ReportedCheck['status'], RegExp]>([
    ['by a red', [b('dns/a'), a('fail')], false, 'blocked', /^no a$/],
    ['by an error', [a('error'), b('dns/a')], false, 'blocked', /^no a$/],
    ['by a red that is waived', [a('waived'), b('dns/a')], false, 'blocked', /^no a$/],
    ['by a pass', [a('pass'), b('dns/a')], false, 'error', /not looked at: no a \(dns\/a is told as pass\)/],
    ['by a skip', [a('skip'), b('dns/a')], false, 'error', /told as skip/],
    ['by advice, which does not count', [a('fail', { level: 'advice' }), b('dns/a')], false, 'error', /told as fail/],
    ['by advice under --strict', [a('fail', { level: 'advice' }), b('dns/a')], true, 'blocked', /^no a$/],
    ['by what was not selected', [b('dns/a')], false, 'error', /dns\/a was not among the checks of this run/],
    ['by what is blocked by a red', [b('dns/c'), b('dns/a', 'dns/c'), a('fail')], false, 'blocked', /^no a$/],
    ['by what is blocked by nothing', [b('dns/c'), b('dns/a', 'dns/c')], false, 'error', /dns\/c was blocked itself/],
    ['by itself', [b('dns/b')], false, 'error', /nothing red stands for it/],
    ['in a ring', [b('dns/c'), b('dns/b', 'dns/c')], false, 'error', /nothing red stands for it/],
  ])('%s', ([, checks, strict, status, message]) => {
    const settled = settleBlocked(checks, (one) => counts(one, strict)).find(({ id }) => id === 'dns/b');
    expect(settled?.status).toBe(status);
    expect(settled?.message).toMatch(message);
  });

  test('suites that were not run stand in the report, blocked by the boot', () => {
    const boot = check('fail', { id: BOOT_CHECK, suite: 'health' });
    const settled = settleBlocked([boot, ...notRun(['dns', 'backup'], 'db is unhealthy\nmore')], (one) =>
      counts(one, false),
    );
    expect(settled.slice(1)).toMatchObject([
      {
        id: 'dns/not-run',
        status: 'blocked',
        blockedBy: BOOT_CHECK,
        message: 'the stack did not come up: db is unhealthy',
      },
      { id: 'backup/not-run', status: 'blocked' },
    ]);
    expect(verdictOf(settled, false)).toBe('fail');
  });
});

const FACTS = { roles: {}, down: [], holds: {}, ownProcedures: false };

const summary = (checks: ReportedCheck[]): Summary => ({
  schema: 2,
  verdict: verdictOf(checks, false),
  stack: { dir: '/stack', project: 'verify-00000000', services: 2, releases: {} },
  images: { set: 'standin', list: [] },
  timing: { readMs: 1, bootMs: 2, suitesMs: 3, teardownMs: 4, totalMs: 10 },
  suites: suiteSummaries(checks, [{ name: 'dns', durationMs: 3 }]),
  policy: null,
  waivers: [],
  causes: causesOf(checks, FACTS),
  checks: withCauses(checks, causesOf(checks, FACTS)),
  convergence: [],
  notes: [],
});

test('JUnit counts failures, errors and skips, keeps advice passed, and escapes what XML cannot hold', () => {
  const text = junit(
    summary([
      check('pass', { id: 'dns/a' }),
      check('fail', { id: 'dns/b', message: 'expected <a> & "b"\u0000' }),
      check('fail', { id: 'dns/c', level: 'advice', message: 'told' }),
      check('error', { id: 'dns/d' }),
      check('skip', { id: 'dns/e' }),
    ]),
    false,
  );
  expect(text).toContain('tests="5" failures="1" errors="1" skipped="1"');
  expect(text).toContain('message="expected &lt;a&gt; &amp; &quot;b&quot;"');
  expect(text).not.toContain('\u0000');
  expect(text).toContain('advice: told');
});

test('the terminal names each failure with what was seen, why it matters and how to mend it', () => {
  const text = terminalReport(
    summary([check('fail', { message: 'seen this', why: 'so what', hint: 'do that', reference: 'a.yaml:3' })]),
    {
      strict: false,
      verbose: true,
      reportDir: 'reports/latest',
    },
  );
  for (const part of ['dns/fail', 'found  seen this', 'impact so what', 'fix    do that', 'where  a.yaml:3', 'FAIL'])
    expect(text).toContain(part);
});

describe('causes first', () => {
  const behindOne = summary([
    check('fail', { id: 'config/setting/pinned', suite: 'dns', level: 'advice', message: 'no tag' }),
    check('fail', { id: 'failover/api/new-address', suite: 'dns', cause: 'nginx-static-upstream' }),
    check('fail', {
      id: 'config/nginx/nginx/re-resolved/api',
      suite: 'config',
      message: 'looked up once',
      hint: 'a resolver',
      reference: 'nginx/a.conf:8 (F001)',
    }),
    check('fail', { id: 'config/port/db', suite: 'config', message: 'open' }),
    check('blocked', { id: 'dns/late', blockedBy: 'config/port/db' }),
  ]);
  const told = { strict: false, verbose: false, reportDir: 'reports/latest' };

  test('the first block of the console counts what to fix and names each once; single checks are not printed', () => {
    const [first = '', ...blocks] = terminalReport(behindOne, told).split('\n\n');
    expect(first.split('\n')).toEqual([
      'FIX THESE 2 (3 red)',
      '  1. exposed   port-published:db       1 red  db is published beyond this machine',
      '  2. fragile   nginx-static-upstream   2 red  nginx looks its upstreams up once, when it starts',
    ]);
    expect(blocks[0]).toMatch(
      /^ 1\. .*\n.*found  open\n.*checks 1 check red, 1 not looked at: config\/port\/db\n.*explain npm run verify -- explain port-published:db$/,
    );
    expect(blocks[1]).toContain('where  nginx/a.conf:8');
    expect(blocks[1]).toContain('fix    a resolver');
    expect(blocks[2]).toMatch(/^ADVICE \(1, .*\n  image-not-pinned  images name no release/);
    expect(blocks.join('\n')).not.toContain('api resolves db');
    expect(terminalReport(behindOne, { ...told, verbose: true })).toContain(
      'FAIL  failover/api/new-address  api resolves',
    );
  });

  test('advice that counts is to be fixed', () => {
    expect(terminalReport(behindOne, { ...told, strict: true })).toMatch(/^FIX THESE 3 \(4 red\)/);
  });

  test('JUnit begins with the causes, and each check names its own', () => {
    const text = junit(behindOne, false);
    expect(text).toMatch(/<testsuites[^>]*>\n {2}<testsuite name="causes" tests="3" failures="2"/);
    expect(text.match(/<testcase classname="causes"/g)).toHaveLength(3);
    expect(text.indexOf('port-published:db: ')).toBeLessThan(text.indexOf('nginx-static-upstream: '));
  });

  test('the page of the report has every check that is not passed, under its cause', () => {
    const page = markdown(behindOne, false, { checks: true });
    const [, section = ''] = page.split('#### nginx-static-upstream');
    for (const id of ['re-resolved/api', 'failover/api/new-address']) expect(section.split('####')[0]).toContain(id);
    expect(page).toMatch(/#### port-published:db[^#]*\*\*blocked\*\* `dns\/late`/);
    expect(markdown(behindOne, false)).not.toContain('failover/api/new-address');
  });

  test('one annotation a cause', () => {
    expect(
      githubReport(behindOne, { strict: false }, { GITHUB_ACTIONS: 'true' }).map(
        (line) => /title=([^:]+)/.exec(line)?.[1],
      ),
    ).toEqual(['port-published%3Adb', 'nginx-static-upstream']);
  });
});

describe('in Chinese', () => {
  const told = { strict: false, verbose: true, reportDir: 'reports/latest', language: 'zh' } as const;
  const seen = summary([
    check('fail', {
      id: 'dns/api/resolves/db',
      message: 'no answer',
      why: 'callers report a DNS error',
      reference: 'a.yaml:3 (F010)',
    }),
    check('error', { id: 'guide/ps/api', message: 'not asked' }),
    {
      ...check('fail', { id: 'config/port/db' }),
      status: 'waived',
      waiver: { at: '/x/verify.yaml:2', reason: 'a test', until: '2027-01-31' },
    },
  ]);

  test('labels, titles, impact and verdict are; what a verdict found stays as it was said', () => {
    const text = terminalReport(seen, told);
    expect(text).toContain('请修复以下 2 项（2 个红色）');
    expect(text).toContain('不成立：api 把 db 恰好解析到它自己的地址');
    expect(text).toContain('发现   no answer');
    expect(text).toContain('影响   调用方报 DNS 错误');
    expect(text).toContain('位置   a.yaml:3');
    expect(text).toContain('已豁免（1 个检查，');
    expect(text).toContain('说明   npm run verify -- explain dns/api/resolves/db');
    expect(text).not.toMatch(/\b(impact|found|where|checks red|not passed)\b/);
  });

  test('the fix is the sentence of the catalogue, then the lines for this stack as they were said', () => {
    const port = check('fail', { id: 'config/port/db', cause: 'port-published:db', hint: 'remove ports: from db' });
    const text = terminalReport(summary([port]), told);
    expect(text).toContain(`修复   ${causeText('port-published', 'zh').fix}\n`);
    expect(text).toMatch(/^ +remove ports: from db$/m);
    expect(markdown(summary([port]), false, { checks: true, language: 'zh' })).toContain(
      `${causeText('port-published', 'zh').fix} remove ports: from db`,
    );
  });

  test('a run that could not judge says so', () => {
    const text = terminalReport(summary([check('error', { id: 'guide/ps/api', message: 'not asked' })]), told);
    expect(text).toMatch(/\[无法判断\]/);
    expect(text).toMatch(/^错误 {2}guide\/ps\/api {2}docker compose ps 列出 api 正在运行$/m);
  });

  test('the page has no English heading, and names the pages of its checks', () => {
    const page = markdown(seen, false, { checks: true, language: 'zh' });
    expect(page).toMatch(/^### verify：/);
    expect(page).toContain('| 套件 | 通过 | 失败 |');
    expect(page).toContain('| 位置 | 发现 | 修复 |');
    expect(page).toContain('F010：服务死了，却表现为 DNS 错误');
    expect(page).toContain('说明: `npm run verify -- explain guide/ps/api`');
  });

  test('the columns of the table are under each other', () => {
    const lines = terminalReport(seen, told).split('\n');
    const from = lines.findIndex((line) => line.startsWith('套件'));
    const widths = lines.slice(from, from + 3).map((line) => columnsOf(line));
    expect(new Set(widths).size).toBe(1);
  });
});

describe('secrets', () => {
  const model = {
    services: {
      api: {
        environment: {
          SECRET_KEY: 'sk-abc/def+"9',
          DB_PASSWORD: 'hunter2secret',
          CELERY_BROKER_URL: 'redis://:brokerpass@redis:6379/1',
          AUTHENTICATION_APIKEY_ENABLED: 'true',
          NGINX_SSL_CERT_KEY_FILENAME: 'dify.key',
          APIKEY_ALLOWED_KEYS: 'first-key-1,second-key-2',
        },
      },
    },
  } as unknown as StackModel;
  const { text, data } = redactor(secretsOf(model));

  test('every form of a secret is masked: plain, in JSON, in a URL, as an assignment', () => {
    const secret = 'sk-abc/def+"9';
    for (const form of [
      secret,
      JSON.stringify(secret),
      encodeURIComponent(secret),
      'x hunter2secret y',
      'redis://:brokerpass@redis',
      'second-key-2',
    ]) {
      expect(text(form)).toContain('***');
    }
    expect(text('NEW_TOKEN=abcdefgh9 rest')).toBe('NEW_TOKEN=*** rest');
    expect(text('postgres://u:pw@db/x')).toBe('postgres://u:***@db/x');
  });

  test('plain words are left alone, so that a report stays readable', () => {
    expect(text('AUTHENTICATION_APIKEY_ENABLED=true and it is true')).toContain('it is true');
    expect(text('dify.key is missing')).toBe('dify.key is missing');
    const { text: weak } = redactor(
      secretsOf({ services: { x: { environment: { A_PASSWORD: 'password' } } } } as unknown as StackModel),
    );
    expect(weak('the password is weak: A_PASSWORD=password')).toBe('the password is weak: A_PASSWORD=***');
    expect(weak('mend: A_PASSWORD=<openssl rand -hex 32>')).toContain('<openssl rand');
  });

  test('ids are made of names and are never masked', () => {
    expect(data({ id: 'config/hunter2secret', message: 'hunter2secret' })).toEqual({
      id: 'config/hunter2secret',
      message: '***',
    });
  });

  test('so are the ids of causes and of what follows from them', () => {
    const cause = { id: 'port-published:hunter2secret', fix: 'hunter2secret', checks: ['config/hunter2secret'] };
    expect(data({ causes: [cause], checks: [{ cause: cause.id, message: 'hunter2secret' }] })).toEqual({
      causes: [{ ...cause, fix: '***' }],
      checks: [{ cause: cause.id, message: '***' }],
    });
  });

  test('data is masked deeply and keeps its shape', () => {
    expect(data({ a: ['hunter2secret', 1, null, true], b: { c: 'x' } })).toEqual({
      a: ['***', 1, null, true],
      b: { c: 'x' },
    });
  });
});

describe('on GitHub', () => {
  test('a failure is annotated at the file and line of its reference; elsewhere nothing is printed', () => {
    const seen = summary([
      check('fail', { id: 'config/a:B', message: 'one\ntwo 100%', reference: 'package.json:3 (F001)' }),
    ]);
    seen.stack.dir = process.cwd();
    expect(githubReport(seen, { strict: false }, {})).toEqual([]);
    expect(githubReport(seen, { strict: false }, { GITHUB_ACTIONS: 'true' })).toEqual([
      '::error file=package.json,line=3,title=config/a%3AB::does not hold: api resolves db (1 check red)%0Aone%0Atwo 100%25%0Aexplain: npm run verify -- explain config/a:B',
    ]);
  });

  test('a reference that is no file of the stack gives no place', () => {
    expect(placeOf(placeIn('F076'), { dir: '.', from: '.' })).toBeNull();
    expect(placeOf(placeIn('nowhere.conf:3'), { dir: '.', from: '.' })).toBeNull();
  });
});
