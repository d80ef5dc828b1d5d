import { describe, expect, test } from 'vitest';
import { shownPage } from '../../../../fixtures/cli/explain/command.ts';
import { subjectsOf } from '../../../../fixtures/cli/explain/find.ts';
import { meets } from '../../../../fixtures/cli/explain/meets.ts';
import { Pages, type Subject } from '../../../../fixtures/cli/explain/page.ts';
import { ownCause, relationsOf, sampleOf } from '../../../../fixtures/cli/explain/relations.ts';
import { catalogue } from '../../../../fixtures/mutation/catalogue.ts';
import { toTurnRed, type Fault } from '../../../../fixtures/mutation/fault.ts';
import { matchesAny } from '../../../../fixtures/checks/select.ts';
import { CAUSE_CLASSES } from '../../../../fixtures/texts/causes.ts';
import { CLASS_PATTERNS, classOfCheck } from '../../../../fixtures/texts/classes.ts';
import { columnsOf } from '../../../../fixtures/texts/columns.ts';
import { FIELD_FAULTS, type FieldNumber } from '../../../../fixtures/texts/field-faults.ts';
import { LANGUAGES } from '../../../../fixtures/texts/language.ts';
import { OF_THE_RUN } from '../../../../fixtures/run/causes/kinds.ts';

const subjects: Subject[] = [
  ...CLASS_PATTERNS.map((pattern): Subject => ({ kind: 'check', pattern })),
  ...CAUSE_CLASSES.map((cause): Subject => ({ kind: 'cause', cause, of: '' })),
  ...(Object.keys(FIELD_FAULTS) as FieldNumber[]).map((number): Subject => ({ kind: 'field', number })),
];
/** What no page may lack. */
const NEEDED = {
  check: ['proves', 'how', 'matters', 'failure', 'fix', 'since', 'faults'],
  cause: ['danger', 'proves', 'how', 'matters', 'failure', 'fix', 'since', 'shows', 'faults'],
  field: ['seen', 'since', 'threads', 'faults'],
} as const;

describe.for(LANGUAGES)('pages (%s)', (language) => {
  const pages = new Pages(language);

  test('each is whole', () => {
    const lacking = subjects.flatMap((subject) => {
      const { head, sections } = pages.page(subject);
      const has = sections.map(({ name }) => name as string);
      const ofTheRun = (OF_THE_RUN as readonly string[]).includes(head);
      const needed = ofTheRun ? (['matters', 'fix'] as const) : NEEDED[subject.kind];
      return needed.filter((name) => !has.includes(name)).map((name) => `${head} lacks ${name}`);
    });
    expect(lacking).toEqual([]);
  });

  test('none has a hole, and none is wider than a terminal', () => {
    const shown = subjects.map((subject) => shownPage(pages.page(subject)));
    expect(shown.filter((page) => /undefined|\{[a-z]+[…?]?\}/.test(page))).toEqual([]);
    expect(shown.flatMap((page) => page.split('\n').filter((line) => columnsOf(line) > 120))).toEqual([]);
  });

  test('each is found by what it is headed with, and by it alone', () => {
    const lost = subjects.filter((subject) => {
      const { head } = pages.page(subject);
      const [found, ...more] = subjectsOf(head);
      return more.length > 0 || JSON.stringify(found) !== JSON.stringify(subject);
    });
    expect(lost).toEqual([]);
  });
});

