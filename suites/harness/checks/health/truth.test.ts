import { describe, expect, test } from 'vitest';
import type { TruthKind, TruthObligation } from '../../../../fixtures/checks/health/obligations.ts';
import {
  candidatePasswords,
  othersNamed,
  shellQuoted,
  WRONG,
  wrongCommand,
  wrongEnvironment,
} from '../../../../fixtures/model/credentials.ts';
import {
  truthVerdict,
  type CommandRun,
  type TruthObservation,
} from '../../../../fixtures/checks/health/truth-verdicts.ts';
import { argvOf } from '../../../../fixtures/stack/health-command.ts';
import { parseRaw, servicesOf } from '../../../../fixtures/model/model.ts';

const run = (exitCode: number | null, output = ''): CommandRun => ({
  exitCode,
  output,
  durationMs: 40,
  limitMs: 1_200,
});

/** A command that tells the truth in everything. */
const honest: TruthObservation = {
  command: '"redis-cli ping"',
  timeoutMs: 3_000,
  green: run(0, 'PONG'),
  frozen: { ...run(null), stopped: true, alone: false },
  gone: run(1, 'Could not connect'),
  credentials: { ...run(1, 'NOAUTH'), by: 'with its own credentials replaced' },
  password: { ...run(2), by: 'with its own password replaced' },
  recovers: { run: run(0), health: 'healthy', elapsedMs: 90, withinMs: 60_000 },
};

const obligation = (truth: TruthKind): TruthObligation => ({
  id: `health/redis/truth/${truth}`,
  title: '',
  level: 'must',
  service: 'redis',
  truth,
  role: 'cache',
  budgetMs: 60_000,
});

describe('a health command tells the truth', () => {
  test.for<[TruthKind, string, Partial<TruthObservation>, string, RegExp]>([
    ['green', 'as it is', {}, 'pass', /40 ms/],
    ['green', 'red', { green: run(1, 'refused') }, 'fail', /it exited with 1 \(refused\)/],
    ['green', 'too slow for its own time-out', { green: run(null) }, 'fail', /did not end within 1\.2 s/],
    [
      'green',
      'its tool is missing',
      { green: run(127, 'sh: 1: curl: not found') },
      'fail',
      /probe is broken, not redis/,
    ],
    ['green', 'the service does not run', { green: { unseen: 'redis does not run' } }, 'error', /does not run/],

    ['frozen', 'no answer', {}, 'pass', /no answer in 1\.2 s/],
    ['frozen', 'red at once', { frozen: { ...run(1), stopped: true, alone: true } }, 'pass', /only redis frozen/],
    [
      'frozen',
      'green',
      { frozen: { ...run(0), stopped: true, alone: false } },
      'fail',
      /every process of redis was frozen/,
    ],
    [
      'frozen',
      'the freeze was not on',
      { frozen: { ...run(1), stopped: false, alone: false } },
      'error',
      /not stopped/,
    ],
    ['frozen', 'it could not be frozen', { frozen: { unseen: 'no signal' } }, 'error', /no signal/],
    ['frozen', 'it was red before', { green: run(1) }, 'blocked', /not green to begin with/],

    ['gone', 'red', {}, 'pass', /Could not connect/],
    ['gone', 'no answer', { gone: run(null) }, 'pass', /did not end/],
    ['gone', 'green', { gone: run(0) }, 'fail', /nothing of it runs/],
    ['gone', 'the sibling has not the tool', { gone: run(127, 'not found') }, 'error', /could not be run/],
    ['gone', 'it was red before', { green: run(1) }, 'blocked', /not green to begin with/],

    ['credentials', 'red', {}, 'pass', /NOAUTH/],
    [
      'credentials',
      'green under NOAUTH',
      { credentials: { ...run(0, 'NOAUTH Authentication required.'), by: 'with another password at the server' } },
      'fail',
      /was green: NOAUTH/,
    ],
    ['credentials', 'there are none', { credentials: { needless: 'it asks for no password' } }, 'skip', /no password/],
    ['credentials', 'could not be refused', { credentials: { unseen: 'no psql' } }, 'error', /no psql/],
    ['credentials', 'it was red before', { green: run(1) }, 'blocked', /not green to begin with/],
    ['password', 'green', { password: { ...run(0), by: 'b' } }, 'fail', /only the password was wrong/],

    ['recovers', 'at once', {}, 'pass', /90 ms/],
    [
      'recovers',
      'from nothing: it was never frozen',
      { frozen: { ...run(1), stopped: false, alone: false } },
      'blocked',
      /were not stopped/,
    ],
    [
      'recovers',
      'never',
      { recovers: { run: run(1, 'stale'), health: 'unhealthy', elapsedMs: 60_000, withinMs: 60_000 } },
      'fail',
      /within 60\.0 s/,
    ],
    [
      'recovers',
      'the engine still says unhealthy',
      { recovers: { run: run(0), health: 'unhealthy', elapsedMs: 60_000, withinMs: 60_000 } },
      'fail',
      /engine says unhealthy/,
    ],
  ])('%s: %s', ([truth, , change, status, message]) => {
    const verdict = truthVerdict(obligation(truth), { ...honest, ...change });
    expect(verdict.status).toBe(status);
    expect(verdict.message).toMatch(message);
    if (status === 'fail') expect(verdict).toMatchObject({ why: expect.any(String), hint: expect.any(String) });
  });

  test('a lie of the database is mended in its own words', () => {
    const verdict = truthVerdict(
      { ...obligation('credentials'), role: 'database', service: 'db' },
      { ...honest, credentials: { ...run(0, 'db:5432 - accepting connections'), by: 'with every login refused' } },
    );
    expect(verdict.hint).toMatch(/psql/);
    expect(verdict.reference).toContain('H8');
  });
});

