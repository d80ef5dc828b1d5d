import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commandLine } from '../../../fixtures/engine/command-line.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { allowedMemoryKiB } from '../../../fixtures/model/own-memory.ts';

/** A machine without memory is no fault of a stack: never exit code 1, never a stack trace. */
const work = mkdtempSync(path.join(os.tmpdir(), 'little-memory-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

async function run(file: string, args: string[], environment: Record<string, string> = {}) {
  const env = { ...process.env, NO_COLOR: '1', ...environment };
  const child = spawn(file, args, { cwd: projectRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stdout.resume();
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

const line = () =>
  commandLine('verify', [
    '--stack',
    path.join(projectRoot, 'compose'),
    '--only',
    'config',
    '--report',
    path.join(work, 'r'),
  ]);

/** What a Go program says when it gets no memory (compose 2.24 under `ulimit -v 1500000`), at the one command that reads. */
const STARVED = `#!/bin/sh
[ "$1 $2" = 'compose version' ] && echo 2.24.6 && exit 0
echo 'fatal error: runtime: out of memory' >&2
echo 'goroutine 1 [running]:' >&2
exit 2
`;

test.for<[string, string, RegExp, number]>([
  ['the shell allows little', 'ulimit -v 5000000; ', /had too little memory .* this shell allows 5000000 KiB/, 2],
  ['the shell allows all, and the directory needs more than we give', '', /docker-compose\.yaml: fatal error/, 1],
])('a compose client without memory: %s', { timeout: 120_000 }, async ([, limit, said, exitCode]) => {
  const client = path.join(work, 'docker');
  writeFileSync(client, STARVED, { mode: 0o755 });
  const args = ['-c', `${limit}exec "$@"`, 'sh', process.execPath, ...line()];
  const { code, stderr } = await run('sh', args, { PATH: `${work}:${process.env['PATH'] ?? ''}` });
  expect(stderr).toMatch(said);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(exitCode);
});

test('what nobody foresaw ends with one line and exit code 2', { timeout: 120_000 }, async () => {
  // As undici meets it while a request is under way; thrown when the command has begun to listen.
  const thrown = `const at = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(at);
    void Promise.reject(new RangeError('WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory\\nmore'));
  }, 1);`;
  const { code, stderr } = await run(process.execPath, line(), {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(thrown)}`,
  });
  expect(stderr).toBe(
    'verify: ended by what nobody foresaw, nothing is said about the stack: WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory\n',
  );
  expect(code).toBe(2);
});

test.for<[string, number | null]>([
  ['Max address space         1536000000           unlimited            bytes     \n', 1_500_000],
  ['Max address space         unlimited            unlimited            bytes     \n', null],
  ['', null],
])('what a shell allows', ([limits, kib]) => {
  expect(allowedMemoryKiB(limits)).toBe(kib);
});
