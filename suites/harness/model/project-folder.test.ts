import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readOptions } from '../../../fixtures/cli/options.ts';
import { projectFolder } from '../../../fixtures/model/project-folder.ts';
import { readStack } from '../../../fixtures/model/read.ts';

const SERVICE =
  'services:\n  nginx:\n    image: nginx:1.28\n    volumes: ["./site.conf:/etc/nginx/conf.d/site.conf:ro"]\n';

/** A repository with the stack two folders down, and more of it beside. */
let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'project-folder-'));
  for (const folder of ['dify/docker', 'more', 'run']) mkdirSync(path.join(root, folder), { recursive: true });
  writeFileSync(path.join(root, 'dify/docker/docker-compose.yaml'), SERVICE);
  writeFileSync(path.join(root, 'dify/docker/.env'), 'TOLD=by the inner one\n');
  writeFileSync(path.join(root, 'more/more.yml'), 'services:\n  nginx:\n    environment: { TOLD: "${TOLD}" }\n');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const FILES = ['dify/docker/docker-compose.yaml', 'more/more.yml'];

test('paths and .env are those of the folder of the first file, as compose itself has them', async () => {
  const { stack, files } = readOptions(['--stack', root, ...FILES.flatMap((file) => ['--file', file])], {});
  const model = await readStack({ dir: stack, files }, path.join(root, 'run'));
  const flags = FILES.flatMap((file) => ['--file', file]);
  const said = execFileSync('docker', ['compose', ...flags, 'config', '--format', 'json'], { cwd: root });
  const { services } = JSON.parse(said.toString()) as {
    services: { nginx: { environment: Record<string, string>; volumes: { source: string }[] } };
  };
  expect(services.nginx.volumes[0]?.source).toBe(path.join(root, 'dify/docker/site.conf'));
  expect(model.services['nginx']?.mounts[0]?.source).toBe(services.nginx.volumes[0]?.source);
  expect(model.services['nginx']?.environment['TOLD']).toBe(services.nginx.environment['TOLD']);
  expect(services.nginx.environment['TOLD']).toBe('by the inner one');
});

test.each([
  ['no file is given', []],
  ['the first lies in the directory itself', ['docker-compose.yaml', 'more/more.yml']],
  ['the first lies elsewhere', ['/elsewhere/docker-compose.yaml']],
  ['the first is not there', ['dify/docker/compose.yaml']],
])('nothing changes when %s', (_, files) => {
  expect(projectFolder(root, files)).toEqual({ dir: root, files });
});