describe('what the engine runs', () => {
  test.for<[string[], string[] | null, string[] | null]>([
    [['CMD', 'redis-cli', 'ping'], null, ['redis-cli', 'ping']],
    [['CMD-SHELL', 'a | b'], null, ['/bin/sh', '-c', 'a | b']],
    [
      ['CMD-SHELL', 'a | b'],
      ['/bin/bash', '-ec'],
      ['/bin/bash', '-ec', 'a | b'],
    ],
    [['NONE'], null, null],
    [['CMD'], null, null],
    [[], null, null],
  ])('%j with shell %j', ([test_, shell, argv]) => {
    expect(argvOf(test_, shell)).toEqual(argv);
  });
});

describe('wrong credentials', () => {
  const environment = [
    'POSTGRES_USER=dify',
    'POSTGRES_PASSWORD=a=b',
    'PGDATA=/x',
    'PATH=/bin',
    'SUPERUSERS=1',
    'API_KEY=k',
  ];

  test('all of the environment, and what the clients read themselves', () => {
    expect(wrongEnvironment(environment, 'all').toSorted()).toEqual(
      ['API_KEY', 'MYSQL_PWD', 'PGPASSWORD', 'PGUSER', 'POSTGRES_PASSWORD', 'POSTGRES_USER', 'REDISCLI_AUTH'].map(
        (name) => `${name}=${WRONG}`,
      ),
    );
  });

  test('the passwords only', () => {
    expect(wrongEnvironment(environment, 'password').join(' ')).not.toMatch(/USER/);
  });

  test('a secret in the command line is replaced, the longest first, a short word never', () => {
    expect(wrongCommand(['redis-cli', '-a', 'difyai123456', 'ping'], ['difyai', 'difyai123456', 'ping'])).toEqual([
      'redis-cli',
      '-a',
      WRONG,
      'ping',
    ]);
  });

  test('the password of a store is looked for in its command, its environment and that of its users', () => {
    const services = servicesOf(
      parseRaw({
        services: {
          redis: {
            command: ['sh', '-c', 'redis-server --requirepass "from-command"'],
            environment: { REDISCLI_AUTH: 'own' },
          },
          api: { environment: { REDIS_PASSWORD: 'of-a-user', SECRET_KEY: 'another' } },
        },
      }),
      (source) => source,
    );
    const model = { services } as unknown as Parameters<typeof candidatePasswords>[1];
    const redis = services['redis'];
    expect(redis && candidatePasswords(redis, model)).toEqual(['from-command', 'own', 'of-a-user']);
  });

  test('shell words', () => {
    expect(shellQuoted(['sh', '-c', `echo 'a' "$B"`])).toBe(`'sh' '-c' 'echo '\\''a'\\'' "$B"'`);
  });
});

describe('which other services a command may look at', () => {
  const services = ['api', 'db', 'redis', 'web', 'nginx'];
  test.for<[string, string[], string[], string[]]>([
    ['a path is no host', ['curl', 'http://127.0.0.1:5001/console/api/setup'], [], []],
    ['a URL', ['curl', '-f', 'http://web:3000/'], [], ['web']],
    ['an option', ['pg_isready', '-h', 'db', '-U', 'postgres'], [], ['db']],
    ['a shell device', ['bash', '-c', 'exec 3<>/dev/tcp/redis/6379'], [], ['redis']],
    ['a variable that is used', ['sh', '-c', 'nc -z "$DB_HOST" 5432'], ['DB_HOST=db', 'X=web'], ['db']],
    ['a program whose name holds one', ['redis-cli', 'ping'], [], []],
    ['its own name', ['curl', 'http://api:5001/health'], [], []],
    ['a longer name', ['curl', 'http://web.example.com-web:1/', 'nginx_status'], [], []],
  ])('%s', ([, argv, environment, expected]) => {
    expect(othersNamed(argv, environment, 'api', services)).toEqual(expected);
  });
});
