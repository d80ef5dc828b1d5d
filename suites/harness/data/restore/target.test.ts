import { describe, expect, test } from 'vitest';
import { notEmpty, readListing, tooLarge, type TargetLook } from '../../../../fixtures/data/restore/empty-target.ts';
import { beginsEmpty, lacksFor } from '../../../../fixtures/data/restore/fits-target.ts';
import type { Manifest } from '../../../../fixtures/data/backup/manifest.ts';
import type { Part } from '../../../../fixtures/data/backup/part.ts';
import { otherReleases } from '../../../../fixtures/data/restore/releases.ts';
import { takenPorts } from '../../../../fixtures/data/restore/taken-ports.ts';
import { undoPlan } from '../../../../fixtures/data/restore/undo.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

describe('releases', () => {
  const model = modelOf({
    db: { image: 'postgres:15-alpine' },
    api: { image: 'mirror.example/langgenius/dify-api:1.5.0' },
    worker: { image: 'dify-api@sha256:aa' },
    built: { build: '.' },
  });
  test.for([
    ['the same', { db: 'postgres:15-alpine' }, []],
    ['through a mirror', { api: 'langgenius/dify-api:1.5.0' }, []],
    ['another tag', { db: 'postgres:16' }, ['db: the backup is of postgres:16, the target runs postgres:15-alpine']],
    ['another program', { db: 'mysql:15-alpine' }, [expect.stringContaining('mysql:15-alpine')]],
    ['a digest beside a tag', { worker: 'dify-api:1.5.0@sha256:aa' }, []],
    ['another digest', { worker: 'dify-api:1.5.0@sha256:bb' }, [expect.stringContaining('sha256:bb')]],
    ['no release to compare', { built: 'p-built' }, []],
    ['no tag is latest', { db: 'postgres' }, [expect.stringContaining('the backup is of postgres, ')]],
  ] as const)('%s', ([, releases, different]) => {
    expect(otherReleases(releases as Record<string, string>, model).different).toEqual(different);
  });
});

describe('what the target needs', () => {
  const part = (kind: Part['kind'], service: string, of = ''): Part => ({
    kind,
    service,
    of,
    file: kind,
    sizeBytes: 0,
    sha256: '',
    takenAt: '',
    counts: {},
  });
  const target = {
    model: modelOf({
      db: { image: 'postgres:15' },
      api: { volumes: [{ type: 'volume', source: 's', target: '/app/api/storage' }] },
      worker: { volumes: [{ type: 'bind', source: '/s', target: '/app/api/storage', read_only: true }] },
      vectors: { volumes: [{ type: 'tmpfs', target: '/var/lib/weaviate' }] },
    }),
    roles: {},
  };
  test.for([
    [[part('files', 'api', '/app/api/storage'), part('configuration', '')], []],
    [[part('redis', 'cache')], ['no service cache for the keys of cache']],
    [[part('files', 'api', '/data')], ['api mounts nothing at /data for the files of api (/data)']],
    [[part('files', 'worker', '/app/api/storage')], [expect.stringContaining('read-only')]],
    [[part('vectors', 'vectors', '/var/lib/weaviate')], [expect.stringContaining('tmpfs')]],
    [[part('postgres-database', 'db', 'dify')], ['the backup has databases and no roles']],
    [[part('mysql-databases', 'db')], ['the backup has databases and no accounts']],
    [[part('mysql-databases', 'db'), part('mysql-accounts', 'db')], []],
  ] as const)('%#', ([parts, lacks]) => {
    expect(lacksFor({ parts } as unknown as Manifest, target)).toEqual(lacks);
  });

  test('what is in no part is told; api and worker share one', () => {
    const shared = { volumes: [{ type: 'volume', source: 's', target: '/app/api/storage' }] };
    const vectors = { volumes: [{ type: 'volume', source: 'v', target: '/var/lib/weaviate' }] };
    const all = {
      model: modelOf({ db: {}, redis: {}, api: shared, worker: shared, weaviate: vectors }),
      roles: { db: 'database', redis: 'cache', api: 'api', worker: 'worker', weaviate: 'vector_store' } as const,
    };
    const parts = [part('files', 'worker', '/app/api/storage'), part('postgres-database', 'db', 'dify')];
    expect(beginsEmpty({ parts } as unknown as Manifest, all)).toEqual(['redis', 'weaviate:/var/lib/weaviate']);
    const mysql = { ...all, model: modelOf({ db: { image: 'mysql:8.0' }, api: shared }) };
    expect(beginsEmpty({ parts } as unknown as Manifest, mysql)).toEqual(['db', 'redis', 'api:/app/api/storage']);
    const dumped = [...parts, part('mysql-databases', 'db')];
    expect(beginsEmpty({ parts: dumped } as unknown as Manifest, mysql)).toEqual(['redis', 'api:/app/api/storage']);
  });
});

