import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startVerify } from '../../fixtures/harness/command.ts';

let empty: string;
let broken: string;

beforeAll(() => {
  empty = mkdtempSync(path.join(os.tmpdir(), 'empty-stack-'));
  broken = mkdtempSync(path.join(os.tmpdir(), 'broken-stack-'));
  writeFileSync(path.join(broken, 'docker-compose.yaml'), 'services:\n  api:\n    image: x\n    imagee: y\n');
});

afterAll(() => {
  for (const dir of [empty, broken]) rmSync(dir, { recursive: true, force: true });
});

/** What cannot be done ends with one clear line on stderr, the right exit code, and no stack trace. */
describe('bad input', () => {
  test.for([
    ['an unknown flag', ['--nope'], {}, 2, /Unknown option '--nope'/],
    ['a suite that does not exist', ['--only', 'dnss'], {}, 2, /no such suite/],
    ['a flag that is to come', ['--attach', 'dify'], {}, 2, /--attach: not yet/],
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
    ['a directory without a compose file', ['--stack', 'EMPTY', '--only', 'config'], {}, 2, /no compose file in/],
    [
      'a compose file that compose refuses',
      ['--stack', 'BROKEN', '--only', 'config'],
      {},
      1,
      /docker-compose\.yaml: .*imagee/,
    ],
  ] as const)('%s', { timeout: 60_000 }, async ([, args, environment, code, message]) => {
    const real = args.map((arg) => (arg === 'BROKEN' ? broken : arg === 'EMPTY' ? empty : arg));
    const run = startVerify(real, environment);
    expect(await run.ended).toBe(code);
    const { stderr } = run.output();
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/ at .*\.ts:\d+/);
  });
});
