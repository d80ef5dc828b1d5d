import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest';
import { copyMount } from '../../../fixtures/data/backup/copied.ts';
import { BACKUP_LABEL, CopyHelper } from '../../../fixtures/data/backup/copy-helper.ts';
import type { WatchdogWord } from '../../../fixtures/engine/watchdog.ts';
import { BackupFolder } from '../../../fixtures/data/backup/write.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { engine } from '../../../fixtures/engine/api.ts';
import { run } from '../../../fixtures/engine/cli.ts';
import { execIn } from '../../../fixtures/engine/exec.ts';
import { runLabels } from '../../../fixtures/engine/labels.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { commandLine } from '../../../fixtures/engine/command-line.ts';

/** A mount is copied whole while it is written to, and a stopped store comes back after kill -9. Needs an engine. */
const labels = runLabels('verify-backup-test');
let image: string;
let root: string;
let container: string;

beforeAll(async () => {
  image = (await ensureImages([{ name: 'probe' }], { progress: () => undefined }))[0]?.ref ?? '';
}, 300_000);

beforeEach(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'backup-copy-'));
  const made = await engine().createContainer({
    Image: image,
    Labels: labels,
    Entrypoint: ['sleep', '600'],
    Cmd: [],
    Volumes: { '/data': {} },
    HostConfig: { Init: true },
  });
  await made.start();
  container = made.id;
});

afterEach(async () => {
  rmSync(root, { recursive: true, force: true });
  await engine().getContainer(container).remove({ force: true, v: true });
});

afterAll(async () => {
  const left = await engine().listContainers({ all: true, filters: { label: [`verify.run=verify-backup-test`] } });
  expect(left.map(({ Names }) => Names)).toEqual([]);
});

async function inside(script: string): Promise<void> {
  const done = await execIn(container, ['sh', '-c', script], { withinMs: 30_000 });
  expect(done).toMatchObject({ exitCode: 0 });
}

/** Copies /data and returns the tar, with what was told. */
async function copy(signal = new AbortController().signal): Promise<{ tar: string; told: string[]; entries: number }> {
  const folder = await BackupFolder.make(path.join(root, 'backup'));
  const told: string[] = [];
  await using helper = await CopyHelper.start([{ container, target: '/data' }], {
    image,
    labels: { ...labels, [BACKUP_LABEL]: 'test' },
  });
  const head = { kind: 'files', service: 'api', of: '/data' } as const;
  await copyMount(folder, head, helper, { signal, tell: (line) => told.push(line) });
  return {
    tar: path.join(folder.dir, folder.parts[0]?.file ?? 'no part'),
    told,
    entries: folder.parts[0]?.counts['entries'] ?? -1,
  };
}

async function unpacked(tar: string): Promise<string> {
  const to = mkdtempSync(path.join(root, 'unpacked-'));
  expect(await run('tar', ['-xpf', tar, '-C', to, '--same-owner', '--numeric-owner'])).toMatchObject({ exitCode: 0 });
  const listed = await run('find', ['.', '-mindepth', '1', '-printf', '%y %U:%G %m %s %p|%l\\n'], { cwd: to });
  return listed.stdout
    .replaceAll(/^d (\S+ \S+) \d+/gm, 'd $1 -')
    .trim()
    .split('\n')
    .toSorted()
    .join('\n');
}

test('names, owners, modes, links and holes as they are', async () => {
  await inside(`cd /data && mkdir -p "a b/ü" && echo x >"a b/ü/$(printf 'new\\nline')" && ln "a b/ü/$(printf 'new\\nline')" hard &&
    ln -s nowhere link && echo y >-rf && chown 1234:77 -- -rf && chmod 4640 -- -rf && truncate -s 3M holes && chmod 750 /data`);
  const { tar, told, entries } = await copy();
  expect(told).toEqual([]);
  expect(entries).toBe(7);
  expect(await unpacked(tar)).toBe(
    [
      'd 0:0 755 - ./a b/ü|',
      'd 0:0 755 - ./a b|',
      'f 0:0 644 2 ./a b/ü/new',
      'f 0:0 644 2 ./hard|',
      'f 0:0 644 3145728 ./holes|',
      'f 1234:77 4640 2 ./-rf|',
      'l 0:0 777 7 ./link|nowhere',
      'line|',
    ].join('\n'),
  );
});

