import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { planImages } from '../../../../fixtures/setup/images/build.ts';
import { projectRoot } from '../../../../fixtures/engine/project-root.ts';
import {
  catalogue,
  catalogueImage,
  imageFolder,
  isComplete,
  isOfSetup,
} from '../../../../fixtures/setup/images/catalogue.ts';
import type { LocalImage } from '../../../../fixtures/setup/images/inspect.ts';
import { explain } from '../../../../fixtures/setup/images/make.ts';
import { superseded } from '../../../../fixtures/setup/images/prune.ts';
import { contextFiles, sourcesTag, type ContextFile } from '../../../../fixtures/setup/images/sources.ts';
import { otherProgram, pinnedVersion, versionFor } from '../../../../fixtures/setup/images/versions.ts';
import type { Suite } from '../../../../fixtures/setup/machine/base-image.ts';

const file = (name: string, content: string, executable = false): ContextFile => ({
  path: name,
  content: Buffer.from(content),
  executable,
});
const files = [file('Dockerfile', 'FROM x'), file('entry.sh', 'exec "$@"', true)];
const tag = sourcesTag('redis', files, { PARENT: 'debian' });

describe('the tag of an image', () => {
  test('is the same for the same sources', () => {
    const again = [file('Dockerfile', 'FROM x'), file('entry.sh', 'exec "$@"', true)];
    expect(sourcesTag('redis', again, { PARENT: 'debian' })).toBe(tag);
    expect(tag).toMatch(/^[0-9a-f]{12}$/);
  });

  test.for<[string, string, ContextFile[], Record<string, string>]>([
    ['a byte of a file', 'redis', [files[0]!, file('entry.sh', 'exec "$@" ', true)], { PARENT: 'debian' }],
    ['a file’s mode', 'redis', [files[0]!, file('entry.sh', 'exec "$@"')], { PARENT: 'debian' }],
    ['a file’s name', 'redis', [files[0]!, file('start.sh', 'exec "$@"', true)], { PARENT: 'debian' }],
    ['a further file', 'redis', [...files, file('x', '')], { PARENT: 'debian' }],
    ['its parent', 'redis', files, { PARENT: 'verify/runtime:1' }],
    ['its arguments', 'redis', files, { PARENT: 'debian', VERSION: '1' }],
    ['its name', 'valkey', files, { PARENT: 'debian' }],
  ])('changes with %s', ([, name, sources, buildArguments]) => {
    expect(sourcesTag(name, sources, buildArguments)).not.toBe(tag);
  });

  test('of a child changes with its parent’s sources, through the parent’s tag', async () => {
    const plans = await planImages([{ name: 'weaviate' }]);
    const [busybox, weaviate] = [plans.find((plan) => plan.image.name === 'busybox'), plans.at(-1)];
    expect(busybox?.wanted).toBe(false);
    expect(weaviate?.buildArguments).toMatchObject({ BUSYBOX: busybox?.reference, PARENT: 'debian:trixie-slim' });
  });

  test('tells versions apart where an image can be had in several, and only there', async () => {
    const references = async (name: string, ...versions: string[]) => {
      const plans = await planImages(versions.map((version) => ({ name, version })));
      return new Set(plans.filter((plan) => plan.image.name === name).map((plan) => plan.reference)).size;
    };
    expect(await references('weaviate', '1.19.0', '1.27.0')).toBe(2);
    expect(await references('redis', '6', '6.2', '7', '8')).toBe(3);
    expect(await references('nginx', '1.25', '1.28')).toBe(1);
    const [byDefault] = (await planImages([{ name: 'weaviate' }])).slice(-1);
    const [named] = (await planImages([{ name: 'weaviate', version: '1.19.0' }])).slice(-1);
    expect(named?.reference).toBe(byDefault?.reference);
  });
});

