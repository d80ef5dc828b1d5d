import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Manifest } from '../../../../fixtures/data/backup/manifest.ts';
import { run } from '../../../../fixtures/engine/cli.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { rawTar, type RawEntry } from '../../../../fixtures/testing/raw-tar.ts';
import { afterwards, publishedBy } from '../../../../fixtures/data/restore/afterwards.ts';
import {
  refuseMountsThroughLinks,
  stackDirectory,
  withVariables,
} from '../../../../fixtures/data/restore/directory.ts';
import { RestoreRefused } from '../../../../fixtures/data/restore/refused.ts';

let root: string;
let from: string;
let stack: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'restore-directory-'));
  from = path.join(root, 'backup');
  stack = path.join(root, 'new/stack');
  mkdirSync(from);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const compose: RawEntry = {
  name: 'docker-compose.yaml',
  body: 'name: live\nservices: {web: {image: x, ports: ["${PORT:-80}:80"]}}\n',
};

function backup(...entries: RawEntry[]): Manifest {
  const tar = rawTar(...entries);
  writeFileSync(path.join(from, 'configuration.tar'), tar);
  const sha256 = createHash('sha256').update(tar).digest('hex');
  const head = { kind: 'configuration', file: 'configuration.tar', service: '', of: '' } as const;
  const part = { ...head, sizeBytes: tar.length, sha256, takenAt: '', counts: { entries: entries.length } };
  return {
    schema: 1,
    project: 'live',
    stackDir: '/nowhere',
    startedAt: '',
    finishedAt: '',
    consistency: '',
    releases: {},
    parts: [part],
  };
}

const command = (more: object = {}) => ({ stack, project: 'copy', files: [], profiles: [], ...more });
const quiet = () => undefined;

describe('a directory that is made from the backup', () => {
  test('means the restored project by itself, whatever name its compose file has', async () => {
    const made = await stackDirectory(
      from,
      backup(compose, { name: '.env', mode: 0o600, body: 'PORT=80\nCOMPOSE_PROJECT_NAME=live' }),
      command(),
      quiet,
    );
    expect(made).toEqual({ dir: stack, made: path.join(root, 'new'), files: [] });
    expect(statSync(path.join(stack, '.env')).mode & 0o777).toBe(0o600);
    expect(readdirSync(stack).toSorted()).toEqual(['.env', 'docker-compose.yaml']);
    expect(await composeName()).toBe('copy');
  });

  test('has the env file, the compose files and the profiles that it was restored with', async () => {
    const file = path.join(root, 'other.env');
    writeFileSync(file, "PORT=8080\nSECRET='a b'\n");
    const manifest = backup(
      compose,
      { name: '.env', body: 'PORT=80\n' },
      { name: 'more.yaml', body: 'services: {b: {image: x, profiles: [extra]}}' },
    );
    const more = { envFile: file, files: ['docker-compose.yaml', 'more.yaml'], profiles: ['extra'] };
    const made = await stackDirectory(from, manifest, command(more), quiet);
    expect(made).toMatchObject({ files: more.files });
    expect(made).not.toHaveProperty('envFile');
    const asked = await run('docker', ['compose', 'config', '--format', 'json'], { cwd: stack });
    const { name, services } = JSON.parse(asked.stdout) as {
      name: string;
      services: Record<string, { ports?: { published: string }[] }>;
    };
    expect(name).toBe('copy');
    expect(Object.keys(services).toSorted()).toEqual(['b', 'web']);
    expect(services['web']?.ports?.[0]?.published).toBe('8080');
  });

  test('has an env file with the name alone where the backup had none', async () => {
    await stackDirectory(from, backup(compose), command(), quiet);
    expect(await composeName()).toBe('copy');
  });

  test('takes the compose files that the env file of the backup names', async () => {
    const manifest = backup(
      compose,
      { name: '.env', body: 'COMPOSE_FILE="docker-compose.yaml:b.yaml"\n' },
      { name: 'b.yaml', body: '{}' },
    );
    expect(await stackDirectory(from, manifest, command(), quiet)).toMatchObject({
      files: ['docker-compose.yaml', 'b.yaml'],
    });
  });

  test.for<[string, RawEntry[], object, RegExp]>([
    [
      'a hostile archive',
      [
        { name: 'up', type: '2', link: '/tmp' },
        { name: 'up/x', body: 'x' },
      ],
      { reason: 'backup' },
      /cannot be made from the backup: up\/x is below up, which is a link$/,
    ],
    [
      'an env file that is a link',
      [{ name: '.env', type: '2', link: '/etc/hostname' }],
      { reason: 'backup' },
      /\.env in the backup is no plain file$/,
    ],
  ])('%s leaves nothing, and the backup is at fault', async ([, entries, like, message]) => {
    const refused = await stackDirectory(from, backup(...entries), command(), quiet).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RestoreRefused);
    expect(refused).toMatchObject(like);
    expect((refused as Error).message).toMatch(message);
    expect(existsSync(path.join(root, 'new'))).toBe(false);
  });

  test('an archive of another length than the manifest says is refused', async () => {
    const manifest = backup(compose);
    manifest.parts[0]!.counts['entries'] = 2;
    await expect(stackDirectory(from, manifest, command(), quiet)).rejects.toThrow(
      /has 1 entries, its manifest says 2/,
    );
  });

  test('a place that is none is named, and nothing is made', async () => {
    writeFileSync(path.join(root, 'file'), '');
    const at = command({ stack: path.join(root, 'file/stack') });
    await expect(stackDirectory(from, backup(compose), at, quiet)).rejects.toThrow(/file is no folder$/);
    const env = command({ envFile: path.join(root, 'none.env') });
    await expect(stackDirectory(from, backup(compose), env, quiet)).rejects.toThrow(
      /--env-file \S+none\.env does not exist$/,
    );
    expect(existsSync(path.join(root, 'new'))).toBe(false);
  });
});

