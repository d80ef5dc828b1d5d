import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UsageError } from '../../../../fixtures/errors.ts';
import { startVerify } from '../../../../fixtures/testing/command.ts';
import { refuseUnfit } from '../../../../fixtures/model/policy/fits-stack.ts';
import { parsePolicy, policyFor, tryPolicy } from '../../../../fixtures/model/policy/policy.ts';
import { givenImages, roleOverrides } from '../../../../fixtures/model/policy/services.ts';
import { farDates } from '../../../../fixtures/model/policy/waivers.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const NOTHING = {
  waivers: [],
  levels: [],
  services: [],
  replicas: [],
  start: [],
  backup: null,
  outside: { allow: [] },
};

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
      ...NOTHING,
      backup: { backup: './backup.sh --all', restore: 'set -e\n./restore.sh' },
    });
    expect(parsePolicy('backup: { backup: a, restore: b }', 'p').backup).toEqual({ backup: 'a', restore: 'b' });
  });

  test('what the copy may reach, each with its line', () => {
    const text = 'outside:\n  allow:\n    - smtp.example.com:465\n    - "[fd00::1]:80"\n';
    expect(parsePolicy(text, 'v.yaml')).toEqual({
      ...NOTHING,
      outside: {
        allow: [
          { target: 'smtp.example.com:465', at: 'v.yaml:3' },
          { target: '[fd00::1]:80', at: 'v.yaml:4' },
        ],
      },
    });
  });

  test.for([[''], ['# to be filled\n'], ['{}']])('%j says nothing', ([text]) => {
    expect(parsePolicy(text ?? '', 'p')).toEqual(NOTHING);
  });

  test('what is accepted until a day, by checks or by a cause, each with its line', () => {
    const text = [
      'waivers:',
      "  - check: 'config/secret/default/*'",
      '    reason: internal test system',
      '    until: 2027-01-31',
      '  - { cause: published-default-secret, of: [config/secret/default/db], reason: x, until: "2027-02-01" }',
    ].join('\n');
    expect(parsePolicy(text, 'v.yaml').waivers).toEqual([
      { check: 'config/secret/default/*', reason: 'internal test system', until: '2027-01-31', at: 'v.yaml:2' },
      {
        cause: 'published-default-secret',
        of: ['config/secret/default/db'],
        reason: 'x',
        until: '2027-02-01',
        at: 'v.yaml:5',
      },
    ]);
  });

  test('levels, roles, images and replicas, each with its line', () => {
    const text = [
      "levels: { 'config/health/*': advice }",
      'services: { ollama: { role: other, image: ollama/ollama:0.9.1 } }',
      'replicas: { api: 5 }',
    ].join('\n');
    const policy = parsePolicy(text, 'v.yaml');
    expect(policy).toEqual({
      ...NOTHING,
      levels: [{ glob: 'config/health/*', level: 'advice', at: 'v.yaml:1' }],
      services: [{ service: 'ollama', role: 'other', image: 'ollama/ollama:0.9.1', at: 'v.yaml:2' }],
      replicas: [{ service: 'api', number: 5, at: 'v.yaml:3' }],
    });
    expect(roleOverrides(policy.services)).toEqual({ ollama: 'other' });
    expect(givenImages(policy.services)).toEqual({ ollama: 'ollama/ollama:0.9.1' });
  });

  test('how long services may take to serve, and where that is said', () => {
    const { start } = parsePolicy('# slow disk\nstart:\n  api: 240s\n  web: 1m30s\n', 'verify.yaml');
    expect(start).toEqual([
      { service: 'api', budgetMs: 240_000, at: 'verify.yaml:3' },
      { service: 'web', budgetMs: 90_000, at: 'verify.yaml:4' },
    ]);
  });

  test('everything that is wrong is told, in the order of its lines', () => {
    const { refusals } = tryPolicy('waivers:\n  - check: a\n    reazon: b\n    until: soon\nlevles: {}\n', 'v.yaml');
    expect(refusals).toEqual([
      'v.yaml:3: waivers.reazon: unknown key, reason is meant (known: check, cause, of, reason, until)',
      'v.yaml:4: waivers.until: expected the last day on which it holds, as in 2027-01-31',
      'v.yaml:5: levles: unknown key, levels is meant (known: waivers, levels, services, replicas, start, outside, backup)',
    ]);
  });

  test.for([
    ['2027-11-28', 0],
    ['2027-11-29', 1],
    ['2026-01-01', 0],
  ] as const)('a waiver until %s, seen on 2026-11-28: %i are too far away', ([until, number]) => {
    const { waivers } = parsePolicy(`waivers: [{ check: a, reason: b, until: ${until} }]`, 'v.yaml');
    expect(farDates(waivers, '2026-11-28')).toHaveLength(number);
  });

  test.for([
    [
      'services: { ollma: { role: other } }',
      /^v\.yaml:1: services\.ollma: no such service, ollama is meant \(there are/,
    ],
    ['services: { constructor: { role: other } }', /services\.constructor: no such service \(there are/],
    ['replicas: { constructor: 3 }', /replicas\.constructor: no such service/],
    ['start: { apii: 180s }', /^v\.yaml:1: start\.apii: no such service, api is meant/],
    ['start: { constructor: 180s }', /^v\.yaml:1: start\.constructor: no such service/],
    ['start:\n  api: 3m\n  db: 60s\n', /^v\.yaml:3: start\.db: db has a health check, .*start_period.*raise that$/],
    ['replicas: { db: 3 }', /^v\.yaml:1: replicas\.db: db is database; only .* \(api\) is scaled$/],
  ] as const)('%j is refused once the stack is known', ([text, message]) => {
    const model = modelOf({
      api: { image: 'x' },
      db: { image: 'postgres:15', healthcheck: { test: ['CMD', 'true'] } },
      ollama: { image: 'y' },
    });
    expect(refusal(() => refuseUnfit(parsePolicy(text, 'v.yaml'), model))).toMatch(message);
  });

  test('a role that the policy gives decides what is scaled', () => {
    const model = modelOf({ backend: { image: 'x' } });
    const policy = parsePolicy('services: { backend: { role: api } }\nreplicas: { backend: 4 }', 'v.yaml');
    expect(() => refuseUnfit(policy, model)).not.toThrow();
  });

  test.for([
    ['- a', /^v\.yaml:1: expected keys \(waivers, levels, services, replicas, start, outside, backup\)/],
    ['waivers: {}', /^v\.yaml:1: waivers: expected a list/],
    ['waivers: [a]', /waivers: expected \{ check or cause, reason, until \}/],
    ['waivers: [{ reason: a, until: 2027-01-31 }]', /waivers: check or cause is missing/],
    ['waivers: [{ check: a, cause: b, reason: c, until: 2027-01-31 }]', /has both check and cause/],
    ['waivers: [{ check: a, of: [b], reason: c, until: 2027-01-31 }]', /has of without cause/],
    ['waivers: [{ cause: a, of: [], reason: c, until: 2027-01-31 }]', /waivers\.of: names no check/],
    ['waivers: [{ check: a, reason: " ", until: 2027-01-31 }]', /waivers\.reason: is empty/],
    ['waivers: [{ check: a, until: 2027-01-31 }]', /waivers\.reason: missing/],
    ['waivers: [{ check: a, reason: b }]', /waivers\.until: missing/],
    ['waivers: [{ check: a, reason: b, until: 2027-02-29 }]', /waivers\.until: expected the last day/],
    ['levels: { a: never }', /^v\.yaml:1: levels\.a: expected must or advice$/],
    ['levels: [a]', /levels: expected globs/],
    ['services: { a: {} }', /services\.a: expected role, image or both/],
    ['services: { a: { role: gpu } }', /services\.a\.role: expected one of api, worker/],
    ['services: { a: { image: "a b" } }', /services\.a\.image: expected an image/],
    ['services: { a: other }', /services\.a: expected \{ role: …, image: … \}/],
    ['replicas: { api: 2 }', /replicas\.api: expected a number from 3/],
    ['replicas: { api: many }', /replicas\.api: expected a number from 3/],
    ['replicas: 3', /replicas: expected services with/],
    ['start: 180s', /^v\.yaml:1: start: expected services with their time to serve/],
    ['start:\n  api: 180\n', /^v\.yaml:2: start\.api: expected a time above nothing, with its unit, as in 180s or 3m$/],
    ['start: { api: soon }', /start\.api: expected a time/],
    ['start: { api: 0s }', /start\.api: expected a time above nothing/],
    ['start: { api: }', /start\.api: expected a time/],
    ['levels: &a { x: must }\nreplicas: { api: *b }', /^v\.yaml(:\d)?: /],
    ['backup: [', /^v\.yaml:1: /],
    ['roles: {}', /^v\.yaml:1: roles: unknown key/],
    ['backups: {}', /backups: unknown key, backup is meant \(known: .*outside, backup\)/],
    ['? [a]\n: b', /^v\.yaml:1: a key is no text: put it in quotes$/],
    ['outside: all', /^v\.yaml:1: outside: expected \{ allow/],
    ['outside: { allow: smtp.example.com:465 }', /outside\.allow: expected a list/],
    ['outside:\n  allow:\n    - smtp.example.com\n', /^v\.yaml:3: outside\.allow: expected host:port/],
    ['outside: { allow: ["https://smtp.example.com:465"] }', /outside\.allow: expected host:port/],
    ['outside: { allowed: [] }', /outside\.allowed: unknown key, allow is meant/],
    ['__proto__: {}', /unknown key/],
    ['backup: ./backup.sh', /backup: expected two commands/],
    ['backup:', /backup: expected two commands/],
    ['backup: { backup: a }', /backup\.restore: missing/],
    ['backup: { restore: a }', /backup\.backup: missing/],
    ['backup:\n  backup: a\n  restore: 7\n', /^v\.yaml:3: backup\.restore: expected a command as text/],
    ['backup: { backup: "", restore: b }', /backup\.backup: expected a command as text/],
    ['backup: { backup: a, restore: }', /backup\.restore: expected a command as text/],
    ['backup: { backup: a, restore: [b] }', /backup\.restore: expected a command as text/],
    ['backup: { backup: a, restore: b, after: c }', /backup\.after: unknown key \(known: backup, restore\)/],
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
    ['a flag', ['--policy', 'wrong.yaml'], {}, /wrong\.yaml:1: backup\.restore: missing/],
    ['a variable', [], { VERIFY_POLICY: 'wrong.yaml' }, /wrong\.yaml:1: backup\.restore: missing/],
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
    writeFileSync(path.join(dir, 'bare/verify.yaml'), 'waiver: []');
    const run = startVerify([
      '--stack',
      path.join(dir, 'bare'),
      '--only',
      'config',
      '--report',
      path.join(dir, 'report'),
    ]);
    expect(await run.ended).toBe(2);
    expect(run.output().stderr).toMatch(/^verify: .*bare\/verify\.yaml:1: waiver: unknown key, waivers is meant .*\n$/);
  });
});
