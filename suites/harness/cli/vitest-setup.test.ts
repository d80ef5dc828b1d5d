import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';

test('one suite from an editor: config boots nothing, and a red says its id and how to mend it', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'editor-stack-'));
  writeFileSync(
    path.join(dir, 'docker-compose.yaml'),
    `services:
  db:
    image: postgres:15-alpine
    environment: { POSTGRES_PASSWORD: difyai123456 }
    ports: ['5432:5432']
`,
  );
  try {
    const { VITEST: _, ...environment } = process.env;
    const run = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'suites/config.test.ts'], {
      cwd: projectRoot,
      encoding: 'utf8',
      // Nobody is there: whoever asks an engine fails at once.
      env: { ...environment, NO_COLOR: '1', VERIFY_STACK: dir, DOCKER_HOST: 'tcp://127.0.0.1:9' },
    });
    expect(run.stderr).toMatch(/config\/port\/db: .*\n\s*(Error: )?.*fix: /);
    expect(run.stdout).toMatch(/Tests .*\d+ failed/);
    expect(run.stdout).not.toMatch(/booting|up after/);
    expect(run.status).toBe(1);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
