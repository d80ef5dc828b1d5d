import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { chromiumPath, startBrowser } from '../../../../fixtures/checks/browser/chromium.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'chromium-'));
afterEach(() => vi.unstubAllEnvs());
afterAll(() => rmSync(folder, { recursive: true }));

/** A program in the place of Chromium, as CHROMIUM names it. */
function pretend(script: string): string {
  const file = path.join(folder, 'chromium');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('CHROMIUM', file);
  return file;
}

test('one that does not start is told in one line, by what it wrote itself', async () => {
  const file = pretend("echo 'error while loading shared libraries: libnone.so' >&2; exit 127");
  expect(chromiumPath()).toBe(file);
  await expect(startBrowser()).rejects.toThrow(
    new Error(`${file} does not start: error while loading shared libraries: libnone.so`),
  );
});

test('one that ends without a word is told in one line, too', async () => {
  const file = pretend('exit 1');
  const told = await startBrowser().then(
    () => '',
    (error: unknown) => (error as Error).message,
  );
  expect(told.startsWith(`${file} does not start: `)).toBe(true);
  expect(told).not.toContain('\n');
});
