import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { configInputs, judgeConfig } from '../../../../fixtures/checks/config/judge.ts';
import { configContract } from '../../../../fixtures/checks/config/obligations.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { readStack } from '../../../../fixtures/model/read.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';

/** Reads a directory of the given files and judges it, by check id. */
async function judge(
  files: Record<string, string>,
  options: { files?: string[]; envFiles?: string[] } = {},
): Promise<Map<string, Verdict>> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'verify-origins-'));
  try {
    const dir = path.join(root, 'stack');
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      writeFileSync(path.join(dir, name), text);
    }
    mkdirSync(path.join(root, 'run'));
    const envFiles = (options.envFiles ?? []).map((file) => path.join(dir, file));
    const model = await readStack({ ...options, dir, envFiles }, path.join(root, 'run'));
    const inputs = configInputs(model);
    const { checks } = configContract(model, rolesOf(model));
    return new Map(checks.map((obligation) => [obligation.id, judgeConfig(obligation, inputs)]));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const api = (lines: string) => `services:\n  api:\n    image: langgenius/dify-api:1.5.0\n${lines}`;
const IN_ENVIRONMENT = '    environment:\n      DB_HOST: ${DB_HOST}\n';

/** An address that leads nowhere, written in each of the places that a value can come from. */
test.for<[string, Record<string, string>, string, { files?: string[]; envFiles?: string[] }?]>([
  ['the compose file', { 'compose.yaml': api('    environment:\n      DB_HOST: nowhere\n') }, 'compose.yaml:5'],
  ['.env', { 'compose.yaml': api(IN_ENVIRONMENT), '.env': '# base\nDB_HOST=nowhere\n' }, '.env:2'],
  [
    '.env by way of another variable',
    { 'compose.yaml': api(IN_ENVIRONMENT), '.env': 'DB_HOST=${BASE}\n\nBASE=nowhere\n' },
    '.env:3',
  ],
  [
    'the earlier of two env files',
    { 'compose.yaml': api(IN_ENVIRONMENT), 'one.env': 'A=1\nDB_HOST=nowhere\n', 'two.env': 'B=2\n' },
    'one.env:2',
    { envFiles: ['one.env', 'two.env'] },
  ],
  [
    'an env_file',
    { 'compose.yaml': api('    env_file:\n      - api.env\n'), 'api.env': 'A=1\nB=2\nDB_HOST=nowhere\n' },
    'api.env:3',
  ],
  [
    'the last of several env_files, in the long form',
    {
      'compose.yaml': api('    env_file:\n      - a.env\n      - path: conf/b.env\n        required: false\n'),
      'a.env': 'DB_HOST=db\n',
      'conf/b.env': '\nDB_HOST=nowhere\n',
    },
    'conf/b.env:2',
  ],
  [
    'an env_file that takes it from .env',
    { 'compose.yaml': api('    env_file: api.env\n'), 'api.env': 'DB_HOST=${HOST}\n', '.env': 'X=1\nHOST=nowhere\n' },
    '.env:2',
  ],
  [
    'an env_file that is .env.example where there is no .env',
    { 'compose.yaml': api('    env_file: .env\n'), '.env.example': 'X=1\nDB_HOST=nowhere\n' },
    '.env.example:2',
  ],
  [
    'an anchor',
    { 'compose.yaml': `x-shared: &shared\n  DB_HOST: nowhere\n${api('    environment:\n      <<: *shared\n')}` },
    'compose.yaml:2',
  ],
  [
    'an override file',
    {
      'compose.yaml': api('    environment:\n      DB_HOST: db\n'),
      'compose.override.yaml': 'services:\n  api:\n    environment:\n      - DB_HOST=nowhere\n',
    },
    'compose.override.yaml:4',
  ],
  [
    'extends in another file',
    {
      'compose.yaml': 'services:\n  api:\n    extends:\n      file: parts/base.yaml\n      service: base\n',
      'parts/base.yaml':
        'services:\n  base:\n    image: langgenius/dify-api:1.5.0\n    environment:\n      DB_HOST: nowhere\n',
    },
    'parts/base.yaml:5',
  ],
  [
    'an env_file of what is extended, in the same file',
    {
      'compose.yaml':
        'services:\n  base:\n    image: langgenius/dify-api:1.5.0\n    env_file: b.env\n  api:\n    extends: base\n',
      'b.env': 'DB_HOST=nowhere\n',
    },
    'b.env:1',
  ],
  [
    'include',
    { 'compose.yaml': 'include:\n  - more.yaml\n', 'more.yaml': api('    environment:\n      DB_HOST: nowhere\n') },
    'more.yaml:5',
  ],
])('a value from %s is told with its own line', async ([, files, place, options]) => {
  const verdict = (await judge(files, options)).get('config/host/DB_HOST');
  expect(verdict).toMatchObject({ status: 'fail' });
  expect(verdict?.reference).toMatch(new RegExp(`^${place.replaceAll('.', '\\.')}(?!\\d)`));
});

/** Each shape is one of a real directory that the gate once could not judge. */
test.for<[string, Record<string, string>]>([
  [
    'a merge key with its tag (`!!merge <<:`), where a list or a map is looked for',
    {
      'compose.yaml': `x-shared: &shared\n  A: '1'\n${api("    command: ['run']\n    environment:\n      !!merge <<: *shared\n")}`,
    },
  ],
  [
    'a script that is mounted and absent',
    { 'compose.yaml': api('    volumes: ["./x.sh:/docker-entrypoint-mount.sh"]\n') },
  ],
  [
    'secrets without a value',
    { 'compose.yaml': api("    environment:\n      SECRET_KEY: ''\n      DB_PASSWORD: ${NOT_SET}\n") },
  ],
])('%s is judged', async ([, files]) => {
  const judged = await judge(files);
  expect([...judged].filter(([, { status }]) => status === 'error')).toEqual([]);
  const statuses = [...judged].map(([, { status }]) => status);
  expect(statuses).toContain('fail');
});

test('a value that compose cannot interpolate is told by its place, not by its last line', async () => {
  const compose = api(
    '    configs:\n      - c\nconfigs:\n  c:\n    content: |\n      #!/bin/sh\n      echo ${a[0]}\n      exec it\n',
  );
  await expect(judge({ 'compose.yaml': compose })).rejects.toThrow(
    /^compose\.yaml: invalid interpolation format for configs\.c\.content: write \$\$ for each/,
  );
});
