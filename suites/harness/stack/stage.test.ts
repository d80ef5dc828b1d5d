import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { paced } from '../../../fixtures/model/health-schedule.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { demandedVariables, environmentFileFor, fillSecrets } from '../../../fixtures/model/environment-file.ts';
import { stageStack } from '../../../fixtures/stack/stage.ts';
import { freshFolders, removeFolders } from './stage-case.ts';

let dir: string;
let runDir: string;

beforeEach(() => {
  ({ dir, runDir } = freshFolders());
});

afterEach(removeFolders);

interface Staged {
  services: Record<string, Record<string, unknown> & { volumes?: { type: string; source: string; target: string }[] }>;
  networks: Record<string, Record<string, unknown>>;
  volumes?: Record<string, Record<string, unknown>>;
}

function stage(
  services: Record<string, unknown>,
  more: Record<string, unknown> = {},
): { staged: Staged; notes: string[] } {
  const model = modelOf(services, { dir, ...more });
  const { notes } = stageStack(model, {
    runDir,
    project: 'verify-00000000',
    labels: { 'verify.run': 'verify-00000000' },
    roles: rolesOf(model),
    images: { db: 'verify/postgres:x' },
    replicas: { api: 3 },
    paced: paced(model, 2),
  });
  return { staged: JSON.parse(readFileSync(path.join(runDir, 'compose.json'), 'utf8')) as Staged, notes };
}

const bind = (source: string, target: string) => ({ type: 'bind', source: path.join(dir, source), target });

