import { describe, expect, test } from 'vitest';
import type { Obligation } from '../../../../fixtures/checks/verdict.ts';
import { deriveContract } from '../../../../fixtures/checks/contract.ts';
import type { GuideContract } from '../../../../fixtures/checks/guide/obligations.ts';
import type { StackModel } from '../../../../fixtures/model/model.ts';
import { sampleModel } from '../isolation/samples.ts';

const DUMP = `# configuration file /etc/nginx/conf.d/default.conf:
server {
  listen 80;
  location /console/api { proxy_pass http://api:5001; }
  location /api { proxy_pass http://api:5001; }
  location / { proxy_pass http://web:3000; }
}
`;

const guideOf = (model: StackModel, nginx: Record<string, string> = { nginx: DUMP }): GuideContract =>
  deriveContract(model, { rendered: { nginx } }).guide;
const idsOf = (list: readonly Obligation[]) => list.map(({ id }) => id);
const allOf = (guide: GuideContract) => Object.values(guide).flatMap((list: Obligation[]) => list);

/** The sample with what the database is given in Dify's own compose file. */
const complete = (edit: Parameters<typeof sampleModel>[0] = () => undefined) =>
  sampleModel((raw) => {
    for (const [name, database] of [
      ['api', 'dify'],
      ['worker', 'dify'],
      ['plugin_daemon', 'dify_plugin'],
    ] as const)
      Object.assign(raw.services[name]?.environment ?? {}, { DB_USERNAME: 'postgres', DB_DATABASE: database });
    Object.assign(raw.services['db'] ?? {}, {
      environment: { PGDATA: '/var/lib/postgresql/data/pgdata' },
      volumes: [{ type: 'bind', source: '/stack/volumes/db/data', target: '/var/lib/postgresql/data' }],
    });
    edit(raw);
  });

describe('the obligations of the guide', () => {
  const guide = guideOf(complete());

  test('ids are unique and carry the name of the suite', () => {
    const ids = idsOf(allOf(guide));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.startsWith('guide/'))).toBe(true);
    expect(ids.length).toBeGreaterThan(40);
  });

  test('inside api: the stores that its environment names, each with the tool of the guide', () => {
    expect(idsOf(guide.inside)).toEqual([
      'guide/api/ping/db',
      'guide/api/pg-isready',
      'guide/api/ping/redis',
      'guide/api/redis-cli',
      'guide/api/ping/weaviate',
      'guide/api/curl/weaviate',
    ]);
    expect(guide.inside.at(-1)).toMatchObject({ host: 'weaviate', port: 8080, path: '/v1/.well-known/ready' });
  });

  test('outside: by the published port of nginx', () => {
    expect(idsOf(guide.outside)).toEqual([
      'guide/outside/site',
      'guide/outside/health',
      'guide/outside/console-setup',
      'guide/outside/api-apps',
    ]);
    expect(guide.outside[1]).toMatchObject({
      entry: { nginx: 'nginx', port: 80 },
      api: { service: 'api', port: 5001 },
    });
  });

  test('every service is listed, counted and has a log; networks list who is on them', () => {
    for (const list of [guide.states, guide.logs, guide.stats]) expect(list).toHaveLength(10);
    expect(guide.networks.map(({ network, services }) => [network, services])).toEqual([
      ['default', ['api', 'worker', 'web', 'db', 'redis', 'weaviate', 'plugin_daemon', 'ssrf_proxy', 'nginx']],
      ['ssrf_proxy_network', ['api', 'worker', 'sandbox', 'ssrf_proxy']],
    ]);
  });

  test('each database once, with the user of the app; and the volume that holds them', () => {
    expect(idsOf(guide.psql)).toEqual(['guide/db/psql/dify', 'guide/db/psql/dify_plugin']);
    expect(guide.dumps.map(({ of, user, database }) => [of, user, database])).toEqual([
      ['api', 'postgres', 'dify'],
      ['plugin_daemon', 'postgres', 'dify_plugin'],
    ]);
    expect(guide.volumes).toMatchObject([
      { mount: { source: '/stack/volumes/db/data', target: '/var/lib/postgresql/data' } },
    ]);
  });

  test('restarts: nginx last, each within its stop and its start', () => {
    expect(guide.restarts.map(({ service }) => service)).toEqual(['sandbox', 'worker', 'nginx']);
    expect(guide.restarts[0]).toMatchObject({ budgetMs: 130_000 });
    expect(guide.restarts.every(({ asks }) => asks.length === 2)).toBe(true);
  });
});