test('a mount that is not there is no empty one', async () => {
  const start = CopyHelper.start([{ container, target: '/nowhere' }], { image, labels });
  await expect(start).rejects.toThrow(/has nothing mounted at \/nowhere/);
});

test('a folder that was moved away under a bind mount is no empty one', async () => {
  const folder = path.join(root, 'data');
  mkdirSync(folder);
  const bound = await engine().createContainer({
    Image: image,
    Labels: labels,
    HostConfig: { Binds: [`${folder}:/data`] },
  });
  try {
    rmdirSync(folder);
    const start = CopyHelper.start([{ container: bound.id, target: '/data' }], { image, labels });
    await expect(start).rejects.toThrow(/which is mounted at \/data, is gone/);
    expect(existsSync(folder)).toBe(false);
  } finally {
    await bound.remove({ force: true });
  }
});

test('an empty mount is a part, too', async () => {
  expect((await copy()).entries).toBe(0);
});

test('a file that grows is copied again until it is quiet; what comes later is left out', async () => {
  await inside('cd /data && for i in $(seq 50); do head -c 100000 /dev/urandom >still$i; done; : >grows');
  const writing = inside(
    'cd /data && for i in $(seq 60); do head -c 50000 /dev/zero >>grows; : >late$i; rm -f still$i; sleep 0.02; done',
  );
  const { tar, told } = await copy();
  await writing;
  expect(told.join('\n')).toMatch(/changed while they were copied, again \(.*\.\/grows/);
  const files = await unpacked(tar);
  expect(files).toMatch(/^f 0:0 644 3000000 \.\/grows\|$/m);
  expect(files.split('\n').filter((line) => line.includes('still') && !line.includes(' 100000 '))).toEqual([]);
  // It may have begun to write before the first look, which is not what is asked here.
  expect(files.split('\n').filter((line) => line.includes('./late')).length).toBeLessThan(30);
});

test('a file that never is quiet ends the copy and is named', async () => {
  await inside('touch /data/server.log');
  const stop = inside('until [ -e /tmp/stop ]; do echo line >>/data/server.log; sleep 0.01; done');
  await expect(copy()).rejects.toThrow(/^\.\/server\.log in \/data of api changed in each of 8 copies/);
  await inside('touch /tmp/stop');
  await stop;
});

test('after kill -9 of the backup, its watchdog starts the store and removes the helpers', async () => {
  const backup = `guard-${process.pid}`;
  await using helper = await CopyHelper.start([{ container, target: '/data' }], {
    image,
    labels: { ...labels, [BACKUP_LABEL]: backup },
  });
  // The watchdog of a backup whose end of the pipe closes while the stop is under way.
  const watchdog = spawn(process.execPath, commandLine('../fixtures/engine/watchdog-process', []), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const say = (word: WatchdogWord) => watchdog.stdin.write(`${JSON.stringify(word)}\n`);
  say({ remove: { labelled: [`${BACKUP_LABEL}=${backup}`] } });
  await once(watchdog.stdout, 'data');
  say({ stopping: container });
  const stopping = engine().getContainer(container).stop();
  watchdog.stdin.end();
  await stopping;
  const [code] = (await once(watchdog, 'exit')) as [number];
  expect(code).toBe(0);
  const seen = await eventually(
    async () => (await engine().getContainer(container).inspect()).State.Running,
    (running) => running,
    { withinMs: 5_000 },
  );
  expect(seen.held).toBe(true);
  await expect(engine().getContainer(helper.container).inspect()).rejects.toThrow(/no such container/i);
});
