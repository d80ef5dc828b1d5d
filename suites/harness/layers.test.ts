import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';

/** From the top; nothing imports from a layer above its own. The editor's door is an entry point, like scripts/. */
const LAYERS = [
  'scripts',
  'testing',
  'cli',
  'mutation',
  'run',
  'checks',
  'data',
  'stack',
  'setup',
  'model',
  'engine',
  'texts',
  'errors.ts',
];
/** What stands in for real services, and talks to nobody but its own shared parts. */
const STAND_INS = 'compose';

const layerOf = (file: string): string => {
  const [top = '', next = ''] = file.split(path.sep);
  return top === 'fixtures' ? next : top;
};

/** `file → file it imports` over all imports of a module of ours, types too. */
function importsOf(file: string): string[] {
  const specifiers = readFileSync(file, 'utf8').matchAll(/(?:from |import\()'(\.[^']+)'/g);
  return Array.from(specifiers, ([, specifier = '']) => path.normalize(path.join(path.dirname(file), specifier)));
}

const files = ['scripts', 'fixtures']
  .flatMap((top) => readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => path.join(top, name)))
  .filter((name) => name.endsWith('.ts'));

test('every file has its layer', () => {
  expect(files.length).toBeGreaterThan(200);
  expect([...new Set(files.map(layerOf))].toSorted()).toEqual(LAYERS.toSorted());
});

test('nothing imports upwards', () => {
  const upwards = files.flatMap((file) =>
    importsOf(file)
      .filter((other) => layerOf(other) !== STAND_INS || layerOf(file) !== 'testing')
      .filter((other) => LAYERS.indexOf(layerOf(file)) > LAYERS.indexOf(layerOf(other)))
      .map((other) => `${file} → ${other}`),
  );
  expect(upwards).toEqual([]);
});
