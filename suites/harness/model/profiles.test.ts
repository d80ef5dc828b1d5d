import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkProfiles, chosenProfiles } from '../../../fixtures/model/profiles.ts';
import { readStack } from '../../../fixtures/model/read.ts';

describe('which profiles are chosen', () => {
  test.for([
    [['a'], 'COMPOSE_PROFILES=b', ['a'], false],
    [[], 'COMPOSE_PROFILES=b, c', ['b', 'c'], false],
    [[], 'X=1', [], false],
    [[], 'COMPOSE_PROFILES=', [], false],
    [[], 'COMPOSE_PROFILES=${VECTOR_STORE:-weaviate},${DB_TYPE:-postgresql}', ['weaviate', 'postgresql'], true],
    [[], 'VECTOR_STORE=tencent\nCOMPOSE_PROFILES=${VECTOR_STORE:-weaviate}', ['tencent'], true],
    [[], 'VECTOR_STORE=\nCOMPOSE_PROFILES=$VECTOR_STORE', [], true],
    [[], 'VECTOR_STORE=\nCOMPOSE_PROFILES="${VECTOR_STORE-weaviate}" # store', [], true],
  ] as const)('flags %j, env file %j: %j', ([flags, text, names, derived]) => {
    expect(chosenProfiles(flags, text)).toMatchObject({ names, derived });
  });
});

describe('a profile that no service has', () => {
  const known = ['qdrant', 'weaviate'];

  test('is refused, and the known ones are named', () => {
    expect(() => checkProfiles({ names: ['weavite'], by: '--profile', derived: false }, known)).toThrow(
      '--profile names weavite, which no service has (known are qdrant, weaviate)',
    );
    expect(() => checkProfiles({ names: ['x'], by: 'COMPOSE_PROFILES', derived: false }, [])).toThrow(
      /has no profiles/,
    );
  });

  test('is told when another variable brought it: a store that runs elsewhere', () => {
    expect(checkProfiles({ names: ['tencent'], by: 'COMPOSE_PROFILES', derived: true }, known)).toEqual([
      expect.stringContaining('COMPOSE_PROFILES names tencent'),
    ]);
  });

  test('known ones, and "*" for all, are neither', () => {
    expect(checkProfiles({ names: ['qdrant', '*'], by: '--profile', derived: false }, known)).toEqual([]);
  });
});

describe('as compose reads a directory', () => {
  let dir: string;
  let runs = 0;

  beforeAll(() => {
    dir = mkdtempSync(path.join(os.tmpdir(), 'profiles-'));
    writeFileSync(
      path.join(dir, 'docker-compose.yaml'),
      'services:\n  a:\n    image: x\n  b:\n    image: y\n    profiles: [extra]\n',
    );
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const read = async (profiles: string[], environment = '') => {
    writeFileSync(path.join(dir, '.env'), environment);
    return readStack({ dir, profiles }, path.join(dir, `run-${runs++}`));
  };

  test('the chosen one brings its service', async () => {
    expect(Object.keys((await read(['extra'])).services).toSorted()).toEqual(['a', 'b']);
    expect(Object.keys((await read([], 'COMPOSE_PROFILES=extra')).services).toSorted()).toEqual(['a', 'b']);
  });

  test.for([
    [['extar'], ''],
    [[], 'COMPOSE_PROFILES=extar'],
  ] as const)('an unknown one is bad usage: %j %s', async ([profiles, environment]) => {
    await expect(read([...profiles], environment)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(/names extar, which no service has \(known are extra\)/),
    });
  });
});
