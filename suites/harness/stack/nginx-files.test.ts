import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { ExecResult } from '../../../fixtures/engine/exec.ts';
import { locations } from '../../../fixtures/model/nginx/locations.ts';
import { parseDump, splitDump } from '../../../fixtures/model/nginx/tree.ts';
import { dumpOfFiles, lacksName } from '../../../fixtures/stack/nginx-files.ts';

const dir = mkdtempSync(path.join(os.tmpdir(), 'nginx-files-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const result = (exitCode: number, more: Partial<ExecResult> = {}): ExecResult => ({
  exitCode,
  stdout: '',
  stderr: '',
  timedOut: false,
  durationMs: 1,
  ...more,
});
/** A real shell here in place of the container's. */
const here = ([program = '', ...args]: string[]) =>
  Promise.resolve(result(0, { stdout: execFileSync(program, args, { encoding: 'utf8' }) }));

describe('the configuration of an nginx that cannot test it now', () => {
  test.for<[string, ExecResult, boolean]>([
    ['a service that is down', result(1, { stderr: 'nginx: [emerg] host not found in upstream "api" in /x:7' }), true],
    ['another fault', result(1, { stderr: 'nginx: [emerg] unexpected "}" in /x:7' }), false],
    ['none', result(0, { stderr: 'nginx: [warn] host not found in resolver' }), false],
  ])('%s', ([, told, lacks]) => {
    expect(lacksName(told)).toBe(lacks);
  });

  test('is read file by file, as nginx includes them', async () => {
    mkdirSync(path.join(dir, 'conf.d'));
    const files = {
      'own.conf': 'events {}\nhttp {\n  include mime.types; # include none.conf;\n  include conf.d/*.conf;\n}\n',
      'mime.types': 'types { text/html html; }\n',
      'conf.d/a.conf': 'server { listen 80; location /a { include proxy.conf; proxy_pass http://api:5001; } }\n',
      'conf.d/b.conf': 'server { listen 81; location /b { include proxy.conf; proxy_pass http://web:3000; } }\n',
      'proxy.conf': 'proxy_read_timeout 9s;\n',
      'none.conf': 'nothing;\n',
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, name), text);
    const dump = await dumpOfFiles(here, ['-c', path.join(dir, 'own.conf')]);
    expect(dump.exitCode).toBe(0);
    expect(splitDump(dump.stdout).map(({ path: name }) => path.relative(dir, name))).toEqual([
      'own.conf',
      'mime.types',
      'conf.d/a.conf',
      'conf.d/b.conf',
      'proxy.conf',
    ]);
    expect(locations(parseDump(dump.stdout)).map(({ path: at }) => at)).toEqual(['/a', '/b']);
  });

  test('without its main file nothing is known', async () => {
    expect((await dumpOfFiles(here, ['-c', path.join(dir, 'gone.conf')])).exitCode).toBe(1);
    expect((await dumpOfFiles(() => Promise.resolve(result(127)), [])).exitCode).toBe(127);
  });
});
