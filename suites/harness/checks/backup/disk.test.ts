import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SmallDisk } from '../../../../fixtures/checks/backup/disk-full.ts';

let scratch: string;

beforeEach(() => {
  scratch = mkdtempSync(path.join(os.tmpdir(), 'small-disk-'));
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

test('a small disk fills at once, nobody else sees it, and it is gone with its end', async ({ skip }) => {
  const disk = await SmallDisk.mount(scratch);
  const { folder } = disk;
  if (folder === null) {
    // Where the system lets nobody mount, the check that needs it is skipped with these words.
    expect(disk.said).not.toBe('');
    return skip(disk.said);
  }
  writeFileSync(path.join(folder, 'small'), 'fits');
  expect(readdirSync(folder)).toEqual(['small']);
  expect(readdirSync(scratch).flatMap((name) => readdirSync(path.join(scratch, name)))).toEqual([]);
  expect(() => writeFileSync(path.join(folder, 'large'), Buffer.alloc(1024 * 1024))).toThrow(/ENOSPC/);
  await disk[Symbol.asyncDispose]();
  expect(existsSync(folder)).toBe(false);
});

test('a disk that cannot be mounted is told, not thrown', async () => {
  const before = process.env['PATH'];
  process.env['PATH'] = '/nowhere';
  try {
    await using disk = await SmallDisk.mount(scratch);
    expect(disk.folder).toBeNull();
    expect(disk.said).toMatch(/unshare/);
  } finally {
    process.env['PATH'] = before;
  }
});