describe('an empty target', () => {
  const look = (more: Partial<TargetLook> = {}): TargetLook => ({
    containers: [],
    networks: [],
    volumes: [],
    binds: [],
    freeBytes: null,
    ...more,
  });
  const volume = (holds: string[], exists = true) => ({ name: 'p_db', exists, external: false, holds });
  const bind = (state: boolean, holds: string[], missing: string | null = null) => ({
    path: '/stack/volumes/db',
    state,
    missing,
    holds,
  });
  test.for([
    [{}, null],
    [{ volumes: [volume([]), volume([], false)] }, null],
    [{ binds: [bind(false, ['nginx.conf']), bind(true, [])] }, null],
    [{ containers: ['p-db-1'] }, /^project p is not empty: containers p-db-1; /],
    [{ volumes: [volume(['pgdata/PG_VERSION'])] }, /volume p_db holds pgdata\/PG_VERSION/],
    [{ binds: [bind(true, ['a', 'b', 'c', 'd'])] }, /folder \/stack\/volumes\/db holds a, b, c and 1 more/],
  ] as const)('%#', ([seen, verdict]) => {
    const said = notEmpty('p', look(seen as unknown as Partial<TargetLook>));
    if (verdict === null) expect(said).toBeNull();
    else expect(said).toMatch(verdict);
  });

  test('the listing is read by mount', () => {
    const { freeBytes, holds } = readListing('free 2048\nv0/pgdata/PG_VERSION\nv0/pgdata/base\nb10/a b\n');
    expect(freeBytes).toBe(2048);
    expect([...holds]).toEqual([
      ['v0', ['pgdata/PG_VERSION', 'pgdata/base']],
      ['b10', ['a b']],
    ]);
  });

  test('what the disk cannot hold is refused before anything is written', () => {
    expect(tooLarge(look({ freeBytes: 10 }), 11)).toMatch(/no space left.*needs 1 MiB/);
    expect(tooLarge(look({ freeBytes: 11 }), 11)).toBeNull();
    expect(tooLarge(look(), 11)).toBeNull();
  });

  test('the way back removes what was not there, empties what was empty, and leaves the rest', () => {
    const plan = undoPlan(
      'p',
      look({
        networks: ['n'],
        volumes: [volume([]), { ...volume([], false), name: 'p_new' }, { ...volume([]), name: 'ext', external: true }],
        binds: [
          bind(true, []),
          { ...bind(false, ['kept']), path: '/stack/nginx' },
          { ...bind(true, [], '/stack/new'), path: '/stack/new/a' },
          { ...bind(true, [], '/stack/new'), path: '/stack/new/b' },
        ],
      }),
      { image: 'i', labels: {} },
    );
    expect(plan).toMatchObject({
      keepNetworks: ['n'],
      onlyVolumes: ['p_new'],
      filled: {
        emptiedVolumes: ['p_db', 'ext'],
        emptiedFolders: ['/stack/volumes/db'],
        madeFolders: ['/stack/new'],
      },
    });
  });
});

describe('ports that others have', () => {
  const model = modelOf({
    nginx: { ports: [{ target: 80, published: '8080' }, { target: 81, published: '9000-9010' }, { target: 82 }] },
    daemon: { ports: [{ target: 5003, published: 5003, host_ip: '127.0.0.1' }] },
  });
  const on = (port: number, hostIp = '0.0.0.0', protocol = 'tcp') => ({ container: 'c', hostIp, port, protocol });
  test.for([
    [[on(8080)], ['port 8080 of nginx is taken by c']],
    [[on(8080, '10.0.0.1')], ['port 8080 of nginx is taken by c']],
    [[on(5003, '10.0.0.1')], []],
    [[on(5003, '::')], ['port 5003 of daemon is taken by c']],
    [[on(8080, '0.0.0.0', 'udp'), on(9000), on(82)], []],
  ] as const)('%#', ([published, taken]) => {
    expect(takenPorts(model, published)).toEqual(taken);
  });
});
