import { describe, expect, test } from 'vitest';
import type { RecordedCheck } from '../../../../fixtures/checks/run-context.ts';
import { parsePolicy, type Policy } from '../../../../fixtures/model/policy/policy.ts';
import { decide, type Decided } from '../../../../fixtures/run/decisions/decide.ts';
import { SUITES } from '../../../../fixtures/run/options.ts';
import { verdictOf } from '../../../../fixtures/run/report/summary.ts';
import { check } from './sample.ts';

const TODAY = '2026-11-28';
const facts = { roles: {}, down: [], holds: {}, ownProcedures: false };

const SOUND = check('dns/api/resolves/db', 'pass');
const A = check('config/secret/default/db:DB_PASSWORD', 'fail');
const B = check('config/secret/default/api:SECRET_KEY', 'fail');
const STATIC = check('config/nginx/nginx/re-resolved/api', 'fail');
const STATIC_WEB = check('config/nginx/nginx/re-resolved/web', 'fail');
/** Follows from a static upstream, by the rules of the causes. */
const MOVED = check('failover/api/new-address', 'fail', { cause: 'nginx-static-upstream' });

const policyOf = (text: string): Policy => ({ file: '/stack/verify.yaml', ...parsePolicy(text, '/stack/verify.yaml') });

function decided(
  checks: readonly RecordedCheck[],
  waivers: readonly string[],
  more: Partial<{ text: string; today: string; suites: string[]; selected: boolean; strict: boolean }> = {},
): Decided & { verdict: string } {
  const { text = '', today = TODAY, suites = [...SUITES], selected = false, strict = false } = more;
  const policy = policyOf(
    `waivers:\n${waivers.map((one) => `  - ${one}\n`).join('')}${waivers.length === 0 ? '  []\n' : ''}${text}`,
  );
  const result = decide(checks, policy, { facts, strict, suites, selected, today });
  return { ...result, verdict: verdictOf(result.checks, strict) };
}

const waiver = (about: string, until = '2027-01-31', reason = 'known'): string =>
  `{ ${about}, reason: ${reason}, until: ${until} }`;
const statuses = ({ checks }: Decided) => Object.fromEntries(checks.map(({ id, status }) => [id, status]));
const states = ({ waivers }: Decided) => waivers.map(({ state }) => state);

describe('what a waiver accepts', () => {
  test('a failure is shown as waived, with the waiver that did it, and the run passes', () => {
    const seen = decided([SOUND, A], [waiver(`check: 'config/secret/default/*'`)]);
    expect(seen.checks[1]).toMatchObject({
      status: 'waived',
      message: A.message,
      waiver: { at: '/stack/verify.yaml:2', reason: 'known', until: '2027-01-31' },
    });
    expect(seen.verdict).toBe('pass');
    expect(seen.waivers).toMatchObject([{ state: 'active', checks: [A.id], blocked: 0 }]);
    expect(seen.policy?.told).toEqual([]);
  });

  test.for<[string, RecordedCheck[], string, string]>([
    ['what else fails', [SOUND, A, MOVED], MOVED.id, 'fail'],
    ['what could not be judged', [SOUND, { ...A, status: 'error' }], A.id, 'error'],
    ['what passes', [SOUND, { ...A, status: 'pass' }], A.id, 'pass'],
    ['what does not apply', [SOUND, { ...A, status: 'skip' }], A.id, 'skip'],
  ])('nothing is changed about %s', ([, checks, id, status]) => {
    const seen = decided(checks, [waiver(`check: 'config/secret/default/*'`)]);
    expect(statuses(seen)[id]).toBe(status);
    expect(seen.verdict).toBe(status === 'pass' || status === 'skip' ? 'pass' : status);
  });

  test('the boot of a stack that did not come up stays red: behind it nobody has looked', () => {
    const boot = check('health/boot', 'fail');
    const behind = check('dns/not-run', 'blocked', { blockedBy: 'health/boot' });
    const seen = decided([check('config/x', 'pass'), boot, behind], [waiver('check: "health/*"')]);
    expect(statuses(seen)).toMatchObject({ 'health/boot': 'fail', 'dns/not-run': 'blocked' });
    expect(seen.verdict).toBe('fail');
    expect(states(seen)).toEqual(['not-judged']);
  });

  test('the boot is accepted where everything was judged all the same', () => {
    const seen = decided([SOUND, check('health/boot', 'fail')], [waiver('check: health/boot')]);
    expect([statuses(seen)['health/boot'], seen.verdict]).toEqual(['waived', 'pass']);
  });

  test('what was blocked by a waived red stays blocked, and its number is told', () => {
    const behind = check('datapath/x', 'blocked', { blockedBy: A.id });
    const seen = decided([SOUND, A, behind], [waiver(`check: '${A.id}'`)]);
    expect(statuses(seen)['datapath/x']).toBe('blocked');
    expect(seen.waivers).toMatchObject([{ blocked: 1 }]);
    expect(seen.verdict).toBe('pass');
  });

  test('advice is waived, too, and then counts under --strict no more', () => {
    const advice = { ...A, level: 'advice' as const };
    expect(decided([SOUND, advice], [], { strict: true }).verdict).toBe('fail');
    expect(decided([SOUND, advice], [waiver(`check: '${A.id}'`)], { strict: true }).verdict).toBe('pass');
  });
});

