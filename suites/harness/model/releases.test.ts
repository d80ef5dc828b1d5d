import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { releasesOf } from '../../../fixtures/model/releases/from-git.ts';
import {
  compareVersions,
  parseTable,
  releaseOf,
  releases,
  tableText,
} from '../../../fixtures/model/releases/releases.ts';
import { TABLE } from '../../../fixtures/model/releases/table.ts';

describe('the table of releases', () => {
  test('each row has its source, a commit, queues and a pool', () => {
    expect(releases().length).toBeGreaterThan(90);
    for (const { release, source, commit, poolSize, queues } of releases()) {
      expect([release, source, commit]).toEqual([
        expect.stringMatching(/^\d+\.\d+\.\d+/),
        expect.stringMatching(/^[\w.-]+\/[\w.-]+$/),
        expect.stringMatching(/^[0-9a-f]{40}$/),
      ]);
      expect([release, poolSize > 0, queues.includes('dataset')]).toEqual([release, true, true]);
    }
    expect(new Set(releases().map(({ release }) => release)).size).toBe(releases().length);
  });

  test('is what the command writes of it', () => expect(`\n${tableText(parseTable(TABLE))}\n`).toBe(TABLE));

  test.for([
    ['1.5.0', '0.1.2', '1.19.0', '3.24.0'],
    ['1.9.2', '0.3.3', '1.27.0', '4.17.0'],
    ['1.16.1', '0.6.3', '1.27.0', '4.20.5'],
  ] as const)(
    '%s came with daemon %s, Weaviate %s and its client %s',
    ([tag, pluginDaemon, weaviate, weaviateClient]) =>
      expect(releaseOf(tag)).toMatchObject({ pluginDaemon, weaviate, weaviateClient }),
  );

  test.for([null, '1.5', 'latest', '1.5.0-own', '99.0.0'])('%s is none of it', (tag) =>
    expect(releaseOf(tag)).toBeNull(),
  );

  test('a line that is no row is told', () => expect(() => parseTable('1.0.0 | a/b')).toThrow(/expected 10 columns/));

  test.for([
    ['1.9.2', '1.10.0', -1],
    ['v1.27.0', '1.27', 0],
    ['1.10.1', '1.10.1-fix.1', -1],
    ['4.20.5', '4.17.0', 1],
  ] as const)('%s against %s: %i', ([a, b, sign]) => {
    // Equal numbers are ordered by their text; what they mean is the same.
    const seen = Math.sign(compareVersions(a, b));
    if (sign !== 0) expect(seen).toBe(sign);
    else expect(compareVersions(a.replace('v', ''), a.replace('v', ''))).toBe(0);
  });
});

describe('rows from a git directory', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'releases-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
      encoding: 'utf8',
    }).trim();
  const commit = (files: Record<string, string>): string => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
      writeFileSync(path.join(dir, name), text);
    }
    git('add', '-A');
    git('commit', '-q', '-m', 'x');
    return git('rev-parse', 'HEAD');
  };
  git('init', '-q', '.');
  const first = commit({
    'docker/docker-compose.yaml': 'services:\n  api:\n    image: langgenius/dify-api:1.0.0\n',
    'api/docker/entrypoint.sh': 'exec celery -Q ${CELERY_QUEUES:-dataset,mail}\n',
    'api/requirements.txt': 'weaviate-client~=3.21.0\n',
    'api/configs/middleware/__init__.py':
      '    SQLALCHEMY_POOL_SIZE: NonNegativeInt = Field(\n        description="x",\n        default=7,\n    )\n',
  });
  git('tag', '1.0.0');
  git('tag', '1.0.0-rc1');
  const second = commit({
    'docker/docker-compose.yaml':
      'services:\n  api:\n    image: langgenius/dify-api:1.1.0\n  d:\n    image: langgenius/dify-plugin-daemon:0.2.0-local\n  w:\n    image: semitechnologies/weaviate:1.27.0\n',
    'api/docker/entrypoint.sh':
      'if [[ -z "${CELERY_QUEUES}" ]]; then\n  if cloud; then\n    DEFAULT_QUEUES="a,cloud"\n  else\n    DEFAULT_QUEUES="a,workflow"\n  fi\nfi\n-Q ${DEFAULT_QUEUES}\n',
    'api/requirements.txt': 'weaviate-client==4.17.0\n',
  });

  test('tags of releases and commits that are named', () =>
    expect(releasesOf({ source: 'o/n', directory: dir, commits: [second] })).toEqual([
      {
        release: '1.0.0',
        source: 'o/n',
        commit: first,
        pluginDaemon: null,
        weaviate: null,
        weaviateClient: '3.21.0',
        poolSize: 7,
        maxOverflow: 10,
        variables: ['CELERY_QUEUES'],
        queues: ['dataset', 'mail'],
      },
      {
        release: '1.1.0',
        source: 'o/n',
        commit: second,
        pluginDaemon: '0.2.0',
        weaviate: '1.27.0',
        weaviateClient: '4.17.0',
        poolSize: 7,
        maxOverflow: 10,
        variables: ['CELERY_QUEUES'],
        queues: ['a', 'workflow'],
      },
    ]));

  test('what is no git directory, and what is no commit, is told', () => {
    expect(() => releasesOf({ source: 'o/n', directory: path.join(dir, 'api'), commits: ['0000000'] })).toThrow(/git/);
    expect(() => releasesOf({ source: 'o/n', directory: '/nowhere', commits: [] })).toThrow(/\/nowhere: git tag/);
  });
});
