import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { UsageError } from '../../../fixtures/errors.ts';
import { checkVariables } from '../../../fixtures/cli/variables.ts';
import { matchesAny } from '../../../fixtures/checks/select.ts';
import { readOptions } from '../../../fixtures/cli/options.ts';
import { ATTACHED_SUITES, SUITES } from '../../../fixtures/run/options.ts';

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

  test('a running project is looked at by the suites that disturb nothing, and tells itself where its files are', () => {
    const attached = { attach: 'dify', stack: '', suites: [...ATTACHED_SUITES] };
    expect(readOptions(['--attach', 'dify'], {})).toMatchObject(attached);
    expect(readOptions([], { VERIFY_ATTACH: 'dify' })).toMatchObject(attached);
    expect(readOptions(['--attach', 'dify', '--stack', '/srv/dify'], {})).toMatchObject({ stack: '/srv/dify' });
    expect(readOptions(['--attach', 'dify', '--only', 'health,config'], {}).suites).toEqual(['config', 'health']);
    expect(readOptions([], { VERIFY_ATTACH: '' }).attach).toBeUndefined();
    expect(() => readOptions(['--attach', 'dify'], { VERIFY_IMAGES: 'pinned' })).toThrow(
      /VERIFY_IMAGES beside --attach/,
    );
  });

  test('a baseline is written only when it is asked for', () => {
    expect(readOptions([], {}).baseline).toBe(false);
    expect(readOptions(['--baseline'], {}).baseline).toBe(true);
  });

  test('a policy file by flag or variable', () => {
    expect(readOptions([], {}).policy).toBeUndefined();
    expect(readOptions([], { VERIFY_POLICY: 'a' }).policy).toBe('a');
    expect(readOptions(['--policy', 'b'], { VERIFY_POLICY: 'a' }).policy).toBe('b');
  });

  test('HTTPS by flag or variable', () => {
    expect(readOptions([], {}).tls).toBeUndefined();
    expect(readOptions(['--tls'], { VERIFY_TLS: 'false' }).tls).toBe(true);
    expect(readOptions([], { VERIFY_TLS: 'true' }).tls).toBe(true);
    expect(() => readOptions([], { VERIFY_TLS: 'maybe' })).toThrow('VERIFY_TLS=maybe: true or false');
    expect(() => readOptions(['--again', 'verify-0123abcd', '--tls'], {})).toThrow('--tls beside --again');
  });

  test('suites keep their own order and come from the globs of --check where --only is not given', () => {
    expect(readOptions(['--only', 'failover,config'], {}).suites).toEqual(['config', 'failover']);
    expect(readOptions(['--check', 'dns/api/*'], {}).suites).toEqual(['dns']);
    expect(readOptions(['--check', '*/api/*'], {}).suites).toEqual([...SUITES]);
  });

  test.for([
    [['--only', 'dnss'], /--only dnss: no such suite/],
    [['--attach', ' '], /--attach is empty/],
    [['--attach', 'dify', '--images', 'pinned'], /--images beside --attach: a running project has its own images/],
    [['--attach', 'dify', '--keep'], /--keep beside --attach/],
    [['--attach', 'dify', '--again', 'verify-0123abcd'], /--again beside --attach/],
    [
      ['--attach', 'dify', '--only', 'dns,failover'],
      /--only failover: it disturbs .*with --attach: config, dns, .*drift/,
    ],
    [['--attach', 'dify', '--check', 'backup/*'], /--check backup.*disturbs/],
    [['--only', 'drift'], /--only drift: .*--attach PROJECT/],
    [['--check', 'drift/api/*'], /--attach PROJECT/],
    [['--policy', ' '], /--policy is empty/],
    [['--images', 'mixed'], /standin or pinned/],
    [['--pull', 'sometimes'], /^--pull sometimes: missing, always or never$/],
    [['--pull', ''], /^--pull is empty$/],
    [
      ['--standin', 'web'],
      /^--standin web: without --images pinned every service runs a stand-in; add --images pinned/,
    ],
    [
      ['--images', 'pinned', '--standin', 'sandbx'],
      /^--standin sandbx: no such role \(api, worker, .*other\); sandbox is meant\?$/,
    ],
    [['--images', 'pinned', '--standin', 'web,queue'], /^--standin queue: no such role \([^)]*vector_store[^)]*\)$/],
    [['--images', 'pinned', '--standin', ' '], /^--standin is empty$/],
    [['--again', 'verify-0123abcd', '--pull', 'never', '--standin', 'web'], /^--pull, --standin beside --again/],
    [['--nope'], /Unknown option '--nope'.*--help/],
    [['stray'], /--help/],
    [['--stack', ''], /--stack is empty/],
    [['--check', 'nope/x'], /matches no suite/],
    [['--stack', 'a', '--stack', 'b'], /--stack is given twice/],
    [['--again', 'verify-0123abcd', '--stack', 'a'], /--stack beside --again/],
    [['--again', 'verify-0123abcd', '--env-file', 'a', '--images', 'pinned'], /--env-file, --images beside --again/],
    [['--env-file', ''], /--env-file is empty/],
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

