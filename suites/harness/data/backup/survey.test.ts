import { describe, expect, test } from 'vitest';
import { readBackupOptions } from '../../../../fixtures/cli/backup-options.ts';
import { survey } from '../../../../fixtures/data/backup/survey.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { containerOf } from '../../../../fixtures/testing/container-of.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const volume = (source: string, target: string) => ({ type: 'volume', source, target });

const SERVICES = {
  db: { image: 'postgres:15-alpine', volumes: [volume('db', '/var/lib/postgresql/data')] },
  redis: { image: 'redis:6-alpine', volumes: [volume('redis', '/data')] },
  weaviate: { image: 'semitechnologies/weaviate:1.19.0', volumes: [volume('weaviate', '/var/lib/weaviate')] },
  api: {
    image: 'langgenius/dify-api:1.5.0',
    environment: { MODE: 'api' },
    volumes: [volume('app', '/app/api/storage')],
  },
  worker: {
    image: 'langgenius/dify-api:1.5.0',
    environment: { MODE: 'worker' },
    volumes: [volume('app', '/app/api/storage')],
  },
  nginx: { image: 'nginx:1.28' },
};

function surveyOf(
  services: Record<string, unknown> = SERVICES,
  containers = Object.keys(services).map((service) => containerOf(service, 1, {}, { image: `${service}:1` })),
) {
  const model = modelOf(services);
  return survey({ project: 'dify', model, roles: rolesOf(model) }, containers);
}

