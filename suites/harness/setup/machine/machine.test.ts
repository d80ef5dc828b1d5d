import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { enginePlan, parseOsRelease } from '../../../../fixtures/setup/machine/distribution.ts';
import { takeSetupLock } from '../../../../fixtures/setup/machine/setup-lock.ts';
import { judgePidFile, parseProcessStat, processState } from '../../../../fixtures/setup/machine/stale-pid.ts';

const release = (id: string, version: string, codename: string) =>
  parseOsRelease(`PRETTY_NAME="x"\nID=${id}\nVERSION_ID="${version}"\nVERSION_CODENAME=${codename}\n`);

describe('what is installed on which distribution', () => {
  test('Debian 12 takes engine and compose from newer suites', () => {
    const plan = enginePlan(release('debian', '12', 'bookworm'));
    expect(plan?.addSuites).toEqual(['trixie', 'forky']);
    expect(plan?.engine.map((group) => group.suite)).toEqual(['trixie']);
    expect(plan?.compose[0]).toMatchObject({ suite: 'forky', otherwise: { suite: 'trixie' } });
  });

  test.for([
    ['debian', '13', 'trixie', 'docker-compose'],
    ['debian', '14', 'forky', 'docker-compose'],
    ['ubuntu', '24.04', 'noble', 'docker-compose-v2'],
  ] as const)('%s %s (%s) has all in its own archive, compose as %s', ([id, version, codename, compose]) => {
    const plan = enginePlan(release(id, version, codename));
    expect(plan?.addSuites).toEqual([]);
    expect(plan?.compose[0]?.packages).toContain(compose);
  });

  test.for([
    ['debian', '11', 'bullseye'],
    ['ubuntu', '20.04', 'focal'],
    ['fedora', '41', ''],
    ['', '', ''],
  ] as const)('%s %s is not one that set-up can install on', ([id, version, codename]) => {
    expect(enginePlan(release(id, version, codename))).toBe(undefined);
  });

  test('os-release: plain, double and single quoted values', () => {
    expect(parseOsRelease(`ID=debian\nVERSION_ID='13'\nVERSION_CODENAME="trixie"\n# ID=other\n`)).toEqual({
      id: 'debian',
      codename: 'trixie',
      versionId: '13',
    });
  });
});

describe('the pid file of an engine that was killed', () => {
  test.for([
    ['no file', undefined, undefined, 'none'],
    ['its process is gone', '812\n', undefined, 'remove'],
    ['its process is a dockerd', '812', { command: 'dockerd', state: 'S' }, 'keep'],
    ['its dockerd is dead and not yet reaped', '812', { command: 'dockerd', state: 'Z' }, 'remove'],
    ['the number belongs to another program now', '812', { command: 'node', state: 'S' }, 'remove'],
    ['the file is empty', '', undefined, 'remove'],
    ['the file holds no number', 'x', { command: 'dockerd', state: 'S' }, 'remove'],
  ] as const)('%s', ([, content, process, decision]) => {
    expect(judgePidFile(content, process, 'dockerd')).toBe(decision);
  });

  test('the state is read behind a command with brackets in its name', () => {
    expect(parseProcessStat('12 (a) b) S 1 12')).toEqual({ command: 'a) b', state: 'S' });
    expect(parseProcessStat('')).toBe(undefined);
  });

  test.runIf(process.platform === 'linux')('a living process is found, one that is not there is not', async () => {
    expect((await processState(process.pid))?.state).toMatch(/^[RSD]$/);
    expect(await processState(2 ** 22 + 1)).toBe(undefined);
  });
});

describe('one set-up at a time', () => {
  const inFolder = async (use: (file: string) => Promise<void>) => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'verify-lock-'));
    try {
      await use(path.join(folder, 'lock'));
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test('the second waits for the first and says so', () =>
    inFolder(async (file) => {
      const said: string[] = [];
      const first = await takeSetupLock(() => undefined, file);
      const order: string[] = [];
      const second = takeSetupLock((line) => said.push(line), file).then(async (lock) => {
        order.push('second');
        await lock[Symbol.asyncDispose]();
      });
      await expect.poll(() => said.length, { timeout: 5000 }).toBe(1);
      order.push('first ends');
      await first[Symbol.asyncDispose]();
      await second;
      expect(order).toEqual(['first ends', 'second']);
      expect(said).toEqual([`another set-up is running (process ${process.pid}); waiting for it`]);
    }));

  test('the lock of a killed set-up is taken over, also when its number came round again', () =>
    inFolder(async (file) => {
      for (const left of [`${2 ** 22 + 1} 5`, `${process.pid} not-its-start-time`, '', 'garbage']) {
        await writeFile(file, left);
        await using _lock = await takeSetupLock(() => expect.unreachable('it waited'), file);
        expect(await readFile(file, 'utf8')).toMatch(new RegExp(`^${process.pid} `));
      }
      await expect(readFile(file)).rejects.toThrow(/ENOENT/);
    }));
});