describe('the version that stands in', () => {
  test.for([
    ['weaviate', '1.27.0', '1.27.0'],
    ['weaviate', 'v1.27.3', '1.27.3'],
    ['weaviate', '1.27', '1.27.0'],
    ['weaviate', '1.27.0-amd64', '1.27.0'],
    ['weaviate', 'latest', '1.19.0'],
    ['weaviate', undefined, '1.19.0'],
    ['nginx', '1.28.0', ''],
    ['dify-api', '1.13.3', '1.13.3'],
    ['dify-api', '1.9', '1.9.0'],
    // A fork's own tag is a date, and no release.
    ['dify-api', '2026.11', '1.5.0'],
    ['dify-api', undefined, '1.5.0'],
  ] as const)('%s pinned at %s is built as "%s"', ([name, version, built]) => {
    expect(versionFor(catalogueImage(name), version).requested).toBe(built);
  });

  test.for([
    ['redis', '6', 'bullseye'],
    ['redis', '6.2.7', 'bullseye'],
    ['redis', '7', 'bookworm'],
    ['redis', '8', 'trixie'],
    ['redis', '5', 'bullseye'],
    ['redis', '9', 'trixie'],
    ['redis', undefined, 'trixie'],
    ['postgres', '13', 'bullseye'],
    ['postgres', '14', 'bookworm'],
    ['postgres', '15', 'bookworm'],
    ['postgres', '16', 'trixie'],
    ['postgres', '17.2', 'trixie'],
  ] as const)('%s pinned at %s comes from %s', ([name, version, suite]) => {
    expect(versionFor(catalogueImage(name), version).suite).toBe(suite);
  });

  test('a release of Debian that cannot be had here gives the next major; the newest is always there', () => {
    const without = (...suites: Suite[]) => versionFor(catalogueImage('redis'), '6', new Set(suites)).requested;
    expect([without('bullseye'), without('bullseye', 'bookworm')]).toEqual(['7', '']);
  });

  test('an older major is built from its own release, and its reference says nothing of another', async () => {
    const [six, eight] = await Promise.all(
      ['6', '8'].map(async (version) => (await planImages([{ name: 'redis', version }])).at(-1)),
    );
    expect(six?.buildArguments).toEqual({ PARENT: 'debian:bullseye-slim' });
    expect(eight?.buildArguments).toEqual({ PARENT: 'debian:trixie-slim' });
    expect(six?.reference).not.toBe(eight?.reference);
  });

  test.for([
    ['redis:6-alpine', '6'],
    ['postgres:15.4', '15.4'],
    ['registry.example:5000/library/postgres:15-alpine@sha256:ab', '15'],
    ['registry.example:5000/postgres', undefined],
    ['pgvector/pgvector:pg16', '16'],
    ['pgvector/pgvector:0.8.0-pg15', '15'],
    ['redis:latest', undefined],
    ['redis@sha256:12', undefined],
  ] as const)('%s pins %s', ([image, version]) => {
    expect(pinnedVersion(image)).toBe(version);
  });

  test.for([
    // A tag of the major alone is its newest minor, and Redis changes its exit codes with the minor.
    ['redis:6-alpine', 'Redis 6.0.16', 'redis:6-alpine runs as Redis 6.0.16: Redis 6.2 cannot be had here'],
    ['redis:6.0.16', 'Redis 6.0.16', null],
    ['redis:6-alpine', 'Redis 8.0.2', 'redis:6-alpine runs as Redis 8.0.2: Redis 6.2 cannot be had here'],
    ['redis:8-alpine', 'Redis 8.0.2', null],
    ['postgres:15-alpine', 'PostgreSQL 15.18', null],
    ['postgres:15.4', 'PostgreSQL 15.18', null],
    ['postgres:16', 'PostgreSQL 17.6', 'postgres:16 runs as PostgreSQL 17.6: PostgreSQL 16 cannot be had here'],
    ['mysql:8.0', 'MariaDB 11.8.9', 'mysql:8.0 runs as MariaDB 11.8.9 in place of MySQL 8.0'],
    ['mysql', 'MariaDB 11.8.9', 'mysql runs as MariaDB 11.8.9 in place of MySQL'],
    ['pgvector/pgvector:pg17', 'PostgreSQL 17.6 with pgvector 0.8.0', null],
    [
      'pgvector/pgvector:pg16',
      'PostgreSQL 17.6 with pgvector 0.8.0',
      'pgvector/pgvector:pg16 runs as PostgreSQL 17.6 with pgvector 0.8.0: PostgreSQL 16 cannot be had here',
    ],
    [
      'pgvector/pgvector:pg17',
      'PostgreSQL 17.6',
      'pgvector/pgvector:pg17 runs as PostgreSQL 17.6, without what this image adds to it or does in another way',
    ],
    ['redis:latest', 'Redis 8.0.2', null],
    ['valkey/valkey:8', 'Redis 8.0.2', 'valkey/valkey:8 runs as Redis 8.0.2: another program of the same protocol'],
    [
      'registry.example/dragonfly:v1.25',
      'Redis 8.0.2',
      'registry.example/dragonfly:v1.25 runs as Redis 8.0.2, without what this image adds to it or does in another way',
    ],
    ['langgenius/dify-api:1.13.3', 'stand-in of 1.13.3', null],
    ['registry.example/dify-api:2026.11', 'stand-in of 1.5.0', null],
    [
      'langgenius/dify-api:1.14.0',
      'stand-in of 1.14.0',
      'langgenius/dify-api:1.14.0 runs as stand-in of 1.14.0: it answers as 1.13.3, the newest release whose answers are known here',
    ],
  ] as const)('%s as %s is told as %s', ([image, runs, told]) => {
    const name = ['mysql', 'pgvector', 'postgres', 'dify-api'].find((one) => image.includes(one)) ?? 'redis';
    expect(otherProgram(catalogueImage(name), image, runs)).toBe(told);
  });
});

