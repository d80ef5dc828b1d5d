import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { backUpConfiguration } from '../../../fixtures/data/backup/configuration.ts';
import { BackupFolder } from '../../../fixtures/data/backup/write.ts';
import { stackDirectory } from '../../../fixtures/data/restore/directory.ts';
import type { Manifest } from '../../../fixtures/data/backup/manifest.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { exitCodeOf, machineWords } from '../../../fixtures/errors.ts';
import { startCommand } from '../../../fixtures/testing/command.ts';
import { freshFolders, removeFolders, stagedOf } from '../stack/stage-case.ts';

/**
 * A disk that is full at each place where something is written: one line, exit code 2, and nothing that looks whole. What runs in
 * containers meets full volumes in engine/restore.test.ts, the backup suite's own target in checks/backup/disk.test.ts.
 */
const isRoot = process.getuid?.() === 0;
let work: string;
let disk: string;

beforeAll(() => {
  work = mkdtempSync(path.join(os.tmpdir(), 'disk-full-'));
  disk = path.join(work, 'disk');
  mkdirSync(disk);
});
afterEach(() => {
  if (execFileSync('mount', { encoding: 'utf8' }).includes(` ${disk} `)) execFileSync('umount', [disk]);
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const mount = (options: string) => execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk]);

async function verify(args: string[], environment: Record<string, string> = {}) {
  const stack = path.join(projectRoot, 'compose');
  const run = startCommand('verify', ['--stack', stack, '--only', 'config', ...args], { environment });
  const code = await run.ended;
  return { code, ...run.output() };
}

describe.runIf(isRoot)('a full disk', () => {
  test('of the folder of the run: nothing is left there', async () => {
    // Room for the disk's own folder and no other: it is the run's folder that cannot be made.
    mount('size=64k,nr_inodes=1');
    const { code, stderr } = await verify(['--report', path.join(work, 'run')], { TMPDIR: disk });
    expect(stderr).toMatch(/^verify: the disk is full at \S+ \(ENOSPC\): make room.*\n$/);
    expect(code).toBe(2);
    expect(readdirSync(disk)).toEqual([]);
  });

  test('of what is written into that folder: it is named, and gone', async () => {
    // Room for the folder and a few words in it, and none for the env file.
    mount('size=4k');
    const { code, stderr } = await verify(['--report', path.join(work, 'run')], { TMPDIR: disk });
    expect(stderr).toMatch(/^verify: the disk is full at \S+\/disk\/verify-\S+ \(ENOSPC\): make room.*\n$/);
    expect(code).toBe(2);
    expect(readdirSync(disk)).toEqual([]);
  });

  test('of the copy of what is mounted: the file is named', () => {
    mount('size=300k');
    const { dir, runDir } = freshFolders();
    try {
      writeFileSync(path.join(dir, 'nginx.conf'), '# a long comment\n'.repeat(40_000));
      const services = {
        nginx: {
          image: 'nginx:1.28',
          volumes: [{ type: 'bind', source: path.join(dir, 'nginx.conf'), target: '/etc/nginx/nginx.conf' }],
        },
      };
      rmSync(runDir, { recursive: true });
      mkdirSync(path.join(disk, 'run'));
      let said = 'staged';
      try {
        stagedOf({ dir, runDir: path.join(disk, 'run') }, services);
      } catch (error) {
        said = machineWords(error);
      }
      expect(said).toMatch(/^the disk is full at \S+\/disk\/run\/\S+nginx\.conf \(ENOSPC\)/);
    } finally {
      removeFolders();
    }
  });

  test.for(['8k', '40k', '48k'])('of the report, %s: no part of one stays', async (size) => {
    mount(`size=${size}`);
    const { code, stderr } = await verify(['--report', path.join(disk, 'report')]);
    expect(stderr).toMatch(/^verify: the report cannot be written to \S+: the disk is full \(ENOSPC\).*\n$/);
    expect(code).toBe(2);
    expect(readdirSync(path.join(disk, 'report')).filter((name) => !name.startsWith('.'))).toEqual([]);
  });

  test.for([
    ['read-only', 'ro,size=8k', '', /, it is read-only: name another by TMPDIR\n$/],
    ['not there', 'size=8k', 'nowhere', /nowhere, it is not there: name another by TMPDIR\n$/],
  ] as const)('a folder for temporary files that is %s: one line that names TMPDIR', async ([, options, at, said]) => {
    mount(options);
    const { code, stderr } = await verify(['--report', path.join(work, 'run')], { TMPDIR: path.join(disk, at) });
    expect(stderr).toMatch(/^verify: no folder for this run can be made in \S+disk[^\n]*\n$/);
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  });

  test('of the report, before the run: no room for its folder', async () => {
    mount('size=64k,nr_inodes=1');
    const { code, stderr } = await verify(['--report', path.join(disk, 'report')]);
    expect(stderr).toMatch(/^verify: --report \S+ cannot be written \(the disk is full\): give another folder\n$/);
    expect(code).toBe(2);
  });

  test('of the backup: no folder that looks like one', async () => {
    mount('size=64k');
    const to = path.join(disk, 'backup');
    const folder = await BackupFolder.make(to);
    const writing = folder.part({ kind: 'files', service: 'api', of: '/data' }, async (sink) => {
      for (let n = 0; n < 64; n++) await new Promise<void>((done) => void sink.write(Buffer.alloc(4096), () => done()));
      return { counts: {} };
    });
    await expect(writing).rejects.toThrow(/^the disk of the target is full \(at \S+\): nothing is left there/);
    folder.discard();
    expect(readdirSync(disk)).toEqual([]);
  });

  test('of the directory that a restore makes: what was made goes again', async () => {
    const from = path.join(work, 'backup');
    const source = path.join(work, 'source');
    mkdirSync(source);
    execFileSync('dd', ['if=/dev/urandom', `of=${path.join(source, 'big')}`, 'bs=1k', 'count=200'], {
      stdio: 'ignore',
    });
    const folder = await BackupFolder.make(from);
    await backUpConfiguration(folder, [{ source: path.join(source, 'big'), name: 'big' }]);
    mount('size=64k');
    const manifest = { stackDir: '/nowhere', parts: folder.parts } as unknown as Manifest;
    const command = { stack: path.join(disk, 'new/stack'), project: 'p', files: [], profiles: [] };
    const making = stackDirectory(folder.dir, manifest, command, () => undefined);
    const error: unknown = await making.catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/^--stack \S+ cannot be made from the backup: the disk is full/);
    expect(exitCodeOf(error)).toBe(2);
    expect(readdirSync(disk)).toEqual([]);
    folder.discard();
  });
});
