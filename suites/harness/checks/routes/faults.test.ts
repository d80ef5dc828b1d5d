import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultFiles } from '../../../../fixtures/mutation/fault.ts';
import { routesFaults } from '../../../../fixtures/mutation/routes.ts';

const STACK = fileURLToPath(new URL('../../../../compose', import.meta.url));
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'verify-faults-'));
  cpSync(STACK, dir, {
    recursive: true,
    filter: (entry) => path.relative(STACK, entry).split(path.sep)[0] !== 'images',
  });
});
afterEach(() => rmSync(dir, { recursive: true }));

test.each(routesFaults.map((fault) => [fault.id, fault] as const))('%s breaks the reference stack', (_, fault) => {
  const files = new FaultFiles(dir);
  expect(() => fault.edit(files)).not.toThrow();
  expect(fault.expect.every((glob) => glob.startsWith('routes/'))).toBe(true);
});

test('nginx variables survive the edits', () => {
  const files = new FaultFiles(dir);
  for (const id of ['routes-port-lost', 'routes-wrong-owner', 'routes-websocket-headers-missing']) {
    routesFaults.find((fault) => fault.id === id)?.edit(files);
  }
  expect(files.read('nginx/proxy.conf.template')).toContain('proxy_set_header Host $host;');
  const server = files.read('nginx/conf.d/default.conf.template');
  expect(server).toMatch(/location \/files \{\s+proxy_pass http:\/\/\$web;/);
  expect(server).toMatch(/location \/socket\.io\/ \{\s+proxy_pass http:\/\/\$api;/);
});
