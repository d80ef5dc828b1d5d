import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { planImages, requestedVersion } from '../../fixtures/images/build.ts';
import { catalogue, catalogueImage, imageFolder, isComplete, projectRoot } from '../../fixtures/images/catalogue.ts';
import type { LocalImage } from '../../fixtures/images/inspect.ts';
import { explain } from '../../fixtures/images/make.ts';
import { superseded } from '../../fixtures/images/prune.ts';
import { contextFiles, sourcesTag, type ContextFile } from '../../fixtures/images/sources.ts';

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
    expect(await references('redis', '6', '7')).toBe(1);
    const [byDefault] = (await planImages([{ name: 'weaviate' }])).slice(-1);
    const [named] = (await planImages([{ name: 'weaviate', version: '1.19.0' }])).slice(-1);
    expect(named?.reference).toBe(byDefault?.reference);
  });
});

test.for([
  ['weaviate', '1.27.0', '1.27.0'],
  ['weaviate', 'v1.27.3', '1.27.3'],
  ['weaviate', '1.27', '1.27.0'],
  ['weaviate', '1.27.0-amd64', '1.27.0'],
  ['weaviate', 'latest', '1.19.0'],
  ['weaviate', undefined, '1.19.0'],
  ['redis', '6-alpine', ''],
] as const)('%s pinned at %s is built as "%s"', ([name, version, built]) => {
  expect(requestedVersion({ name, ...(version ? { version } : {}) })).toBe(built);
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

  test('an unknown name is an error that lists the known ones', () => {
    expect(() => catalogueImage('mysql')).toThrow(/no image "mysql" in the catalogue \(.*redis/);
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