test('a directory that is there is left as it is', async () => {
  mkdirSync(stack, { recursive: true });
  const made = await stackDirectory(from, backup(compose), command({ envFile: 'x.env', files: ['a'] }), quiet);
  expect(made).toEqual({ dir: stack, made: null, files: ['a'], envFile: 'x.env' });
  expect(readdirSync(stack)).toEqual([]);
});

test.for<[string, Record<string, string>, string]>([
  ['A=1\nB=2', { A: 'x' }, 'B=2\n#\nA=x\n'],
  ['export A=1\n  A = 2\nA: 3\nAB=4\n\n', { A: 'x y' }, "AB=4\n#\nA='x y'\n"],
  ['', { A: "it's $1" }, '#\nA="it\'s \\$1"\n'],
  ['#A=1\nX="A=1"\n', { A: '' }, '#A=1\nX="A=1"\n#\nA=\n'],
])('variables of an env file are set once: %j', ([text, variables, expected]) => {
  expect(withVariables(text, variables).replace(/# By npm run restore: .*/, '#')).toBe(expected);
});

test('data does not go through a link of the backup to another place', () => {
  mkdirSync(path.join(stack, 'volumes'), { recursive: true });
  mkdirSync(path.join(root, 'elsewhere'));
  symlinkSync(path.join(root, 'elsewhere'), path.join(stack, 'linked'));
  symlinkSync(path.join(root, 'elsewhere/none'), path.join(stack, 'dangling'));
  symlinkSync('volumes', path.join(stack, 'within'));
  const mounting = (source: string) => () =>
    refuseMountsThroughLinks(
      stack,
      modelOf({ api: { volumes: [{ type: 'bind', source: path.join(stack, source), target: '/data' }] } }),
    );
  for (const source of ['volumes', 'volumes/new', 'within/new', 'not/there']) expect(mounting(source)).not.toThrow();
  for (const source of ['linked', 'linked/new/deeper', 'dangling', 'dangling/x'])
    expect(mounting(source)).toThrow(/, which api mounts at \/data, is a link of the backup to \S+elsewhere/);
});

describe('what is said after a restore', () => {
  const model = () => {
    writeFileSync(
      path.join(root, '.env'),
      'EXPOSE_NGINX_PORT=8080\nNGINX_PORT=8080\nPLUGIN_PORT=5003 # x\nLEVEL=9\nOTHER=9\n',
    );
    const read = modelOf({
      nginx: { ports: [{ target: 80, published: '8080' }] },
      plugin: {
        ports: [
          { target: 5003, published: 5003 },
          { target: 9, published: 9 },
        ],
      },
    });
    return { ...read, env: { path: path.join(root, '.env'), generatedFrom: null, generatedKeys: [] } };
  };

  test('ports with the variables that set them, as far as that is sure', () => {
    expect(publishedBy(model())).toEqual([
      { service: 'nginx', port: '8080', variable: 'EXPOSE_NGINX_PORT' },
      { service: 'plugin', port: '5003', variable: 'PLUGIN_PORT' },
      { service: 'plugin', port: '9', variable: null },
    ]);
  });

  test('commands that can be pasted: plain in a directory that was made, whole elsewhere', () => {
    const lines = afterwards({ dir: '/new one', made: '/new one', files: [] }, command(), model());
    expect(lines[0]).toBe("this project, any time: cd '/new one' && docker compose up --detach");
    expect(lines[1]).toMatch(
      /^it publishes nginx 8080 \(EXPOSE_NGINX_PORT\), .*: change them in \/new one\/\.env, then: cd /,
    );
    expect(lines[2]).toMatch(/^check the restored data: /);
    const there = afterwards(
      { dir: '/there', made: null, files: [] },
      command({ envFile: 'a.env', profiles: ['p'] }),
      model(),
    );
    expect(there[0]).toBe(
      'this project, any time: cd /there && docker compose --project-name copy --env-file a.env --profile p up --detach',
    );
  });
});

async function composeName(): Promise<string> {
  const asked = await run('docker', ['compose', 'config', '--format', 'json'], { cwd: stack });
  expect(asked.stderr).toBe('');
  return (JSON.parse(asked.stdout) as { name: string }).name;
}
