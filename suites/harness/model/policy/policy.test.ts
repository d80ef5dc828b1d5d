import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../fixtures/errors.ts';
import { startVerify } from '../../../../fixtures/testing/command.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { checkPolicy, parsePolicy, policyFor } from '../../../../fixtures/model/policy/policy.ts';

function refusal(judge: () => unknown): string {
  try {
    judge();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

describe('what a policy file says', () => {
  test('the procedures of the operators', () => {
    const text = 'backup:\n  backup: ./backup.sh --all\n  restore: |\n    set -e\n    ./restore.sh\n';
    expect(parsePolicy(text, 'verify.yaml')).toEqual({
      backup: { backup: './backup.sh --all', restore: 'set -e\n./restore.sh' },
      start: [],
      outside: { allow: [] },
    });
    expect(parsePolicy('backup: { backup: a, restore: b }', 'p').backup).toEqual({ backup: 'a', restore: 'b' });
  });

  test('what the copy may reach, each with its line', () => {
    const text = 'outside:\n  allow:\n    - smtp.example.com:465\n    - "[fd00::1]:80"\n';
    expect(parsePolicy(text, 'v.yaml')).toEqual({
      backup: null,
      start: [],
      outside: {
        allow: [
          { target: 'smtp.example.com:465', at: 'v.yaml:3' },
          { target: '[fd00::1]:80', at: 'v.yaml:4' },
        ],
      },
    });
  });

  test.for([[''], ['# to be filled\n'], ['{}']])('%j says nothing', ([text]) => {
    expect(parsePolicy(text ?? '', 'p')).toEqual({ backup: null, start: [], outside: { allow: [] } });
  });

  test('how long services may take to serve, and where that is said', () => {
    const { start } = parsePolicy('# slow disk\nstart:\n  api: 240s\n  web: 1m30s\n', 'verify.yaml');
    expect(start).toEqual([
      { service: 'api', budgetMs: 240_000, at: 'verify.yaml:3' },
      { service: 'web', budgetMs: 90_000, at: 'verify.yaml:4' },
    ]);
  });

  test.for([
    ['start: { apii: 180s }', /^v\.yaml:1: start\.apii: no such service \(there are api, db\)$/],
    ['start: { constructor: 180s }', /^v\.yaml:1: start\.constructor: no such service/],
    ['start:\n  api: 3m\n  db: 60s\n', /^v\.yaml:3: start\.db: db has a health check, .*start_period.*raise that$/],
  ] as const)('%j is refused once the stack is known', ([text, message]) => {
    const { services } = modelOf({ api: { image: 'x' }, db: { image: 'y', healthcheck: { test: ['CMD', 'true'] } } });
    const policy = { file: 'v.yaml', ...parsePolicy(text, 'v.yaml') };
    expect(refusal(() => checkPolicy(policy, { services }))).toMatch(message);
  });

  test.for([
    ['- a', /^v\.yaml:1: expected keys \(backup, start, outside\)/],
    ['backup: [', /^v\.yaml:1: /],
    ['# x\nwaivers: []\n', /^v\.yaml:2: waivers: not yet$/],
    ['roles: {}', /roles: not yet/],
    ['images: {}', /images: not yet/],
    ['backups: {}', /backups: unknown key \(known: backup, start, outside\)/],
    ['? [a]\n: b', /unknown key/],
    ['start: 180s', /^v\.yaml:1: start: expected services with their time to serve/],
    ['start:\n  api: 180\n', /^v\.yaml:2: start\.api: expected a time above nothing, with its unit, as in 180s or 3m$/],
    ['start: { api: soon }', /start\.api: expected a time/],
    ['start: { api: 0s }', /start\.api: expected a time above nothing/],
    ['start: { api: }', /start\.api: expected a time/],
    ['outside: all', /^v\.yaml:1: outside: expected \{ allow/],
    ['outside: { allow: smtp.example.com:465 }', /outside: expected \{ allow/],
    ['outside:\n  allow:\n    - smtp.example.com\n', /^v\.yaml:3: outside\.allow: expected host:port/],
    ['outside: { allow: ["https://smtp.example.com:465"] }', /outside\.allow: expected host:port/],
    ['outside: { allowed: [] }', /outside\.allowed: unknown key/],
    ['backup: ./backup.sh', /backup: expected two commands/],
    ['backup:', /backup: expected two commands/],
    ['backup: { backup: a }', /backup\.restore: missing/],
    ['backup: { restore: a }', /backup\.backup: missing/],
    ['backup:\n  backup: a\n  restore: 7\n', /^v\.yaml:3: backup\.restore: expected a command as text/],
    ['backup: { backup: "", restore: b }', /backup\.backup: expected a command as text/],
    ['backup: { backup: a, restore: }', /backup\.restore: expected a command as text/],
    ['backup: { backup: a, restore: [b] }', /backup\.restore: expected a command as text/],
    [
      'backup: { backup: a, restore: b, after: c }',
      /backup\.after: unknown key \(known: backup\.backup, backup\.restore\)/,
    ],
    ['backup: { backup: a, restore: b }\nbackup: { backup: a, restore: b }', /^v\.yaml:2: .*unique/],
    ['backup: { backup: a, restore: *b }', /v\.yaml(:1)?: /],
  ] as const)('%j is refused in one line', ([text, message]) => {
    const said = refusal(() => parsePolicy(text, 'v.yaml'));
    expect(said).toMatch(message);
    expect(said).not.toContain('\n');
  });
});

describe('which file is read', () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'policy-'));
    mkdirSync(path.join(dir, 'bare'));
    writeFileSync(path.join(dir, 'verify.yaml'), 'backup: { backup: beside, restore: r }');
    writeFileSync(path.join(dir, 'own.yaml'), 'backup: { backup: given, restore: r }');
    writeFileSync(path.join(dir, 'docker-compose.yaml'), 'services: { api: { image: x } }');
    writeFileSync(path.join(dir, 'wrong.yaml'), 'backup: { backup: only }');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test('the one given wins over the one beside the compose file, and none is no error', () => {
    const composeFiles = [path.join(dir, 'docker-compose.yaml')];
    const given = path.join(dir, 'own.yaml');
    expect(policyFor(given, composeFiles)).toMatchObject({ file: given, backup: { backup: 'given' } });
    expect(policyFor(undefined, composeFiles)).toMatchObject({
      file: path.join(dir, 'verify.yaml'),
      backup: { backup: 'beside' },
    });
    expect(policyFor(undefined, [path.join(dir, 'bare/compose.yaml')])).toMatchObject({ file: null, backup: null });
  });

  test('one that is given must be there, and be a file', () => {
    expect(refusal(() => policyFor(path.join(dir, 'absent.yaml'), []))).toMatch(/absent\.yaml does not exist/);
    expect(refusal(() => policyFor(dir, []))).toMatch(/is a folder; a file was expected/);
  });

  test.for([
    ['a flag', ['--policy', 'wrong.yaml'], {}, /wrong\.yaml: backup\.restore: missing/],
    ['a variable', [], { VERIFY_POLICY: 'wrong.yaml' }, /wrong\.yaml: backup\.restore: missing/],
    ['a file that is not there', ['--policy', 'nowhere.yaml'], {}, /nowhere\.yaml does not exist/],
  ] as const)('%s: the command refuses it with exit 2 and one line', { timeout: 60_000 }, async (row) => {
    const [, args, environment, message] = row;
    const inDir = (text: string) => (text.endsWith('.yaml') ? path.join(dir, text) : text);
    const run = startVerify(
      ['--stack', dir, '--only', 'config', ...args.map(inDir)],
      Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, inDir(value)])),
    );
    expect(await run.ended).toBe(2);
    const { stderr } = run.output();
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('the one beside the compose file is read by the command, too', { timeout: 60_000 }, async () => {
    writeFileSync(path.join(dir, 'bare/docker-compose.yaml'), 'services: { api: { image: x } }');
    writeFileSync(path.join(dir, 'bare/verify.yaml'), 'waivers: []');
    const run = startVerify(['--stack', path.join(dir, 'bare'), '--only', 'config']);
    expect(await run.ended).toBe(2);
    expect(run.output().stderr).toMatch(/^verify: .*bare\/verify\.yaml:1: waivers: not yet\n$/);
  });
});