describe('a waiver of a cause', () => {
  test('accepts what follows from it and nothing else', () => {
    const seen = decided([SOUND, STATIC, MOVED, A], [waiver('cause: nginx-static-upstream')]);
    expect(statuses(seen)).toMatchObject({ [STATIC.id]: 'waived', [MOVED.id]: 'waived', [A.id]: 'fail' });
    expect(seen.causes.map(({ id, waived }) => [id, waived])).toEqual([
      ['published-default-secret', undefined],
      ['nginx-static-upstream', 2],
    ]);
  });

  test('with its findings named, another defect of the same kind is red', () => {
    const named = waiver(`cause: nginx-static-upstream, of: ['${STATIC.id}']`);
    const seen = decided([SOUND, STATIC, STATIC_WEB, MOVED], [named]);
    expect(statuses(seen)).toMatchObject({ [STATIC.id]: 'waived', [MOVED.id]: 'waived', [STATIC_WEB.id]: 'fail' });
  });

  test('with a finding named that is not there any more, what shows of the cause is red', () => {
    const named = waiver(`cause: nginx-static-upstream, of: ['${STATIC.id}']`);
    const seen = decided([SOUND, STATIC_WEB, MOVED], [named]);
    expect(statuses(seen)).toMatchObject({ [MOVED.id]: 'fail', [STATIC_WEB.id]: 'fail' });
    expect(states(seen)).toEqual(['unused']);
  });

  test('of what is seen only on the running stack accepts no more than it names', () => {
    const other = check('routes/x/owner', 'fail', { cause: 'c' });
    const one = check('routes/y/owner', 'fail', { cause: 'c' });
    const seen = decided([SOUND, one, other], [waiver(`cause: c, of: ['${one.id}']`)]);
    expect(statuses(seen)).toMatchObject({ [one.id]: 'waived', [other.id]: 'fail' });
  });
});

describe('dates', () => {
  test.for([
    ['2026-11-28', 'expiring', 'waived', /expires today/],
    ['2026-11-29', 'expiring', 'waived', /expires in 1 day \(2026-11-29\): then 1 check count again/],
    ['2026-12-12', 'expiring', 'waived', /expires in 14 days/],
    ['2026-12-13', 'active', 'waived', null],
    ['2026-11-27', 'expired', 'fail', /expired on 2026-11-27, 1 day ago: 1 check that it accepted count again/],
    ['2026-09-29', 'expired', 'fail', /expired on 2026-09-29, 60 days ago/],
  ] as const)('until %s: %s, the check is %s', ([until, state, status, told]) => {
    const seen = decided([SOUND, A], [waiver(`check: '${A.id}'`, until)]);
    expect(states(seen)).toEqual([state]);
    expect(statuses(seen)[A.id]).toBe(status);
    expect(seen.verdict).toBe(status === 'fail' ? 'fail' : 'pass');
    expect(seen.policy?.told.join('\n')).toMatch(told ?? /^$/);
    expect(seen.checks[1]?.waiver?.expired).toBe(status === 'fail' ? true : undefined);
  });

  test('one that is over and that nothing needs any more is told, and fails nothing', () => {
    const seen = decided([SOUND, { ...A, status: 'pass' }], [waiver(`check: '${A.id}'`, '2026-01-01')]);
    expect([seen.verdict, ...states(seen)]).toEqual(['pass', 'expired']);
    expect(seen.policy?.told).toEqual([expect.stringMatching(/^verify\.yaml:2: expired on .*take it out$/)]);
  });

  test('one that is over beside a newer one fails nothing', () => {
    const seen = decided([SOUND, A], [waiver(`check: '${A.id}'`, '2026-01-01'), waiver(`check: '${A.id}'`)]);
    expect([seen.verdict, ...states(seen)]).toEqual(['pass', 'expired', 'active']);
    expect(seen.checks[1]?.waiver).toMatchObject({ at: '/stack/verify.yaml:3' });
  });
});

test('a waiver for running projects is not told as unused by a run on a copy, and is by one on a project', () => {
  const of = waiver('check: "drift/web/*"');
  expect(states(decided([SOUND], [of]))).toEqual(
    states(decided([SOUND], [waiver('check: "dns/*"')], { suites: ['config'] })),
  );
  expect(states(decided([SOUND], [of], { suites: ['config', 'drift'] }))).toEqual(['unused']);
});