describe('what goes into a backup', () => {
  test('databases, caches, and each mount with state once', () => {
    const found = surveyOf();
    expect(found.databases.map(({ service, container }) => [service, container.id])).toEqual([['db', 'db1']]);
    expect(found.caches.map(({ service }) => service)).toEqual(['redis']);
    expect(found.mounts.map(({ kind, service, mount }) => [kind, service, mount.target])).toEqual([
      ['vectors', 'weaviate', '/var/lib/weaviate'],
      ['files', 'api', '/app/api/storage'],
    ]);
    expect(found.releases).toEqual({
      db: 'db:1',
      redis: 'redis:1',
      weaviate: 'weaviate:1',
      api: 'api:1',
      worker: 'worker:1',
    });
    expect(found.notBackedUp).toEqual([]);
  });

  test('of a Redis and its replica one is dumped, and the other is told', () => {
    const replica = { image: 'redis:6', command: ['redis-server', '--replicaof', 'redis', '6379'] };
    const found = surveyOf({ replica: { ...replica, volumes: [volume('copy', '/data')] }, ...SERVICES });
    expect(found.caches.map(({ service }) => service)).toEqual(['redis']);
    expect(found.notBackedUp).toEqual(['replica (it follows another Redis, whose keys are in the backup)']);
    // Of one whose master is elsewhere, its own copy is all there is.
    expect(surveyOf({ ...SERVICES, redis: replica }).caches.map(({ service }) => service)).toEqual(['redis']);
  });

  test.for([
    ['mysql:8.0', {}],
    ['registry.example:20050/x/mariadb:11', {}],
    ['own/database:3', { MYSQL_ROOT_PASSWORD: 'x' }],
  ] as const)('a MySQL is dumped by its own client: %s', ([image, environment]) => {
    const db = { image, environment, volumes: [volume('db', '/var/lib/mysql')] };
    const found = surveyOf({ ...SERVICES, db });
    expect(found.mysql.map(({ service }) => service)).toEqual(['db']);
    expect(found.databases).toEqual([]);
    expect(found.notBackedUp).toEqual([]);
  });

  test('a PostgreSQL that holds vectors is dumped after the database, not copied', () => {
    const { weaviate: _, ...rest } = SERVICES;
    const pgvector = { image: 'pgvector/pgvector:pg16', volumes: [volume('vectors', '/var/lib/postgresql/data')] };
    const found = surveyOf({ pgvector, ...rest });
    expect(found.databases.map(({ service }) => service)).toEqual(['db', 'pgvector']);
    expect(found.mounts.map(({ service }) => service)).toEqual(['api']);
    expect(found.notBackedUp).toEqual([]);
  });

  test.for<[string, Record<string, unknown>, string[], RegExp]>([
    [
      'a volume of a service of no known role',
      { minio: { image: 'minio/minio', volumes: [volume('objects', '/data')] } },
      [],
      /^minio:\/data \(objects\)$/,
    ],
    [
      'a vector store without a mount at its data',
      { weaviate: { image: 'semitechnologies/weaviate:1.19.0' } },
      [],
      /^weaviate \(it keeps what it holds inside its container/,
    ],
    ['a container that no compose file names', {}, ['qdrant'], /^qdrant \(it runs and is in no compose file/],
    [
      'files in an object store',
      {
        api: {
          ...SERVICES.api,
          environment: { MODE: 'api', STORAGE_TYPE: 's3' },
        },
      },
      [],
      /^files of api, which it keeps in s3$/,
    ],
  ])('is told not to be: %s', ([, more, strangers, told]) => {
    const services = { ...SERVICES, ...more };
    const containers = [...Object.keys(services), ...strangers].map((service) => containerOf(service, 1, {}));
    const { notBackedUp } = surveyOf(services, containers);
    expect(notBackedUp).toEqual([expect.stringMatching(told)]);
  });
});

describe('a store that nobody uses, since the variables lead elsewhere', () => {
  const led = (environment: object) => ({
    ...SERVICES,
    api: { ...SERVICES.api, environment: { MODE: 'api', ...environment } },
  });

  test('is left out and told, and the one that is used is backed up', () => {
    const services = {
      ...led({ DB_HOST: 'db.prod.example', REDIS_HOST: 'redis' }),
      'db.prod.example': { image: 'postgres:15-alpine', volumes: [volume('other', '/var/lib/postgresql/data')] },
    };
    const found = surveyOf(services);
    expect(found.databases.map(({ service }) => service)).toEqual(['db.prod.example']);
    expect(found.releases).not.toHaveProperty('db');
    expect(found.notBackedUp).toEqual(['db is used by no service of the stack: they use db.prod.example:5432']);
  });

  test('is no backup of the one that is elsewhere', () => {
    expect(() => surveyOf(led({ DB_HOST: 'db.prod.example' }))).toThrow(
      /the database that it uses: one that runs elsewhere is to be backed up there \(db is used by no service/,
    );
  });
});

describe('what cannot be backed up is refused, and the message says what to do', () => {
  const all = Object.keys(SERVICES).map((service) => containerOf(service, 1, {}));
  const without = (name: string) =>
    Object.fromEntries(Object.entries(SERVICES).filter(([service]) => service !== name));
  test.for<[string, Record<string, unknown>, typeof all, RegExp]>([
    ['a project without containers', SERVICES, [], /project dify has no containers: start it first/],
    [
      'a database that is down',
      SERVICES,
      all.map((one) => (one.service === 'db' ? { ...one, running: false, state: 'exited' } : one)),
      /db of dify is exited: it must run .*docker compose --project-name dify up --detach db/,
    ],
    [
      'a Redis that is paused',
      SERVICES,
      all.map((one) => (one.service === 'redis' ? { ...one, state: 'paused' } : one)),
      /redis of dify is paused: docker unpause p-redis-1/,
    ],
    [
      'a Redis that was never made',
      SERVICES,
      all.filter(({ service }) => service !== 'redis'),
      /redis of dify has no container: it must run/,
    ],
    [
      'a database elsewhere',
      without('db'),
      all,
      /no service of dify is the database that it uses: one that runs elsewhere/,
    ],
    [
      'files that no container reaches',
      SERVICES,
      all.filter(({ service }) => service !== 'api'),
      /api of dify has no container, by which its files are reached/,
    ],
  ])('%s', ([, services, containers, message]) => {
    const refused = () => surveyOf(services, containers);
    expect(refused).toThrow(message);
    expect(refused).not.toThrow(/\n/);
  });

  test('a stopped store is no trouble: its files are copied as they are', () => {
    const stopped = all.map((one) => (one.service === 'weaviate' ? { ...one, running: false } : one));
    expect(surveyOf(SERVICES, stopped).mounts[0]?.container.running).toBe(false);
  });
});

describe('the command line', () => {
  test('names a project or a folder, and the target', () => {
    expect(readBackupOptions(['--project', 'dify', '--to', 'b'])).toEqual({ project: 'dify', to: 'b' });
    expect(
      readBackupOptions([
        '--stack',
        's',
        '--file',
        'a',
        '--file',
        'b',
        '--env-file',
        'e',
        '--profile',
        'p',
        '--to',
        'b',
      ]),
    ).toEqual({ stack: 's', files: ['a', 'b'], envFile: 'e', profiles: ['p'], to: 'b' });
  });

  test.for<[string[], RegExp]>([
    [[], /say what to back up/],
    [['--project', 'dify'], /say where the backup goes/],
    [['--project', '', '--to', 'b'], /--project is empty/],
    [['--project', 'Dify', '--to', 'b'], /--project Dify: no name of a compose project/],
    [['--nope'], /Unknown option '--nope'/],
    [['dify', '--to', 'b'], /Unexpected argument 'dify'/],
  ])('is refused: %j', ([args, message]) => {
    expect(() => readBackupOptions(args)).toThrow(message);
  });
});
