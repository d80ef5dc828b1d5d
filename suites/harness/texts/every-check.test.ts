import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { deriveContract } from '../../../fixtures/checks/contract.ts';
import { staysCheck } from '../../../fixtures/checks/health/stays-verdict.ts';
import type { Obligation } from '../../../fixtures/checks/verdict.ts';
import type { StackModel } from '../../../fixtures/model/model.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { BOOT_CHECK } from '../../../fixtures/run/reported-check.ts';
import { notRun } from '../../../fixtures/run/not-run.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { CLASS_PATTERNS, classOfCheck } from '../../../fixtures/texts/classes.ts';
import { checkTitle } from '../../../fixtures/texts/checks.ts';
import { sampleModel } from '../checks/isolation/samples.ts';

/** What `nginx -T` of a stack prints, with a location of every kind. */
const DUMP = `# configuration file /etc/nginx/conf.d/default.conf:
server {
  listen 80;
  location = /health { proxy_pass http://api:5001; }
  location /console/api { proxy_pass http://api:5001; }
  location /api { proxy_pass http://api:5001; }
  location /v1 { proxy_pass http://api:5001; }
  location /files { proxy_pass http://api:5001; }
  location /e/ { proxy_pass http://plugin_daemon:5002; }
  location /socket.io/ {
    proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";
    proxy_pass http://api:5001;
  }
  location / { proxy_pass http://web:3000; }
}
server {
  listen 443 ssl http2;
  ssl_certificate /etc/nginx/ssl/dify.crt; ssl_certificate_key /etc/nginx/ssl/dify.key;
  location /files { proxy_pass http://api:5001; }
  location /e/ { proxy_pass http://plugin_daemon:5002; }
  location /socket.io/ { proxy_pass http://api:5001; }
}
`;

const run = mkdtempSync(path.join(os.tmpdir(), 'texts-'));
afterAll(() => rmSync(run, { recursive: true, force: true }));

const caddyfile = path.join(run, 'Caddyfile');
writeFileSync(caddyfile, ':80 {\n}\n');

/** Every obligation anywhere in a contract. */
function obligationsIn(value: unknown): Obligation[] {
  if (value === null || typeof value !== 'object') return [];
  const { id, title, level } = value as Partial<Obligation>;
  const own = typeof id === 'string' && typeof title === 'string' && level !== undefined;
  return [...(own ? [value as Obligation] : []), ...Object.values(value).flatMap(obligationsIn)];
}

const of = (model: StackModel, nginx: Record<string, string> = { nginx: DUMP }): Obligation[] =>
  obligationsIn(deriveContract(model, { rendered: { nginx } }));

/** The reference stack; one of another shape for what it does not have; one on MySQL; a stack in which nothing is found; one without a gateway; one behind Caddy. */
const checks = [
  ...of(await readStack({ dir: 'compose' }, run)),
  ...of(
    sampleModel((raw) => {
      for (const service of Object.values(raw.services)) delete service.healthcheck;
      Object.assign(raw.services['db'] ?? {}, { image: 'mysql:8' });
      Object.assign(raw.services['api']?.environment ?? {}, {
        INIT_PASSWORD: 'x',
        UPLOAD_FILE_SIZE_LIMIT: '15',
        INTERNAL_FILES_URL: '',
        HTTP_PROXY: 'http://proxy:3128',
        AGENT_BACKEND_BASE_URL: 'http://agent_backend:5050',
        UPLOAD_VIDEO_FILE_SIZE_LIMIT: '10',
        REDIS_USE_SENTINEL: 'true',
      });
      Object.assign(raw.services['ssrf_proxy']?.environment ?? {}, { SSRF_PROXY_DEV_MODE: 'false' });
      Object.assign(raw.services['nginx'] ?? {}, {
        environment: { NGINX_HTTPS_ENABLED: 'true', NGINX_ENABLE_CERTBOT_CHALLENGE: 'true' },
      });
      Object.assign(raw.services['api'] ?? {}, {
        volumes: [{ type: 'bind', source: '/storage', target: '/app/api/storage' }],
      });
      raw.services['agent_backend'] = {
        image: 'langgenius/dify-agent-backend:1.16.1',
        environment: {
          DIFY_AGENT_SERVER_SECRET_KEY: 'x',
          DIFY_AGENT_SHELLCTL_ENTRYPOINT: 'http://local_sandbox:5004',
        },
      };
      raw.services['local_sandbox'] = { image: 'langgenius/dify-agent-local-sandbox:1.16.1' };
      raw.services['certbot'] = { image: 'certbot/certbot:v4.1.1' };
      raw.services['init'] = {
        image: 'busybox',
        command: ['true'],
        restart: 'no',
      };
    }),
  ),
  ...of(
    sampleModel((raw) => {
      Object.assign(raw.services['db'] ?? {}, { image: 'mysql:8' });
      Object.assign(raw.services['api']?.environment ?? {}, { DB_TYPE: 'mysql', DB_PORT: '3306' });
    }),
  ),
  ...of(modelOf({ other: { image: 'busybox' } }), {}),
  ...of(modelOf({ api: { image: 'langgenius/dify-api:1.5.0' } }), {}),
  ...of(
    modelOf({
      api: { image: 'langgenius/dify-api:1.5.0' },
      caddy: { image: 'caddy:2', volumes: [{ type: 'bind', source: caddyfile, target: '/etc/caddy/Caddyfile' }] },
    }),
    {},
  ),
  ...notRun(['dns'], 'nothing came up'),
];
const ids = [
  ...new Set([
    ...checks.map(({ id }) => id),
    BOOT_CHECK,
    staysCheck('api'),
    'dns/nothing-to-check',
    'dns/harness/load',
  ]),
];

describe('every check has its page, and every page a check', () => {
  test('the checks that are derived are many', () => expect(ids.length).toBeGreaterThan(500));

  test('no check is without a class', () => expect(ids.filter((id) => classOfCheck(id) === null)).toEqual([]));

  test('no check of a suite falls to the class of any suite', () => {
    const own = ids.filter((id) => !/\/(not-run|nothing-to-check)$|\/harness\//.test(id));
    expect(own.filter((id) => classOfCheck(id)?.pattern.startsWith('{suite}'))).toEqual([]);
  });

  test('no class is without a check', () => {
    const met = new Set(ids.map((id) => classOfCheck(id)?.pattern));
    expect(CLASS_PATTERNS.filter((pattern) => !met.has(pattern))).toEqual([]);
  });

  test('every check has a title in Chinese, with the names of its own id', () => {
    const wrong = checks.filter((check) => {
      const title = checkTitle(check, 'zh');
      return !/[\u4e00-\u9fff]/.test(title) || /[{}<>]/.test(title);
    });
    expect(wrong.map(({ id }) => id)).toEqual([]);
    expect(checkTitle({ id: 'dns/api/resolves/db', title: '' }, 'zh')).toBe('api 把 db 恰好解析到它自己的地址');
  });

  test('a check whose title its id does not tell has one of its own', () => {
    const listed = checks.filter(({ id }) =>
      /^(datapath\/(?!hop|precondition)|guide\/outside|backup\/(use|refuses|killed))/.test(id),
    );
    const own = (title: string) => listed.filter((check) => checkTitle(check, 'zh') === title).map(({ id }) => id);
    const shared = listed.filter((check) => new Set(own(checkTitle(check, 'zh'))).size > 1);
    expect(listed.length).toBeGreaterThan(40);
    expect(shared.map(({ id }) => id)).toEqual([]);
  });
});