describe('waivers that nobody needs are told', () => {
  test.for<[string, RecordedCheck[], string[], string[], RegExp]>([
    [
      'it matches no check',
      [SOUND],
      [waiver('check: dns/api/resolves/dbb')],
      ['unused'],
      /matches no check \(dns\/api\/resolves\/db is there\)/,
    ],
    [
      'what it matches passes',
      [SOUND],
      [waiver('check: "dns/*"')],
      ['unused'],
      /nothing that it accepts fails any more/,
    ],
    [
      'its cause does not show',
      [SOUND],
      [waiver('cause: nginx-static-upstream')],
      ['unused'],
      /nothing that it accepts fails any more/,
    ],
    [
      'its cause is misspelt',
      [SOUND],
      [waiver('cause: nginx-static-upstreams')],
      ['unused'],
      /no such cause, nginx-static-upstream is meant/,
    ],
    [
      'another accepts more',
      [SOUND, A, B],
      [waiver(`check: '${A.id}'`), waiver('check: "config/*"')],
      ['covered', 'active'],
      /^verify\.yaml:2: .*verify\.yaml:3 accepts the same/,
    ],
    [
      'twice the same',
      [SOUND, A],
      [waiver(`check: '${A.id}'`), waiver(`check: '${A.id}'`)],
      ['active', 'covered'],
      /^verify\.yaml:3: /,
    ],
    [
      'another accepts the same for longer',
      [SOUND, A],
      [waiver(`check: '${A.id}'`), waiver(`check: '${A.id}'`, '2027-05-01')],
      ['covered', 'active'],
      /^verify\.yaml:2: /,
    ],
    [
      'another accepts more, not as long',
      [SOUND, A, B],
      [waiver(`check: '${A.id}'`, '2027-05-01'), waiver('check: "config/*"')],
      ['active', 'active'],
      /^$/,
    ],
    [
      'each accepts something else',
      [SOUND, A, B],
      [waiver(`check: '${A.id}'`), waiver(`check: '${B.id}'`)],
      ['active', 'active'],
      /^$/,
    ],
    [
      'what it matches could not be judged',
      [SOUND, { ...A, status: 'error' }],
      [waiver(`check: '${A.id}'`)],
      ['not-judged'],
      /1 check that it names could not be judged/,
    ],
  ])('%s', ([, checks, waivers, expected, told]) => {
    const seen = decided(checks, waivers);
    expect(states(seen)).toEqual(expected);
    expect(seen.policy?.told.join('\n')).toMatch(told);
  });

  test.for<[string, string, Partial<{ suites: string[]; selected: boolean }>, string]>([
    ['its suite was not run', 'check: "routes/*"', { suites: ['config', 'dns'] }, 'not-judged'],
    ['its suite was run', 'check: "dns/x"', { suites: ['config', 'dns'] }, 'unused'],
    ['any suite may match', 'check: "*/x"', { suites: ['config', 'dns'] }, 'not-judged'],
    ['single checks were chosen', 'check: "dns/x"', { selected: true }, 'not-judged'],
    ['a cause of part of the suites', 'cause: nginx-static-upstream', { suites: ['config'] }, 'not-judged'],
  ])('%s', ([, about, looked, state]) => {
    const seen = decided([SOUND], [waiver(about)], looked);
    expect(states(seen)).toEqual([state]);
    expect(seen.policy?.told).toHaveLength(state === 'unused' ? 1 : 0);
  });
});

describe('levels', () => {
  test('the last glob that matches holds; what is advice fails nothing, what is must does', () => {
    const text = "levels: { 'config/secret/*': advice, '*/api:SECRET_KEY': must }\n";
    const seen = decided([SOUND, A, B], [], { text });
    expect(seen.checks.map(({ level }) => level)).toEqual(['must', 'advice', 'must']);
    expect(seen.verdict).toBe('fail');
    expect(decided([SOUND, A], [], { text }).verdict).toBe('pass');
    expect(decided([SOUND, { ...A, level: 'advice' }], [], { text: "levels: { 'config/*': must }\n" }).verdict).toBe(
      'fail',
    );
  });

  test('what could not be judged is no advice, and what was behind it is an error', () => {
    const behind = check('datapath/x', 'blocked', { blockedBy: A.id });
    const text = "levels: { '*': advice }\n";
    expect(decided([SOUND, { ...A, status: 'error' }], [], { text }).verdict).toBe('error');
    expect(statuses(decided([SOUND, A, behind], [], { text }))['datapath/x']).toBe('error');
  });

  test('a glob that matches nothing is told', () => {
    const seen = decided([SOUND], [], { text: "levels: { 'dns/api/resolve/db': advice }\n" });
    expect(seen.policy?.told).toEqual([
      'verify.yaml:3: levels: dns/api/resolve/db matches no check (dns/api/resolves/db is there)',
    ]);
  });
});
