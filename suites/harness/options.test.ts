import { describe, expect, test } from 'vitest';
import { UsageError } from '../../fixtures/errors.ts';
import { matchesAny } from '../../fixtures/check/select.ts';
import { readOptions, SUITES } from '../../fixtures/options.ts';

describe('flags and variables', () => {
  test('without any, the reference stack and every suite', () => {
    expect(readOptions([], {})).toMatchObject({
      stack: 'compose',
      images: 'standin',
      suites: [...SUITES],
      strict: false,
    });
  });

  test('a flag wins over its variable', () => {
    const environment = { VERIFY_STACK: '/a', VERIFY_ONLY: 'dns', VERIFY_PROFILES: 'x, y' };
    expect(readOptions(['--stack', '/b'], environment)).toMatchObject({
      stack: '/b',
      suites: ['dns'],
      profiles: ['x', 'y'],
    });
  });

  test('a policy file by flag or variable', () => {
    expect(readOptions([], {}).policy).toBeUndefined();
    expect(readOptions([], { VERIFY_POLICY: 'a' }).policy).toBe('a');
    expect(readOptions(['--policy', 'b'], { VERIFY_POLICY: 'a' }).policy).toBe('b');
  });

  test('suites keep their own order and come from the globs of --check where --only is not given', () => {
    expect(readOptions(['--only', 'failover,config'], {}).suites).toEqual(['config', 'failover']);
    expect(readOptions(['--check', 'dns/api/*'], {}).suites).toEqual(['dns']);
    expect(readOptions(['--check', '*/api/*'], {}).suites).toEqual([...SUITES]);
  });

  test.for([
    [['--only', 'dnss'], /--only dnss: no such suite/],
    [['--attach', 'dify'], /--attach: not yet/],
    [['--baseline'], /--baseline: not yet/],
    [['--policy', ' '], /--policy is empty/],
    [['--images', 'mixed'], /standin or pinned/],
    [['--nope'], /Unknown option '--nope'.*--help/],
    [['stray'], /--help/],
    [['--stack', ''], /--stack is empty/],
    [['--check', 'nope/x'], /matches no suite/],
  ] as const)('%o is refused in one line', ([args, message]) => {
    let caught: unknown;
    try {
      readOptions(args, {});
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(UsageError);
    expect((caught as Error).message).toMatch(message);
    expect((caught as Error).message).not.toContain('\n');
  });
});

test('a glob is matched against the whole id', () => {
  expect(matchesAny(['dns/api/*'], 'dns/api/resolves/db')).toBe(true);
  expect(matchesAny(['dns/api'], 'dns/api/resolves/db')).toBe(false);
  expect(matchesAny(['routes/location:/v1/owner'], 'routes/location:/v1/owner')).toBe(true);
  expect(matchesAny(['a.c'], 'abc')).toBe(false);
});
