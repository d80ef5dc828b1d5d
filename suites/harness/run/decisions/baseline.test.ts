import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { globOf, matchesAny } from '../../../../fixtures/checks/select.ts';
import { parsePolicy } from '../../../../fixtures/model/policy/policy.ts';
import { baselineOf, type NewWaiver } from '../../../../fixtures/run/decisions/baseline.ts';
import { withWaivers } from '../../../../fixtures/run/decisions/policy-text.ts';
import { addWaivers, refuseUnwritable } from '../../../../fixtures/run/decisions/write-policy.ts';
import type { ReportedCheck } from '../../../../fixtures/run/reported-check.ts';
import { check } from './sample.ts';

const until = '2027-02-26';
const baseline = (checks: ReportedCheck[], strict = false) => baselineOf(checks, { today: '2026-11-28', strict });

describe('what a baseline accepts', () => {
  test('a cause once, with its findings named; a check without a cause, or that is its own, by its id', () => {
    const cause = 'nginx-static-upstream';
    const checks = [
      check('failover/api/new-address', 'fail', { cause }),
      check('config/nginx/nginx/re-resolved/api', 'fail', { cause, level: 'advice' }),
      check('dns/x', 'fail'),
      check('dns/y', 'fail', { cause: 'dns/y' }),
      check('routes/a', 'fail', { cause: 'c' }),
      check('routes/b', 'fail', { cause: 'c' }),
    ];
    expect(baseline(checks)).toEqual([
      { cause, of: ['config/nginx/nginx/re-resolved/api'], reason: 'baseline', until },
      { check: 'dns/x', reason: 'baseline', until },
      { check: 'dns/y', reason: 'baseline', until },
      { cause: 'c', of: ['routes/a', 'routes/b'], reason: 'baseline', until },
    ]);
  });

  test('not what passes, is waived, could not be judged, was blocked or only advises', () => {
    const checks = [
      check('dns/a', 'pass'),
      check('dns/b', 'waived'),
      check('dns/c', 'error'),
      check('dns/d', 'blocked'),
      check('dns/e', 'skip'),
      check('dns/f', 'fail', { level: 'advice' }),
    ];
    expect(baseline(checks)).toEqual([]);
    expect(baseline(checks, true)).toEqual([{ check: 'dns/f', reason: 'baseline', until }]);
  });

  test('not the boot of a stack that did not come up', () => {
    const checks = [check('health/boot', 'fail'), check('dns/not-run', 'blocked', { blockedBy: 'health/boot' })];
    expect(baseline(checks)).toEqual([]);
  });

  test.for(['routes/location:~ ^/x.*\\.php$/owner', 'a/\\*b', 'a/b?c', 'a/b'])(
    'the glob of %s matches it alone',
    (id) => {
      const glob = globOf(id);
      expect(matchesAny([glob], id)).toBe(true);
      for (const other of [id.replace('*', 'x'), id.replace('?', 'x'), `${id}x`].filter((text) => text !== id))
        expect([other, matchesAny([glob], other)]).toEqual([other, false]);
      // A pasted id needs no escapes.
      expect(matchesAny([id], id)).toBe(true);
    },
  );
});

const NEW: NewWaiver[] = [
  { cause: 'c', of: ['config/a: b', 'config/#c'], reason: 'baseline', until },
  { check: '*', reason: 'baseline', until },
];