describe('what a page refers to', () => {
  const relations = relationsOf();

  test('every fault of the catalogue is on the page of a check and on that of its cause', () => {
    const ids = (faults: { id: string }[]) => faults.map(({ id }) => id);
    const checks = new Set(CLASS_PATTERNS.flatMap((pattern) => ids(relations.faultsOfClass(pattern))));
    const causes = new Set(CAUSE_CLASSES.flatMap((cause) => ids(relations.faultsOfCause(cause))));
    // What no rule knows is its own cause: the page of the check is that of the cause.
    const isOwn = (fault: Fault) => toTurnRed(fault).some((id) => matchesAny([fault.cause], id));
    const told = (fault: Fault) => checks.has(fault.id) && (causes.has(fault.id) || isOwn(fault));
    // What compose refuses is told before any check: by one line that names what is in the way.
    const judged = catalogue.filter(({ refused }) => refused === undefined);
    expect(judged.filter((fault) => !told(fault)).map(({ id }) => id)).toEqual([]);
  });

  test('a check leads to the cause that a run would name', () => {
    expect(ownCause('config/secret/default/{holder}')).toBe('published-default-secret');
    expect(ownCause('isolation/{service}/refuses/{target}')).toBe('squid-private-open');
    expect(ownCause('guide/ps/{service}')).toBeNull();
    expect(relations.causesOf('failover/{service}/new-address')).toContain('nginx-stale-resolver');
  });

  test('a sample of a class is of that class', () => {
    expect(CLASS_PATTERNS.filter((pattern) => classOfCheck(sampleOf(pattern))?.pattern !== pattern)).toEqual([]);
  });
});

test.for([
  ['config/secret/default/db:*', 'config/secret/default/{holder}', true],
  ['config/secret/*', 'config/secret/default/{holder}', true],
  ['config/port/*', 'config/port/{port}/listened', true],
  ['config/port/nginx', 'config/port/{port}/listened', false],
  ['routes/*/owner', 'routes/public:{path…}/owner', true],
  ['routes/*/owner', 'routes/public:{path…}/limit', false],
  ['routes/configuration', 'routes/configuration{service?}', true],
  ['routes/*/of/owner', 'routes/configuration{service?}', false],
  ['dns/a?i/resolver', 'dns/{service}/resolver', true],
  ['dns/a/b/resolver', 'dns/{service}/resolver', false],
  ['a\\*', 'a{service}', true],
  ['*', 'health/boot', true],
  ['', 'health/boot', false],
] as const)('%s and %s: %s', ([glob, pattern, fits]) => expect(meets(glob, pattern)).toBe(fits));

describe('an id', () => {
  test.for<[string, string[]]>([
    ['dns/api/resolves/db', ['dns/*/resolves/*']],
    ['dns/*/resolves/*', ['dns/*/resolves/*']],
    ['config/port/nginx:8080/listened', ['config/port/*/listened']],
    ['routes/location:/console/api/owner', ['routes/location:*/owner']],
    ['datapath/app', ['datapath/app*']],
    ['backup/same/files/api/app/api/storage/contents', ['backup/same/files/*/contents']],
    ['dns/not-run', ['*/not-run']],
    ['port-published', ['port-published']],
    ['port-published:db', ['port-published:db']],
    ['secret-differs:redis:requirepass', ['secret-differs:redis:requirepass']],
    ['f037', ['F037']],
    [
      'squid-*',
      [
        'squid-private-open',
        'squid-tunnels',
        'squid-peer-open',
        'squid-shut',
        'squid-timeout-short',
        'squid-waits-for-names',
      ],
    ],
    [
      'config/squid/*',
      ['private', 'allowed', 'peer', 'outside', 'timeouts', 'dns'].map((question) => `config/squid/*/${question}`),
    ],
  ])('%s leads to %o', ([id, heads]) => {
    const pages = new Pages('en');
    expect(subjectsOf(id).map((subject) => pages.page(subject).head)).toEqual(heads);
  });

  test.for([
    ['no-helth-check', 'the nearest is no-health-check'],
    ['dns/api/resolve/db', 'the nearest is dns/*/resolves/*'],
    ['dns/api/blue', "explain 'dns/*' lists those of dns"],
    ['nonsense', "'SUITE/*' lists those of a suite (config, dns"],
    ['nonsense/not-run', "'SUITE/*' lists those of a suite (config, dns"],
    ['F999', 'no check, cause or fault of that name'],
    ['nonsense*', 'no check, cause or fault of that name'],
  ] as const)('%s: %s', ([id, message]) => expect(() => subjectsOf(id)).toThrow(message));
});
