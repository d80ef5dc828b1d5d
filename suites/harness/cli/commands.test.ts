import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../../fixtures/engine/cli.ts';
import { startCommand, startVerify } from '../../../fixtures/testing/command.ts';

let empty: string;
let broken: string;
let tabs: string;
let linked: string;

beforeAll(() => {
  empty = mkdtempSync(path.join(os.tmpdir(), 'empty-stack-'));
  broken = mkdtempSync(path.join(os.tmpdir(), 'broken-stack-'));
  writeFileSync(path.join(broken, 'docker-compose.yaml'), 'services:\n  api:\n    image: x\n    imagee: y\n');
  tabs = mkdtempSync(path.join(os.tmpdir(), 'tabs-stack-'));
  writeFileSync(path.join(tabs, 'docker-compose.yaml'), 'services:\n  api:\n    image: x\n    environment:\n\t- A=1\n');
  linked = mkdtempSync(path.join(os.tmpdir(), 'linked-stack-'));
  writeFileSync(path.join(linked, 'docker-compose.yaml'), 'services:\n  api:\n    image: x\n');
  writeFileSync(path.join(linked, '.env.example'), 'A=1\n');
  const tenOf = (level: number) => `E${level}=${`\${E${level - 1}}`.repeat(10)}`;
  writeFileSync(
    path.join(linked, 'bomb.env'),
    ['E0=aaaaaaaaaa', ...Array.from({ length: 20 }, (_, i) => tenOf(i + 1))].join('\n'),
  );
  symlinkSync('../production.env', path.join(linked, '.env'));
});

afterAll(() => {
  for (const dir of [empty, broken, tabs, linked, `${empty}-report`]) rmSync(dir, { recursive: true, force: true });
});

/** What cannot be done ends with one clear line on stderr, the right exit code, and no stack trace. */
describe('bad input', () => {
  test.for([
    ['an unknown flag', ['--nope'], {}, 2, /Unknown option '--nope'/],
    ['a suite that does not exist', ['--only', 'dnss'], {}, 2, /no such suite/],
    [
      'a suite that disturbs a running project',
      ['--attach', 'dify', '--only', 'backup'],
      {},
      2,
      /with --attach: config/,
    ],
    ['a directory that does not exist', ['--stack', '/nowhere/at/all'], {}, 2, /is no directory/],
    [
      'an env file that does not exist',
      ['--stack', 'BROKEN', '--env-file', '/nowhere'],
      {},
      2,
      /env file \/nowhere does not exist/,
    ],
    [
      'no engine',
      ['--stack', 'BROKEN'],
      { DOCKER_HOST: 'unix:///nowhere.sock' },
      2,
      /no Docker engine answers .*npm run setup/,
    ],
    // The files alone need no engine, and compose to read them.
    [
      'no docker client, for the files alone',
      ['--stack', 'BROKEN', '--only', 'config'],
      { PATH: '/nowhere' },
      2,
      /^verify: docker is not installed: run "npm run setup"$/m,
    ],
    ['a directory without a compose file', ['--stack', 'EMPTY', '--only', 'config'], {}, 2, /no compose file in/],
    [
      'a compose file that compose refuses',
      ['--stack', 'BROKEN', '--only', 'config'],
      {},
      1,
      /docker-compose\.yaml: .*imagee/,
    ],
    [
      'a tab in a compose file',
      ['--stack', 'TABS', '--only', 'config'],
      {},
      1,
      /^verify: docker-compose\.yaml:5: a tab in the indentation, where YAML takes only spaces: put two spaces in place of each tab$/m,
    ],
    [
      'an .env that is a link to nothing',
      ['--stack', 'LINKED', '--only', 'config'],
      {},
      2,
      /\.env is a link to \.\.\/production\.env, where nothing is: mend it or remove it/,
    ],
    [
      'an env file whose values grow by each other',
      ['--stack', 'EMPTY', '--only', 'config', '--file', 'BROKEN_FILE', '--env-file', 'BOMB'],
      {},
      2,
      /E\d+ is larger than 16 MiB with the values that it refers to: write out what is meant/,
    ],
    ['--stale without --again', ['--stale'], {}, 2, /--stale is for --again/],
  ] as const)('%s', { timeout: 60_000 }, async ([, args, environment, code, message]) => {
    const places: Record<string, string> = {
      BROKEN: broken,
      EMPTY: empty,
      TABS: tabs,
      LINKED: linked,
      BROKEN_FILE: path.join(broken, 'docker-compose.yaml'),
      BOMB: path.join(linked, 'bomb.env'),
    };
    const real = args.map((arg) => places[arg] ?? arg);
    const started = startVerify(real, { VERIFY_REPORT: `${empty}-report`, ...environment });
    expect(await started.ended).toBe(code);
    const { stderr } = started.output();
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/ at .*\.ts:\d+/);
  });
});

