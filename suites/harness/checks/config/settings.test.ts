import { describe, expect, test } from 'vitest';
import { env, expectRed, judgedAfter, replace, without, type Case } from './cases.ts';
import { service } from './stack.ts';

const SCRIPT = 'nginx/docker-entrypoint.sh';

describe('health checks, restart, releases, addresses', () => {
  test.for<Case>([
    ['none, F042', without('web', 'healthcheck'), ['config/health/web/present']],
    [
      'switched off',
      (stack) => {
        service(stack, 'web').healthcheck = { disable: true };
      },
      ['config/health/web/present'],
      /switched off/,
    ],
    [
      'endless',
      (stack) => {
        service(stack, 'web').healthcheck = { test: ['CMD', 'true'], interval: '1m', timeout: '5s', retries: 100 };
      },
      ['config/health/ends'],
      /web may take 108 minutes/,
    ],
    [
      'limits of the engine',
      (stack) => {
        service(stack, 'web').healthcheck = { test: ['CMD', 'true'] };
      },
      ['config/health/limits'],
    ],
    [
      'F037',
      (stack) => {
        service(stack, 'redis').healthcheck = { test: ['CMD', 'redis-cli', 'ping'], interval: '5s', timeout: '3s' };
      },
      ['config/health/redis/truthful'],
    ],
    [
      'F038',
      (stack) => {
        service(stack, 'db').healthcheck = {
          test: ['CMD', 'pg_isready', '-U', 'postgres'],
          interval: '5s',
          timeout: '3s',
        };
      },
      ['config/health/db/truthful'],
    ],
    [
      'mysqladmin ping',
      (stack) => {
        const test = ['CMD', 'mysqladmin', 'ping', '-u', 'root', '-psecret'];
        service(stack, 'db').healthcheck = { test, interval: '5s', timeout: '3s' };
      },
      ['config/health/db/truthful'],
      /mysqladmin ends with 0 where its login is refused/,
    ],
    [
      'F041',
      (stack) => {
        service(stack, 'plugin_daemon').depends_on = { db: { condition: 'service_started' } };
      },
      ['config/health/plugin_daemon/waits-for-database'],
    ],
    [
      'the cache is only advice',
      (stack) => {
        service(stack, 'api').depends_on = {
          db: { condition: 'service_healthy' },
          redis: { condition: 'service_started' },
        };
      },
      ['config/health/api/waits'],
    ],
    ['F059', without('nginx', 'restart'), ['config/setting/restart'], /nginx stays down/],
    [
      'F128',
      (stack) => {
        service(stack, 'worker').image = 'langgenius/dify-api:1.4.0';
      },
      ['config/setting/release/application', 'config/setting/release/web'],
      /worker is 1\.4\.0/,
    ],
    [
      'no release at all',
      (stack) => {
        service(stack, 'redis').image = 'registry.example:5000/redis';
      },
      ['config/setting/pinned'],
      /redis is registry\.example:5000\/redis/,
    ],
    ...['stable', 'edge', 'nightly', 'lts', 'alpine', 'stable-alpine3.20', 'main-bookworm'].map((tag): Case => [
      `the tag ${tag}`,
      (stack) => {
        service(stack, 'redis').image = `redis:${tag}`;
      },
      ['config/setting/pinned'],
    ]),
    ...['6-alpine', '7.2.4-bookworm', 'nightly-20260101', 'main-0f3c2a1', '0.2.12'].map((tag): Case => [
      `the tag ${tag} is a release`,
      (stack) => {
        service(stack, 'redis').image = `redis:${tag}`;
      },
      [],
    ]),
    [
      'a digest is a release',
      (stack) => {
        service(stack, 'redis').image = `redis@sha256:${'0'.repeat(64)}`;
      },
      [],
    ],
    ['F028', env('api', 'FILES_URL', '10.12.12.31:8000'), ['config/setting/urls/scheme']],
    [
      'F026',
      (stack) => {
        service(stack, 'nginx').ports = [{ target: 80, published: '8080' }];
      },
      ['config/setting/urls/port'],
      /expected port 8080; not named by CONSOLE_WEB_URL/,
    ],
    [
      'F062',
      (stack) => {
        stack.warnings = ['The "NOBODY" variable is not set. Defaulting to a blank string.'];
      },
      ['config/setting/compose/warnings'],
    ],
    [
      'a $ in a value',
      (stack) => {
        stack.warnings = ['The "rest" variable is not set. Defaulting to a blank string.'];
        stack.files['.env'] = 'COMPOSE_A=1\nCOMPOSE_B_PASSWORD=abc$rest\n';
      },
      ['config/setting/compose/values', 'config/setting/compose/warnings'],
      /COMPOSE_B_PASSWORD/,
    ],
    ['data outside the volume, F114', env('db', 'PGDATA', '/data'), ['config/mount/db/kept']],
    [
      "mount above the image's own volume",
      (stack) => {
        service(stack, 'db').volumes = [{ type: 'volume', source: 'db_data', target: '/var/lib/postgresql' }];
      },
      ['config/mount/db/kept'],
    ],
    ['no volume', without('weaviate', 'volumes'), ['config/mount/weaviate/kept'], /none is mounted/],
  ])('%s', (row) => expectRed(row));

  test('a worker whose check is switched off on purpose is told, not held against it', () => {
    const all = judgedAfter((stack) => {
      service(stack, 'worker').healthcheck = { disable: true };
    });
    expect(all.get('config/health/worker/present')).toMatchObject({
      obligation: { level: 'advice' },
      verdict: { status: 'fail' },
    });
  });
});

describe('mounts', () => {
  test.for<Case>([
    [
      'missing template, F050',
      (stack) => {
        delete stack.files['nginx/https.conf.template'];
      },
      ['config/mount/nginx/there'],
      /nginx\/https\.conf\.template does not exist/,
    ],
    [
      'the empty folder that the engine left',
      (stack) => {
        delete stack.files['nginx/https.conf.template'];
        stack.files['nginx/https.conf.template/.keep'] = '';
      },
      ['config/mount/nginx/there'],
      /is a folder/,
    ],
    [
      'sandbox without its file, F056',
      (stack) => {
        delete stack.files['volumes/sandbox/conf/config.yaml'];
        stack.files['volumes/sandbox/conf/other'] = '';
      },
      ['config/mount/sandbox/there'],
      /config\.yaml does not exist/,
    ],
    [
      'Windows line ends, F048',
      replace(SCRIPT, '\n', '\r\n'),
      ['config/mount/nginx/script'],
      /docker-entrypoint\.sh have Windows/,
      /docker-entrypoint\.sh:1 /,
    ],
    [
      'Windows line ends that the entry point strips',
      (stack) => {
        replace(SCRIPT, '\n', '\r\n')(stack);
        service(stack, 'nginx').entrypoint = [
          'sh',
          '-c',
          String.raw`sed -i 's/\r$//' /docker-entrypoint.sh && sh /docker-entrypoint.sh`,
        ];
      },
      [],
    ],
  ])('%s', (row) => expectRed(row));
});
