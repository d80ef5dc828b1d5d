import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { namedContainers, scriptsIn, scriptsVerdict } from '../../../../fixtures/checks/guide/scripts.ts';

const SERVICES = ['api', 'db', 'plugin_daemon'];

test.for([
  ['docker exec docker-db-1 pg_dump -U postgres dify', 'docker-db-1'],
  ['docker exec -it docker_db_1 psql', 'docker_db_1'],
  ['see: `docker logs -f my.dify-api-12`', 'my.dify-api-12'],
  ['docker cp docker-plugin_daemon-1:/app/storage .', 'docker-plugin_daemon-1'],
  ['docker container restart docker-api-1 docker-db-1', 'docker-api-1,docker-db-1'],
  ['docker compose exec db pg_dump', ''],
  ['docker compose logs --index 1 api', ''],
  ['docker exec dify-db pg_dump', ''],
  ['docker exec docker-cache-1 redis-cli', ''],
  ['docker-api-1 is the name of a container', ''],
  ['docker build -t acme-api-1 .', ''],
] as const)('%s', ([line, names]) => {
  const found = namedContainers([{ file: 'x.sh', text: `#!/bin/sh\n${line}\n` }], SERVICES);
  expect(found.map(({ name }) => name).join(',')).toBe(names);
  expect(found.every(({ where }) => where === 'x.sh:2')).toBe(true);
});

test('scripts and notes are read, state and other files are not', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'scripts-'));
  try {
    for (const folder of ['ops/nightly', 'volumes']) mkdirSync(path.join(dir, folder), { recursive: true });
    for (const file of ['ops/nightly/backup.sh', 'Makefile', 'volumes/x.sh', 'nginx.conf'])
      writeFileSync(path.join(dir, file), 'docker exec docker-db-1 pg_dump\n');
    const files = scriptsIn(dir);
    expect(files.map(({ file }) => file).toSorted()).toEqual(['Makefile', 'ops/nightly/backup.sh']);
    const check = { id: 'guide/files/container-names', title: 'x', level: 'advice' as const, dir, services: SERVICES };
    expect(scriptsVerdict(check, files)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('ops/nightly/backup.sh:1: docker-db-1') as string,
      hint: expect.stringContaining('docker compose exec db') as string,
    });
    expect(scriptsVerdict(check, []).status).toBe('skip');
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