/** Nobody reads the result: that is no fault of the stack, and no stack trace. */
describe('stdout that takes nothing', () => {
  test.for([
    ['full', 'verify --only config', '>/dev/full', /stdout is full/],
    ['closed', 'verify --only config', '| true', /stdout was closed/],
    ['full, of --help', 'verify --help', '>/dev/full', /stdout is full/],
    ['full, of another command', 'verify explain config/env/drift', '>/dev/full', /stdout is full/],
  ] as const)('%s: exit 2 in one line', { timeout: 60_000 }, async ([, words, into, message]) => {
    const report = words.includes('--only') ? `--report "${empty}-report"` : '';
    const command = `set -o pipefail; "${process.execPath}" -- scripts/start.mjs ${words} ${report} ${into}`;
    const ended = await run('bash', ['-c', command], { withinMs: 50_000 });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(ended.exitCode).toBe(2);
  });
});

test.for([
  [['nonesuch'], /^clean: "nonesuch" is no run \(verify- and 8 hexadecimal digits; see --help\)\n$/],
  [['verify-0123abcd', '../x'], /^clean: "\.\.\/x" is no run /],
] as const)('clean %j removes nothing and says why', { timeout: 60_000 }, async ([names, message]) => {
  const run = startCommand('clean', names);
  expect(await run.ended).toBe(2);
  expect(run.output().stderr).toMatch(message);
  expect(run.output().stdout).toBe('');
});

test('clean --help is help and cleans nothing', { timeout: 60_000 }, async () => {
  const run = startCommand('clean', ['--help'], { environment: { DOCKER_HOST: 'unix:///nowhere.sock' } });
  expect(await run.ended).toBe(0);
  expect(run.output()).toMatchObject({
    stderr: '',
    stdout: expect.stringMatching(/^npm run clean +removes/) as string,
  });
});

test('one port at two addresses, and a glob that no check of a suite matches', { timeout: 60_000 }, async () => {
  const stack = mkdtempSync(path.join(os.tmpdir(), 'two-addresses-'));
  const nginx = "nginx:\n    image: nginx:1.28\n    ports: ['127.0.0.1:80:80', '127.0.0.2:80:80']\n";
  writeFileSync(path.join(stack, 'docker-compose.yaml'), `services:\n  ${nginx}`);
  const report = `${empty}-report`;
  const seen = startVerify(['--stack', stack, '--only', 'config', '--report', report]);
  await seen.ended;
  expect(seen.output().stdout).toContain('not passed');
  expect(seen.output().stdout).not.toMatch(/two checks have the id|harness error/);
  const none = startVerify(['--stack', stack, '--check', 'config/nonesuch', '--report', report]);
  expect(await none.ended).toBe(2);
  expect(none.output().stderr).toMatch(/config\/nonesuch: matches no check/);
  const beside = startVerify([
    '--stack',
    stack,
    '--check',
    'config/nonesuch',
    '--check',
    'config/*',
    '--report',
    report,
  ]);
  await beside.ended;
  expect(beside.output().stdout).toMatch(/--check config\/nonesuch: matches no check; the others were judged/);
  expect(beside.output().stdout).not.toMatch(/config\/\*: matches no check/);
  rmSync(stack, { recursive: true, force: true });
});
