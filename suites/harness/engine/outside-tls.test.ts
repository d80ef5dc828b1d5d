import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { fillSecrets } from '../../../fixtures/model/environment-file.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';

/** What managed stores are asked for with, each as its own program's variables have it. Needs an engine. */
const STORES: Record<string, string> = {
  DB_HOST: 'db.prod.example',
  DB_PORT: '6432',
  REDIS_HOST: '198.51.100.7',
  REDIS_PORT: '6380',
  WEAVIATE_ENDPOINT: 'https://vectors.prod.example',
};
const REDIS = { REDIS_USE_SSL: 'true' };
const APPLICATION = {
  ...REDIS,
  DB_EXTRAS: 'sslmode=verify-full&sslrootcert=/certs/authorities.pem',
  CELERY_BROKER_URL: 'rediss://:${REDIS_PASSWORD}@${REDIS_HOST}:${REDIS_PORT}/1',
};
const CERTS = ['./certs:/certs:ro'];
const RUN_LIMIT_MS = 600_000;

/** The reference stack with its stores outside, asked for by TLS; the operators' own file of authorities is mounted. */
function directory(): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), `outside-tls-${randomBytes(3).toString('hex')}-`));
  const source = path.join(projectRoot, 'compose');
  cpSync(source, dir, {
    recursive: true,
    filter: (entry) => !['images', '.env'].includes(path.relative(source, entry)),
  });
  const example = readFileSync(path.join(dir, '.env.example'), 'utf8').split('\n');
  const given = example.map((line) => {
    const variable = /^(\w+)=/.exec(line)?.[1] ?? '';
    return STORES[variable] === undefined ? line : `${variable}=${STORES[variable]}`;
  });
  writeFileSync(path.join(dir, '.env'), fillSecrets(given.join('\n'), new Set(['WEAVIATE_API_KEY'])).text, {
    mode: 0o600,
  });
  mkdirSync(path.join(dir, 'certs'));
  writeFileSync(path.join(dir, 'certs/authorities.pem'), 'of a provider\n');
  const services = {
    api: { environment: APPLICATION, volumes: CERTS },
    worker: { environment: APPLICATION, volumes: CERTS },
    plugin_daemon: { environment: { ...REDIS, DB_SSL_MODE: 'require' } },
  };
  writeFileSync(path.join(dir, 'docker-compose.override.yaml'), JSON.stringify({ services }, null, 1));
  return dir;
}

test(
  'stores outside that are asked for by TLS are green where the same without TLS is',
  { timeout: RUN_LIMIT_MS },
  async () => {
    const dir = directory();
    const report = mkdtempSync(path.join(os.tmpdir(), 'outside-tls-report-'));
    onTestFinished(() => {
      for (const folder of [dir, report]) rmSync(folder, { recursive: true, force: true });
    });
    const started = startVerify(['--stack', dir, '--report', report, '--only', 'dns,datapath']);
    const code = await started.ended;
    const { stdout, stderr } = started.output();
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(stdout + stderr).toContain('by TLS with a certificate made for this run');
    const { checks } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as {
      checks: { id: string; status: string }[];
    };
    const hops = checks.filter(({ id }) => /^datapath\/hop\/\w+-(database|cache|broker|vector-store)/.test(id));
    expect(hops.length).toBeGreaterThan(5);
    expect(hops.filter(({ status }) => status !== 'pass')).toEqual([]);
  },
);
