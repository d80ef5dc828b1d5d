import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkBackup } from '../../../../fixtures/data/backup/check-backup.ts';
import { MANIFEST_FILE, SUMS_FILE, type Manifest } from '../../../../fixtures/data/backup/manifest.ts';
import type { Part } from '../../../../fixtures/data/backup/part.ts';
import { alter } from '../../../../fixtures/checks/backup/altered.ts';

/** What the drill alters in a backup is what it says, and nothing else: each alteration is found by the check. */
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'altered-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sum = (text: string) => createHash('sha256').update(text).digest('hex');

function backup(): string {
  const dir = path.join(folder, 'backup');
  const texts: Record<string, [Part['kind'], string]> = {
    'db.dify.dump': ['postgres-database', 'rows of dify'],
    'api.files.tar': ['files', 'files '.repeat(50)],
  };
  const parts = Object.entries(texts).map(([file, [kind, text]]): Part => {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
    const [service, of] = kind === 'files' ? ['api', '/app/api/storage'] : ['db', 'dify'];
    return { kind, file, service, of, sizeBytes: text.length, sha256: sum(text), takenAt: NOW, counts: { rows: 1 } };
  });
  const manifest: Manifest = {
    schema: 1,
    project: 'p',
    stackDir: '/stack',
    startedAt: NOW,
    finishedAt: NOW,
    consistency: 'said',
    releases: { api: 'langgenius/dify-api:1.5.0' },
    parts,
  };
  const text = `${JSON.stringify(manifest, null, 1)}\n`;
  writeFileSync(path.join(dir, MANIFEST_FILE), text);
  const sums = [...parts.map((part) => [part.sha256, part.file]), [sum(text), MANIFEST_FILE]];
  writeFileSync(path.join(dir, SUMS_FILE), sums.map(([hash, file]) => `${hash}  ${file}\n`).join(''));
  return dir;
}

const NOW = '2026-11-25T10:00:00.000Z';

test('the sample is a backup', async () => {
  await expect(checkBackup(backup())).resolves.toMatchObject({ project: 'p' });
});

test.for(['cut', 'part-missing', 'byte-changed', 'part-unlisted'] as const)('%s is found, and named', async (what) => {
  const from = backup();
  const { dir, names } = alter(from, path.join(folder, 'altered'), what);
  await expect(checkBackup(dir)).rejects.toThrow(names);
  await expect(checkBackup(from)).resolves.toMatchObject({ project: 'p' });
});

test('another release is a whole backup of it', async () => {
  const { dir, names } = alter(backup(), path.join(folder, 'altered'), 'other-release');
  expect(names).toBe('api');
  const { releases } = await checkBackup(dir);
  expect(releases).toEqual({ api: 'langgenius/dify-api:0.0.1' });
  expect(readFileSync(path.join(dir, SUMS_FILE), 'utf8').split('\n')).toHaveLength(4);
});