describe('the text of a policy with its baseline', () => {
  test('a new file points to the schema in its first line, and reads back', () => {
    const text = withWaivers(null, NEW, '../package/verify.schema.json');
    expect(text.split('\n')[0]).toBe('# yaml-language-server: $schema=../package/verify.schema.json');
    expect(parsePolicy(text, 'v').waivers.map(({ at: _at, ...waiver }) => waiver)).toEqual(NEW);
    expect(text).toMatch(/\n +until: 2027-02-26\n/);
  });

  test.for<[string, string]>([
    [
      'comments, order and blank lines',
      '# ours\n\nbackup: # both\n  backup: ./b.sh\n  restore: ./r.sh # slow\n\n# old\nwaivers:\n  # the first\n  - check: dns/a # why\n    reason: x\n    until: 2027-01-31\n\n# levels last\nlevels:\n  config/x: advice\n# the end\n',
    ],
    [
      'wide indents',
      'waivers:\n    - check: dns/a\n      reason: x\n      until: 2027-01-31\nlevels:\n    config/x: advice\n',
    ],
    ['lists that are not indented', 'waivers:\n- check: dns/a\n  reason: x\n  until: 2027-01-31\n'],
    [
      'long and quoted texts',
      `waivers:\n  - check: "dns/a"\n    reason: 'it''s ${'long '.repeat(60)}'\n    until: "2027-01-31"\n`,
    ],
    ['only comments', '# to be filled\n'],
    ['no waivers', '# ours\nlevels:\n  config/x: advice\n'],
    ['a schema that is named already', '# yaml-language-server: $schema=./mine.json\nlevels:\n  config/x: advice\n'],
    [
      'the list in the middle, with a comment behind it',
      'waivers:\n  - check: dns/a\n    reason: x\n    until: 2027-01-31 # soon\n  # no more\nlevels:\n  config/x: advice\n',
    ],
    [
      'a list in one line each',
      'waivers:\n  - { check: dns/a, reason: x, until: 2027-01-31 }\n\nlevels:\n  config/x: advice\n',
    ],
    [
      'a block text at the end',
      'waivers:\n  - check: dns/a\n    until: 2027-01-31\n    reason: |\n      two\n      lines\n\nlevels:\n  config/x: advice\n',
    ],
    ['no line end at the end', 'waivers:\n  - check: dns/a\n    reason: x\n    until: 2027-01-31'],
    ['an anchor', 'levels:\n  config/x: &l advice\n  config/y: *l\n'],
    ['lines of Windows', '# ours\r\nlevels:\r\n  config/x: advice\r\n'],
  ])('every line that is there stays: %s', ([, before]) => {
    const after = withWaivers(before, NEW, 'verify.schema.json');
    const lines = after.split('\n');
    const kept = lines.filter((line) => before.split('\n').includes(line));
    expect(kept.filter((line) => line.trim() !== '')).toEqual(before.split('\n').filter((line) => line.trim() !== ''));
    expect(after.match(/yaml-language-server/g)).toHaveLength(1);
    const policy = parsePolicy(after, 'v');
    expect(policy.waivers).toHaveLength(parsePolicy(before, 'v').waivers.length + NEW.length);
    expect(policy.levels).toEqual(
      parsePolicy(before, 'v').levels.map((rule) => ({ ...rule, at: expect.anything() as string })),
    );
  });

  test.for(['waivers: []\n', 'waivers: [{ check: a, reason: b, until: 2027-01-31 }]\n', '{}\n', ''])(
    '%j takes them as well',
    (before) => {
      const policy = parsePolicy(withWaivers(before, NEW, 's'), 'v');
      expect(policy.waivers.slice(-2)).toMatchObject(NEW);
    },
  );
});

describe('the file', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'baseline-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const inDir = (name: string) => path.join(dir, name);

  test('is written whole, with its mode, through a link, and nothing else is left beside it', () => {
    mkdirSync(inDir('own'));
    writeFileSync(inDir('own/policy.yaml'), '# ours\nlevels: { a: advice }\n');
    chmodSync(inDir('own/policy.yaml'), 0o640);
    symlinkSync('own/policy.yaml', inDir('verify.yaml'));
    addWaivers(inDir('verify.yaml'), NEW);
    expect(statSync(inDir('own/policy.yaml')).mode & 0o777).toBe(0o640);
    expect(readdirSync(inDir('own'))).toEqual(['policy.yaml']);
    const text = readFileSync(inDir('own/policy.yaml'), 'utf8');
    expect(text).toContain('# ours');
    const [, schema = ''] = /\$schema=(.*)/.exec(text) ?? [];
    expect(existsSync(path.resolve(inDir('own'), schema))).toBe(true);
  });

  test('what became unreadable while the run was on is not written over', () => {
    writeFileSync(inDir('broken.yaml'), 'waivers: [');
    expect(() => addWaivers(inDir('broken.yaml'), NEW)).toThrow(/nothing was written, .*broken\.yaml:1: /);
    expect(readFileSync(inDir('broken.yaml'), 'utf8')).toBe('waivers: [');
  });

  test('what cannot be written is refused before the run', () => {
    symlinkSync('/nowhere/at/all', inDir('dangling.yaml'));
    expect(() => refuseUnwritable('/dev/null')).toThrow(/\/dev\/null is no file that can be written/);
    expect(() => refuseUnwritable(dir)).toThrow(/is no file/);
    expect(() => refuseUnwritable(inDir('dangling.yaml'))).toThrow(/is no file/);
    expect(() => refuseUnwritable(inDir('none/verify.yaml'))).toThrow(/the folder .*none does not exist/);
    expect(() => refuseUnwritable('/proc/verify.yaml')).toThrow(/cannot be written/);
    expect(() => refuseUnwritable(inDir('new.yaml'))).not.toThrow();
  });
});