describe('the hermetic copy', () => {
  test('a health check is asked more often until it is green for the first time, and then as declared', () => {
    const test = ['CMD', 'redis-cli', 'ping'];
    const { staged } = stage({
      redis: { image: 'redis:6', healthcheck: { test, interval: '30s', timeout: '10s' } },
      db: { image: 'postgres:15', healthcheck: { test, interval: '1s' } },
      web: { image: 'langgenius/dify-web:1.5.0', healthcheck: { disable: true } },
    });
    expect(staged.services['redis']?.['healthcheck']).toEqual({
      test,
      interval: '30s',
      timeout: '10s',
      start_period: '120000ms',
      start_interval: '1000ms',
    });
    expect(staged.services['db']?.['healthcheck']).toEqual({ test, interval: '1s' });
    expect(staged.services['web']?.['healthcheck']).toEqual({ disable: true });
  });

  test('state is neither read nor mounted: a private volume takes its place, shared where the folder was shared', () => {
    mkdirSync(path.join(dir, 'volumes/db/data'), { recursive: true });
    mkdirSync(path.join(dir, 'volumes/app/storage'), { recursive: true });
    writeFileSync(path.join(dir, 'volumes/db/data/PG_VERSION'), '15');
    const { staged } = stage({
      db: { image: 'postgres:15', volumes: [bind('volumes/db/data', '/var/lib/postgresql/data')] },
      api: { image: 'langgenius/dify-api:1.5.0', volumes: [bind('volumes/app/storage', '/app/api/storage')] },
      worker: {
        image: 'langgenius/dify-api:1.5.0',
        environment: { MODE: 'worker' },
        volumes: [bind('volumes/app/storage', '/app/api/storage')],
      },
    });
    const mounts = Object.values(staged.services).flatMap((service) => service.volumes ?? []);
    expect(mounts.map((mount) => mount.type)).toEqual(['volume', 'volume', 'volume']);
    expect(mounts[1]?.source).toBe(mounts[2]?.source);
    expect(mounts[0]?.source).not.toBe(mounts[1]?.source);
    expect(Object.keys(staged.volumes ?? {})).toHaveLength(2);
    expect(JSON.stringify(staged)).not.toContain(path.join(dir, 'volumes'));
  });

  test('configuration is mounted from a copy, so that a container cannot write into the stack directory', () => {
    mkdirSync(path.join(dir, 'conf'));
    writeFileSync(path.join(dir, 'conf/config.yaml'), 'key: value\n');
    const { staged } = stage({
      sandbox: { image: 'langgenius/dify-sandbox:0.2.12', volumes: [bind('conf', '/conf')] },
    });
    const source = staged.services['sandbox']?.volumes?.[0]?.source ?? '';
    expect(source.startsWith(runDir)).toBe(true);
    expect(readFileSync(path.join(source, 'config.yaml'), 'utf8')).toBe('key: value\n');
  });

  test('a mounted file that is missing becomes an empty folder, as compose makes one, and is told', () => {
    const { staged, notes } = stage({
      nginx: { image: 'nginx', volumes: [bind('nginx.conf', '/etc/nginx/nginx.conf')] },
    });
    expect(existsSync(path.join(dir, 'nginx.conf'))).toBe(false);
    expect(existsSync(staged.services['nginx']?.volumes?.[0]?.source ?? '')).toBe(true);
    expect(notes.join('\n')).toMatch(/nginx\.conf does not exist/);
  });

  test('nothing ties the copy to its host or to another stack', () => {
    const { staged, notes } = stage(
      {
        db: {
          image: 'postgres:15',
          container_name: 'postgres-live',
          profiles: ['postgresql'],
          platform: 'linux/arm64',
          ports: [{ target: 5432, published: '5432' }],
          networks: { default: { ipv4_address: '10.1.2.3', aliases: ['database'] } },
          volumes: [{ type: 'volume', source: 'data', target: '/var/lib/postgresql/data' }],
        },
        extra: {
          image: 'example/extra:1',
          volumes: [{ type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' }],
        },
        api: { image: 'langgenius/dify-api:1.5.0', deploy: { resources: { limits: { memory: '1g' } } } },
      },
      {
        volumes: { data: { external: true, name: 'live_data' } },
        networks: { default: { name: 'live', external: true } },
      },
    );
    const db = staged.services['db'];
    expect(db).toMatchObject({ image: 'verify/postgres:x', labels: { 'verify.run': 'verify-00000000' } });
    for (const key of ['container_name', 'platform', 'build', 'profiles']) expect(db).not.toHaveProperty(key);
    expect(db?.['ports']).toEqual([{ target: 5432, protocol: 'tcp', host_ip: '127.0.0.1', mode: 'host' }]);
    expect(db?.['networks']).toEqual({ default: { aliases: ['database', 'postgres-live'] } });
    expect(staged.volumes?.['data']).toEqual({ labels: { 'verify.run': 'verify-00000000' } });
    expect(staged.networks['default']).toEqual({
      driver: 'bridge',
      driver_opts: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' },
      enable_ipv6: false,
      labels: { 'verify.run': 'verify-00000000' },
    });
    expect(staged.services['extra']?.volumes ?? []).toEqual([]);
    expect(staged.services['api']?.['deploy']).toEqual({ resources: { limits: { memory: '1g' } }, replicas: 3 });
    expect(notes.join('\n')).toMatch(/docker\.sock:\/var\/run\/docker\.sock dropped/);
  });

  test('the log of upstreams is put into the copy of conf.d, which may be mounted read-only', () => {
    mkdirSync(path.join(dir, 'conf.d'));
    const { staged } = stage({ nginx: { image: 'nginx', volumes: [bind('conf.d', '/etc/nginx/conf.d')] } });
    const mounts = staged.services['nginx']?.volumes ?? [];
    expect(mounts).toHaveLength(1);
    expect(readFileSync(path.join(mounts[0]?.source ?? '', '00-verify-log.conf'), 'utf8')).toContain('$upstream_addr');
    expect(existsSync(path.join(dir, 'conf.d/00-verify-log.conf'))).toBe(false);
  });
});

describe('the env file of a run', () => {
  const example = 'SECRET_KEY=\nDB_PASSWORD=""\nDEMANDED_TOKEN=\nMAIL_API_KEY=\nDB_HOST=db\nREDIS_PASSWORD=set\n';

  test('empty secrets of the stack and those that compose demands are filled, nothing else', () => {
    const { text, generatedKeys } = fillSecrets(example, demandedVariables('a: ${DEMANDED_TOKEN:?say it}'));
    expect(generatedKeys).toEqual(['SECRET_KEY', 'DB_PASSWORD', 'DEMANDED_TOKEN']);
    expect(text).toMatch(/^SECRET_KEY=[0-9a-f]{64}$/m);
    expect(text).toMatch(/^MAIL_API_KEY=$/m);
    expect(text).toMatch(/^REDIS_PASSWORD=set$/m);
  });

  test('the one given wins over .env, .env over the example; a given one that is missing is refused', () => {
    writeFileSync(path.join(dir, '.env.example'), example);
    expect(environmentFileFor(dir, '').generatedFrom).toBe(path.join(dir, '.env.example'));
    writeFileSync(path.join(dir, '.env'), 'A=1\n');
    expect(environmentFileFor(dir, '')).toMatchObject({ text: 'A=1\n', generatedFrom: null });
    expect(() => environmentFileFor(dir, '', [path.join(dir, 'none')])).toThrow(/does not exist/);
  });
});