describe('other stacks', () => {
  test('before the boot nothing is asked outside, and all else is there', () => {
    const guide = guideOf(complete(), {});
    expect(guide.outside).toEqual([]);
    expect(guide.restarts.every(({ asks }) => asks.length === 0)).toBe(true);
    expect(guide.inside).toHaveLength(6);
  });

  test('a stack without roles has only what is true of every service', () => {
    const guide = guideOf(
      sampleModel((raw) => (raw.services = { thing: { image: 'acme/thing', networks: { default: null } } })),
    );
    expect(idsOf(allOf(guide))).toEqual([
      'guide/ps/thing',
      'guide/logs/thing',
      'guide/stats/thing',
      'guide/network/default',
      'guide/files/container-names',
    ]);
  });

  test('another database is left out by name', () => {
    const guide = guideOf(complete((raw) => Object.assign(raw.services['db'] ?? {}, { image: 'mysql:8' })));
    expect(guide.psql).toEqual([]);
    expect(guide.volumes).toEqual([]);
    expect(idsOf(guide.inside)).not.toContain('guide/api/pg-isready');
    expect(guide.left).toMatchObject([{ id: 'guide/db/psql', reason: expect.stringContaining('mysql:8') as string }]);
  });

  test('a database whose files are beside its volume keeps the obligation of that volume (F114)', () => {
    const outside = { environment: { PGDATA: '/var/lib/postgresql/dify' } };
    const guide = guideOf(complete((raw) => Object.assign(raw.services['db'] ?? {}, outside)));
    expect(guide.volumes).toMatchObject([
      { dataDir: '/var/lib/postgresql/dify', mount: { target: '/var/lib/postgresql/data' } },
    ]);
    const none = guideOf(complete((raw) => Object.assign(raw.services['db'] ?? {}, { volumes: [] })));
    expect(none.volumes).toMatchObject([{ mount: null, dataDir: '/var/lib/postgresql/data/pgdata' }]);
  });

  test('one-shots are in no list, a service without replicas neither', () => {
    const guide = guideOf(
      complete((raw) => {
        raw.services['init_permissions'] = { image: 'busybox:latest', networks: { default: null } };
        Object.assign(raw.services['worker'] ?? {}, { deploy: { replicas: 0 } });
      }),
    );
    for (const list of [guide.states, guide.logs, guide.stats, guide.restarts])
      expect(list.map(({ service }) => service)).not.toEqual(expect.arrayContaining(['init_permissions']));
    expect(guide.states.map(({ service }) => service)).not.toContain('worker');
    expect(guide.restarts.map(({ service }) => service)).toEqual(['sandbox', 'nginx']);
  });

  test.for([
    [undefined, null],
    [{ driver: 'json-file' }, null],
    [{ driver: 'none' }, 'none'],
    [{ driver: 'syslog' }, null],
    [{ driver: 'gelf', options: { 'cache-disabled': 'true' } }, 'gelf with cache-disabled'],
  ] as const)('logging %j: not readable is %j', ([logging, unreadable]) => {
    const guide = guideOf(
      complete((raw) => logging && Object.assign(raw.services['api'] ?? {}, { logging: { ...logging } })),
    );
    expect(guide.logs.find(({ service }) => service === 'api')?.unreadable).toBe(unreadable);
  });
});
