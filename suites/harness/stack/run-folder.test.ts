import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RUN_LABEL } from '../../../fixtures/engine/labels.ts';
import { makeRunFolder, newRunFolder, newRunId, OWNER_FILE, runFolders } from '../../../fixtures/stack/run-folder.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'run-folders-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const ID = 'verify-0123abcd';
const labels = { [RUN_LABEL]: ID };

/** A folder as a run leaves it. */
function folder(name: string, owner: object = labels, mode = 0o700): string {
  const dir = path.join(root, name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, OWNER_FILE), JSON.stringify(owner));
  chmodSync(dir, mode);
  return dir;
}

describe('which folders are believed', () => {
  test('one that a run of this user made', () => {
    const dir = folder(`${ID}-00112233aabbccdd`);
    expect(runFolders(root)).toEqual([{ id: ID, dir, labels }]);
  });

  test('not one that others can write into or read', () => {
    folder(`${ID}-x`, labels, 0o755);
    folder(`${ID}-y`, labels, 0o770);
    expect(runFolders(root)).toEqual([]);
  });

  test('not one that speaks for another run than its own', () => {
    folder('verify-ffffffff-x');
    folder('verify-x');
    expect(runFolders(root)).toEqual([]);
  });

  test('not a link, wherever it leads', () => {
    const elsewhere = mkdtempSync(path.join(os.tmpdir(), 'elsewhere-'));
    writeFileSync(path.join(elsewhere, OWNER_FILE), JSON.stringify(labels));
    symlinkSync(elsewhere, path.join(root, `${ID}-z`));
    expect(runFolders(root)).toEqual([]);
    rmSync(elsewhere, { recursive: true });
  });

  test('not one that holds no labels', () => {
    folder(`${ID}-a`, []);
    folder(`${ID}-b`, { other: 'x' });
    mkdirSync(path.join(root, `${ID}-c`), { mode: 0o700 });
    expect(runFolders(root)).toEqual([]);
  });

  test.runIf(process.getuid?.() === 0)('not one of another user', async () => {
    const { chownSync } = await import('node:fs');
    const dir = folder(`${ID}-x`);
    chownSync(dir, 65_534, 65_534);
    expect(runFolders(root)).toEqual([]);
  });
});

test('a new folder has a name that nobody can guess, is for its owner only, and is never one that was there', () => {
  const id = newRunId();
  const [first, second] = [newRunFolder(id), newRunFolder(id)];
  expect(first).not.toBe(second);
  expect(path.basename(first)).toMatch(new RegExp(`^${id}-[0-9a-f]{16}$`));
  makeRunFolder(first, labels);
  expect(statSync(first).mode & 0o777).toBe(0o700);
  expect(() => makeRunFolder(first, labels)).toThrow(/EEXIST/);
  rmSync(first, { recursive: true });
});