describe('the catalogue', () => {
  test('names are its own, and parents come before their children', () => {
    const seen = new Set(['base']);
    for (const image of catalogue) {
      expect(seen, `${image.name} stands twice`).not.toContain(image.name);
      for (const parent of Object.values(image.parents)) expect(seen, `parent of ${image.name}`).toContain(parent);
      seen.add(image.name);
    }
  });

  test('a set-up leaves what few stacks have to the run that needs it', () => {
    const left = catalogue.filter((image) => isComplete(image) && !isOfSetup(image)).map(({ name }) => name);
    expect(left).toContain('pgvector');
    expect(left).not.toContain('postgres');
  });

  test('an unknown name is an error that lists the known ones', () => {
    expect(() => catalogueImage('oracle')).toThrow(/no image "oracle" in the catalogue \(.*redis/);
  });

  test.for(catalogue.filter(isComplete))(
    '$name: every argument given is declared, every file copied is there',
    async (image) => {
      const text = await readFile(path.join(imageFolder(image), 'Dockerfile'), 'utf8');
      for (const argument of Object.keys(image.parents)) expect(text).toMatch(new RegExp(`^ARG ${argument}\\b`, 'm'));
      if (image.defaultVersion) expect(text).toMatch(/^ARG VERSION$/m);
      const context = (await contextFiles(image)).map((one) => one.path);
      expect(context).toContain('Dockerfile');
      for (const [, copied] of text.matchAll(/^COPY (?!--from)(.+)$/gm)) {
        const sources = (copied ?? '')
          .split(/\s+/)
          .filter((word) => !word.startsWith('--'))
          .slice(0, -1);
        const missing = sources.filter(
          (source) => !context.some((name) => name === source || name.startsWith(`${source.replace(/\/$/, '')}/`)),
        );
        expect(missing).toEqual([]);
      }
    },
  );

  test('every folder of compose/images is an entry', async () => {
    const folders = await readdir(path.join(projectRoot, 'compose/images'), { withFileTypes: true });
    const withDockerfile = folders.filter((one) => existsSync(path.join(one.parentPath, one.name, 'Dockerfile')));
    const names = catalogue.map((image) => image.name);
    expect(withDockerfile.map((one) => one.name).filter((name) => !names.includes(name))).toEqual([]);
  });

  test('a bundle holds no path of this checkout: the same sources give the same tag everywhere', async () => {
    const files = await contextFiles(catalogueImage('probe'));
    const bundle = Buffer.from(files.find((one) => one.path === 'agent.js')?.content ?? []).toString();
    expect(bundle.length).toBeGreaterThan(1000);
    expect(bundle).not.toContain(projectRoot);
  });
});

describe('older builds of an image', () => {
  const hourMs = 3_600_000;
  const image = (hash: string, ageMs: number, requested = ''): LocalImage => ({
    reference: `verify/redis:${hash}`,
    id: hash,
    version: '',
    requested,
    taggedMs: 100 * hourMs - ageMs,
  });
  const current = image('new', 0);

  test.for([
    ['an old one goes', image('old', 2 * hourMs), true],
    ['a fresh one stays: another checkout may be about to start it', image('beside', hourMs / 2), false],
    ['another version stays', image('v2', 9 * hourMs, '1.27.0'), false],
    ['one of unknown age stays', image('odd', Number.NaN), false],
    ['the current one stays', current, false],
  ] as const)('%s', ([, other, goes]) => {
    expect(superseded([current, other], current, 100 * hourMs)).toEqual(goes ? [other] : []);
  });
});

test('a failed build is told by what its step wrote last', () => {
  const output = [
    '#5 [2/3] RUN make',
    '------',
    ' > [2/3] RUN make:',
    '0.512 cc -c a.c',
    '0.713 a.c:1: error: no such thing',
    '------',
    'Dockerfile:3',
    'ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
  ].join('\n');
  expect(explain(output)).toBe(
    'cc -c a.c · a.c:1: error: no such thing · ERROR: failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
  );
  expect(explain('')).toBe('no output');
});
