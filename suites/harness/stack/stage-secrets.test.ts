import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStack } from '../../../fixtures/model/read.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { stageStack } from '../../../fixtures/stack/stage.ts';
import { freshFolders, removeFolders } from './stage-case.ts';

let dir: string;
let runDir: string;

beforeEach(() => {
  ({ dir, runDir } = freshFolders());
});

afterEach(removeFolders);

const COMPOSE = `
services:
  app:
    image: example/app:1
    secrets: [x, { source: x, target: z, mode: 0400, uid: '5' }, { source: f, target: /etc/f }, e]
    configs: [c, { source: v, target: /etc/v, mode: 0440 }]
secrets: { x: { environment: VAR }, f: { file: ./f }, e: { environment: EMPTY }, unused: { environment: VAR } }
configs: { c: { content: "hi \${VAR} $$x" }, v: { environment: VAR } }
`;

async function staged(compose: string, env: string): Promise<Record<string, Record<string, Record<string, unknown>>>> {
  writeFileSync(path.join(dir, 'compose.yaml'), compose);
  writeFileSync(path.join(dir, '.env'), env);
  writeFileSync(path.join(dir, 'f'), 'of a file');
  mkdirSync(path.join(runDir, 'read'));
  const model = await readStack({ dir }, path.join(runDir, 'read'));
  stageStack(model, {
    runDir,
    project: 'verify-00000000',
    labels: {},
    roles: rolesOf(model),
    images: {},
    replicas: {},
  });
  return JSON.parse(readFileSync(path.join(runDir, 'compose.json'), 'utf8')) as never;
}

describe('secrets and configs of variables', () => {
  test('have the values that compose has for them, wherever and however they are mounted', async () => {
    const { services, configs, secrets } = await staged(COMPOSE, `VAR='a$b "c"'\nEMPTY=\n`);
    // Compose reads the copy, in which a dollar sign is doubled.
    expect(configs?.['verify-secret-x']).toEqual({ content: 'a$$b "c"' });
    expect(configs?.['v']).toEqual({ content: 'a$$b "c"' });
    expect(configs?.['c']).toEqual({ content: 'hi a$$b "c" $$x' });
    expect(readFileSync(configs?.['verify-secret-e']?.['file'] as string, 'utf8')).toBe('');
    expect(Object.keys(secrets ?? {})).toEqual(['f']);
    expect(readFileSync(secrets?.['f']?.['file'] as string, 'utf8')).toBe('of a file');
    expect(services?.['app']?.['secrets']).toEqual([{ source: 'f', target: '/etc/f' }]);
    expect(services?.['app']?.['configs']).toEqual([
      { source: 'c' },
      { source: 'v', target: '/etc/v', mode: '0440' },
      { source: 'verify-secret-x', target: '/run/secrets/x' },
      { source: 'verify-secret-x', target: '/run/secrets/z', mode: '0400', uid: '5' },
      { source: 'verify-secret-e', target: '/run/secrets/e' },
    ]);
  });

  test('without a value are left to compose, which says so', async () => {
    const { services, secrets } = await staged(COMPOSE, '');
    expect(secrets?.['x']).toEqual({ environment: 'VAR' });
    expect(services?.['app']?.['secrets']).toContainEqual({ source: 'x', target: '/run/secrets/x' });
  });

  test('without a variable nothing is added', async () => {
    const { services, configs, secrets } = await staged('services: { app: { image: x } }', '');
    expect([configs, secrets, services?.['app']?.['configs']]).toEqual([undefined, undefined, undefined]);
  });
});
