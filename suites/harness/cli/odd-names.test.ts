import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesIn } from '../../../fixtures/testing/files-in.ts';
import { asTyped } from '../../../fixtures/engine/as-typed.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';

/** Names that a shell, a regular expression, a terminal or JavaScript itself takes for something else. */
let work: string;
beforeAll(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'odd-names-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const stackIn = (name: string, files: Record<string, string>) => filesIn(path.join(work, name), files);

async function config(dir: string, more: string[] = [], environment: Record<string, string> = {}) {
  const report = `${dir} report\n::error::`;
  const run = startVerify(['--stack', dir, '--only', 'config', '--report', report, ...more], environment);
  const code = await run.ended;
  return { code, report, ...run.output() };
}

/** The words that bash makes of what was printed. */
function wordsOf(typed: string): string[] {
  const words = execFileSync('bash', ['-c', `printf '%s\\0' ${typed}`], { encoding: 'utf8', cwd: work });
  return words.split('\0').slice(0, -1);
}

const NAMES = [
  'plain',
  '',
  'two words',
  `it's`,
  '"',
  '$(touch x)',
  '`id`',
  'a\nb',
  'tab\tand\\',
  '$& $1',
  "'\r'",
  'ü*?',
];

test.for(NAMES)('a command that is printed with %j is that word for a shell, in one line', (name) => {
  const typed = asTyped(['a', name, 'b']);
  expect(typed).not.toMatch(/[\n\r\t]/);
  expect(wordsOf(typed)).toEqual(['a', name, 'b']);
});

test(
  'a directory, a report and a temporary folder of any name; what is to be typed can be pasted',
  { timeout: 60_000 },
  async () => {
    const odd = `o'd"d\n$& \`touch x\` \\ %s`;
    const services = "services:\n  nginx: { image: nginx:1.28, volumes: ['./conf:/etc/nginx/conf.d:ro'] }\n";
    const dir = stackIn(odd, { 'docker-compose.yaml': services, 'conf/a.conf': 'server { listen 80; }\n' });
    const temporary = path.join(work, `${odd} tmp`);
    mkdirSync(temporary);
    const { code, stdout, stderr, report } = await config(dir, [], { TMPDIR: temporary });
    expect(stderr).toBe('');
    expect(code).toBe(1);
    expect(stdout).not.toMatch(/^::/m);
    const typed = /^patches: npm run -s verify -- (.*) > fixes\.patch$/m.exec(stdout)?.[1] ?? '';
    expect(wordsOf(typed)).toEqual(['fix', '--print', '--stack', dir, '--report', report]);
    expect(wordsOf(`$(ls)`)).not.toContain('x');
  },
);

describe('services and keys that JavaScript has itself', () => {
  test('are services and keys like others', { timeout: 60_000 }, async () => {
    const dir = stackIn('own', {
      'docker-compose.yaml': `services:
  constructor:
    image: nginx:1.28
    depends_on: [hasOwnProperty]
    environment: { __proto__: x, toString: z, A_URL: "http://valueOf:80" }
    networks: [isPrototypeOf]
    volumes: ['constructor:/x']
    labels: { __proto__: q }
  hasOwnProperty: { image: redis:6, networks: [isPrototypeOf], secrets: [constructor] }
networks: { isPrototypeOf: {} }
volumes: { constructor: {} }
secrets: { constructor: { file: ./toString } }
`,
      toString: '1',
    });
    const { code, stdout, stderr, report } = await config(dir);
    expect(stderr).toBe('');
    expect(code).toBe(1);
    const { checks } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
    expect(checks.filter(({ status }) => status === 'error')).toEqual([]);
    expect(stdout).toMatch(/constructor and hasOwnProperty stay down/);
  });

  test('a secret that has its value from a variable reads it', { timeout: 60_000 }, async () => {
    const dir = stackIn('secret', {
      'docker-compose.yaml':
        'services: { app: { image: nginx:1.28, secrets: [x], configs: [y] } }\n' +
        'secrets: { x: { environment: APP_SECRET } }\nconfigs: { y: { environment: APP_CONFIG } }\n',
      '.env': 'APP_SECRET=abcdefgh\nAPP_CONFIG=x\n',
    });
    const { stdout } = await config(dir, ['--check', 'config/env/drift']);
    expect(stdout).toMatch(/config +1 +0/);
    expect(stdout).not.toContain('nothing reads');
  });
});

describe('links that lead to nothing, or in a loop', () => {
  const services = 'services: { app: { image: nginx:1.28 } }\n';
  test.for<[string, string, string[], string]>([
    ['the compose file', 'docker-compose.yaml', [], 'docker-compose.yaml'],
    ['--file', 'more.yaml', ['--file', 'more.yaml'], 'more.yaml'],
    ['.env', '.env', [], '.env'],
    ['--env-file', 'other.env', ['--env-file', 'LINK'], 'other.env'],
    ['--policy', 'policy.yaml', ['--policy', 'LINK'], 'policy.yaml'],
    ['verify.yaml', 'verify.yaml', [], 'verify.yaml'],
  ])('%s: one line that names the link, exit code 2', { timeout: 60_000 }, async ([, link, args]) => {
    for (const leadsTo of ['nowhere/at-all', link]) {
      const dir = stackIn(`link-${link}-${leadsTo === link ? 'loop' : 'dead'}`, { 'docker-compose.yaml': services });
      rmSync(path.join(dir, link), { force: true });
      symlinkSync(leadsTo, path.join(dir, link));
      const given = args.map((arg) => arg.replace('LINK', path.join(dir, link)));
      const { code, stderr } = await config(dir, given);
      expect(stderr).toMatch(/^verify: [^\n]*\n$/);
      expect(stderr).toContain(`${link} is a link to ${leadsTo}, where nothing is: mend it or remove it`);
      expect(code).toBe(2);
    }
  });
});
