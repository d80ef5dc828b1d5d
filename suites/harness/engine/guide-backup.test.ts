import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { GUIDE_PROCEDURES } from '../../../fixtures/mutation/backup.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';

/**
 * The operators' guide's own backup, `pg_dump` of one database, taken and restored by the drill on the reference stack: what
 * it loses, and nothing else. Needs an engine.
 */
let root: string;
let dir: string;

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'guide-backup-'));
  dir = path.join(root, 'stack');
  cpSync('compose', dir, { recursive: true, filter: (entry) => !entry.startsWith(path.join('compose', 'images')) });
  writeFileSync(path.join(dir, 'verify.yaml'), GUIDE_PROCEDURES);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test(
  "the guide's own backup loses uploads, keys, the plugins' database and vectors",
  { timeout: 600_000 },
  async () => {
    const report = path.join(root, 'report');
    const run = startVerify(['--stack', dir, '--only', 'backup', '--report', report]);
    expect({ ended: await run.ended, said: run.output().stderr }).toEqual({ ended: 1, said: '' });
    const { checks } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
    const red = checks.filter(({ status }) => status === 'fail' || status === 'error').map(({ id }) => id);
    expect(red.toSorted()).toEqual(LOST.toSorted());
    const rows = checks.find(({ id }) => id === 'backup/same/postgres/rows');
    // Of dify itself every row is back: what is lost is the other database.
    expect(rows?.message).toMatch(/dify_plugin/);
    expect(rows?.message).not.toMatch(/table dify\./);
  },
);

/** Exactly what is lost, each thing told once; everything else that is judged is as it was. */
const LOST = [
  // The plugins' database, and with it its objects; the role's password was made anew.
  'backup/same/postgres/rows',
  'backup/same/postgres/schema',
  'backup/same/postgres/sequences',
  'backup/same/postgres/large-objects',
  'backup/same/postgres/roles',
  'backup/same/redis/keys',
  'backup/load/redis/acknowledged',
  'backup/same/vectors/objects',
  'backup/load/vectors/acknowledged',
  // Uploads, plugins, and the private keys without which no credential decrypts.
  'backup/same/files/api/app/api/storage/contents',
  'backup/same/files/plugin_daemon/app/storage/contents',
  'backup/load/uploads/whole',
  'backup/use/credential',
  'backup/use/run',
  'backup/use/file',
];