describe('which images run', () => {
  test('what is missing is pulled, and nothing stands in beside pinned images', () => {
    expect(readOptions(['--images', 'pinned'], {})).toMatchObject({ images: 'pinned', pull: 'missing', standin: [] });
  });

  test.for([
    [['--images', 'pinned', '--pull', 'always', '--standin', 'web,sandbox'], {}],
    [['--images', 'pinned', '--pull', 'always', '--standin', 'sandbox', '--standin', 'web'], {}],
    [[], { VERIFY_IMAGES: 'pinned', VERIFY_PULL: 'always', VERIFY_STANDIN: 'sandbox, web' }],
    [
      ['--pull', 'always', '--standin', 'web,sandbox'],
      { VERIFY_IMAGES: 'pinned', VERIFY_PULL: 'never', VERIFY_STANDIN: 'api' },
    ],
  ] as const)('by flags or by variables: %j %j', ([args, environment]) => {
    expect(readOptions(args, environment)).toMatchObject({ pull: 'always', standin: ['web', 'sandbox'] });
    expect(checkVariables(environment)).toEqual([]);
  });

  test('a variable that is wrong is refused by its own name', () => {
    expect(() => readOptions([], { VERIFY_STANDIN: 'web' })).toThrow(/^VERIFY_STANDIN web: without --images pinned/);
    expect(() => readOptions([], { VERIFY_PULL: 'no' })).toThrow(/^VERIFY_PULL=no: missing, always or never$/);
    expect(readOptions([], { VERIFY_PULL: '', VERIFY_STANDIN: '' })).toMatchObject({ pull: 'missing', standin: [] });
  });
});

describe('what npm kept because a "--" is missing', () => {
  test.for([
    [{ npm_config_stack: '/srv/dify', npm_config_only: 'config' }, [], /-- --stack=\/srv\/dify --only=config$/],
    [{ npm_config_env_file: 'a b', npm_lifecycle_event: 'verify' }, [], /npm run verify -- '--env-file=a b'$/],
    [{ npm_config_keep: 'true', npm_lifecycle_event: 'test' }, ['--strict'], /npm run test -- --keep --strict$/],
    [{ npm_config_report: 'x' }, [], /npm kept --report for itself/],
  ] as const)('%j is refused with the right call', ([environment, args, message]) => {
    expect(() => readOptions(args, environment)).toThrow(UsageError);
    expect(() => readOptions(args, environment)).toThrow(message);
  });

  test("npm's own settings of such a name are no flags of ours", () => {
    expect(readOptions([], { npm_config_only: 'prod', npm_config_force: 'true' }).suites).toEqual([...SUITES]);
  });
});

test('every --env-file counts, in their order; the variable takes several, too', () => {
  expect(readOptions(['--env-file', 'a', '--env-file', 'b'], {}).envFiles).toEqual(['a', 'b']);
  expect(readOptions([], { VERIFY_ENV_FILE: 'a, b' }).envFiles).toEqual(['a', 'b']);
  expect(readOptions([], {}).envFiles).toEqual([]);
});

describe('variables', () => {
  test.for([
    [{ VERIFY_STACKS: 'x' }, /VERIFY_STACKS is no variable of ours: VERIFY_STACK is meant/],
    [{ VERIFY_IMAGE: 'pinned' }, /VERIFY_IMAGES is meant/],
    [{ VERIFY_ENVFILE: 'x' }, /VERIFY_ENV_FILE is meant/],
    [{ VERIFY_STACK_DIR: 'x' }, /VERIFY_STACK is meant/],
    [{ VERIFY_PORFILES: 'x' }, /VERIFY_PROFILES is meant/],
    [{ VERIFY_Only: 'x' }, /VERIFY_ONLY is meant/],
    [{ VERIFY_SLOW: 'abc' }, /VERIFY_SLOW=abc: a number from 1 on/],
    [{ VERIFY_SLOW: '0' }, /a number from 1 on/],
    [{ VERIFY_LANG: 'fr' }, /^VERIFY_LANG=fr: en or zh$/],
  ] as const)('%j is refused', ([environment, message]) => {
    expect(() => checkVariables(environment)).toThrow(UsageError);
    expect(() => checkVariables(environment)).toThrow(message);
  });

  test('what a test reads itself is known to the commands that it starts', () => {
    const root = path.join(projectRoot, 'suites/harness');
    const tests = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
    const read = tests.flatMap((name) =>
      [...readFileSync(path.join(root, name), 'utf8').matchAll(/process\.env\['(VERIFY_\w+)'\]/g)].map(
        ([, variable]) => variable ?? '',
      ),
    );
    expect(read).toContain('VERIFY_TAKEN_SUITES');
    expect(checkVariables(Object.fromEntries(read.map((variable) => [variable, '2'])))).toEqual([]);
  });

  test('ours are fine, and those of another program are told', () => {
    expect(checkVariables({ VERIFY_STACK: 'x', VERIFY_SLOW: '2.5', VERIFY_LANG: 'zh', PATH: '' })).toEqual([]);
    expect(checkVariables({ VERIFY_PEER: 'no', VERIFY_SSL_CERT: 'x' })).toEqual(['VERIFY_PEER', 'VERIFY_SSL_CERT']);
  });
});

test('a glob is matched against the whole id', () => {
  expect(matchesAny(['dns/api/*'], 'dns/api/resolves/db')).toBe(true);
  expect(matchesAny(['dns/api'], 'dns/api/resolves/db')).toBe(false);
  expect(matchesAny(['routes/location:/v1/owner'], 'routes/location:/v1/owner')).toBe(true);
  expect(matchesAny(['a.c'], 'abc')).toBe(false);
});
