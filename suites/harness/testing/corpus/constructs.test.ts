import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { slowness } from '../../../../fixtures/engine/eventually.ts';
import { judgeRow } from '../../../../fixtures/testing/corpus/judge-row.ts';
import { gateTrouble } from '../../../../fixtures/testing/corpus/table.ts';

/** Each construct that was seen in directories of the field, in one of our own: `config` ends in a verdict or in one line. */
const root = mkdtempSync(path.join(os.tmpdir(), 'constructs-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const DB = `
  db:
    image: registry.example:20050/x/postgres:15
    environment: { POSTGRES_PASSWORD: a-password-of-its-own-1 }
    volumes: ['data:/var/lib/postgresql/data']`;
const VOLUMES = '\nvolumes: { data: {} }\n';
const stack = (more = '') => `services:${DB}${more}${VOLUMES}`;

interface Construct {
  files: Record<string, string>;
  links?: Record<string, string>;
  args?: string[];
  /** What the one line says where there is no verdict. */
  refused?: RegExp;
}

const CONSTRUCTS: Record<string, Construct> = {
  'a merge with a list': {
    files: {
      'docker-compose.yaml': `x-a: &a { restart: always }
x-b: &b { init: true }
x-both: &both [*a, *b]
services:
  db: { <<: *both, image: 'postgres:15', environment: { POSTGRES_PASSWORD: a-password-of-its-own-1 } }
`,
    },
  },
  'mounted files that are absent': {
    files: {
      'docker-compose.yaml': stack(`
  nginx:
    image: nginx:1.28
    volumes: ['./nginx/nginx.conf.template:/etc/nginx/nginx.conf.template', './nginx/conf.d:/etc/nginx/conf.d']`),
    },
  },
  'nothing without a profile': {
    files: { 'docker-compose.yaml': 'services:\n  db: { image: "postgres:15", profiles: [all] }\n' },
    refused: /profile|no service/i,
  },
  'env files, one of them above the directory': {
    files: {
      'docker-compose.yaml': stack().replace('postgres:15', 'postgres:${PG_TAG}'),
      '../above.env': 'PG_TAG=14\n',
      'last.env': 'PG_TAG=15\n',
    },
    args: ['--env-file', '../above.env', '--env-file', 'last.env'],
  },
  'CR line ends throughout': {
    files: {
      'docker-compose.yaml': stack().replaceAll('\n', '\r\n'),
      '.env': 'A=1\r\nB="two"\r\n',
    },
  },
  'a bind source that a missing variable empties': {
    files: {
      'docker-compose.yaml': stack(
        `\n  api: { image: 'langgenius/dify-api:1.5.0', volumes: ['\${DATA_PATH}/app:/app/api/storage'] }`,
      ),
    },
  },
  'configuration outside the directory': {
    files: {
      'docker-compose.yaml': stack(
        `\n  nginx: { image: 'nginx:1.28', volumes: ['../files/n.conf:/etc/nginx/nginx.conf'] }`,
      ),
      '../files/n.conf': 'events {}\nhttp { server { listen 80; return 200; } }\n',
    },
  },
  'files that are links': {
    files: {
      'docker-compose.yaml': stack(`\n  nginx: { image: 'nginx:1.28', volumes: ['./n.conf:/etc/nginx/nginx.conf'] }`),
      'real/n.conf': 'events {}\nhttp { server { listen 80; return 200; } }\n',
    },
    links: { 'n.conf': 'real/n.conf' },
  },
  'include, extends, override and reset': {
    files: {
      'docker-compose.yaml': `include: [cache.yaml]\nservices:${DB}\n    ports: ['5432:5432']\n    extends: { file: base.yaml, service: base }${VOLUMES}`,
      'docker-compose.override.yaml':
        "services:\n  db:\n    ports: !reset []\n    volumes: !override ['data:/var/lib/postgresql/data']\n",
      'base.yaml': 'services:\n  base: { restart: always }\n',
      'cache.yaml': 'services:\n  redis: { image: "redis:6-alpine" }\n',
    },
  },
  'a file within the compose file, and an env file that may be absent': {
    files: {
      'docker-compose.yaml': `${stack(`
  nginx:
    image: nginx:1.28
    env_file: [{ path: ./absent.env, required: false }]
    configs: [{ source: conf, target: /etc/nginx/nginx.conf }]`)}configs:\n  conf:\n    content: "events {}"\n`,
    },
  },
  'a service that is built, its context absent': {
    files: {
      'docker-compose.yaml': stack(
        `\n  api: { image: 'own/api:local', build: ../no-such-context, environment: { MODE: api } }`,
      ),
    },
  },
};

test.for(Object.entries(CONSTRUCTS))('%s', { timeout: 60_000 * slowness }, async ([name, given], { signal }) => {
  const dir = path.join(root, name.replaceAll(' ', '-'), 'stack');
  for (const [file, text] of Object.entries(given.files)) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  for (const [link, to] of Object.entries(given.links ?? {})) symlinkSync(to, path.join(dir, link));
  const row = { id: 'own', dir, args: given.args ?? [] };
  const result = await judgeRow(row, { suites: ['config'], folder: path.join(path.dirname(dir), 'corpus'), signal });
  expect(gateTrouble(result)).toBeNull();
  if (given.refused) expect(result.said).toMatch(given.refused);
  else expect({ judged: (result.checks?.length ?? 0) > 0, said: result.said }).toMatchObject({ judged: true });
});
