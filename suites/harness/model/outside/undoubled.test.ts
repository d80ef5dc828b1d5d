import { describe, expect, test } from 'vitest';
import { deriveContract } from '../../../../fixtures/checks/contract.ts';
import { stepVerdict } from '../../../../fixtures/checks/datapath/step-verdicts.ts';
import { enclose } from '../../../../fixtures/model/outside/enclose.ts';
import { undoubledStores } from '../../../../fixtures/model/outside/undoubled.ts';
import type { StepObservation } from '../../../../fixtures/checks/datapath/steps.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { contract as sample, done, failed, use } from '../../checks/datapath/samples.ts';

const on = { networks: { default: null } };
const INSIDE = {
  DB_HOST: 'db',
  DB_USERNAME: 'u',
  DB_PASSWORD: 'p',
  DB_DATABASE: 'dify',
  REDIS_HOST: 'redis',
  REDIS_PASSWORD: 'r',
};

function shutIn(environment: object, { worker = environment, more = {} }: { worker?: object; more?: object } = {}) {
  const app = (mode: string, own: object) => ({
    image: 'langgenius/dify-api:1.5.0',
    environment: { MODE: mode, ...INSIDE, ...own },
    ...on,
  });
  const read = modelOf({
    nginx: { image: 'nginx:1.28', ports: [{ target: 80, published: '80', protocol: 'tcp' }], ...on },
    api: app('api', environment),
    worker: app('worker', worker),
    db: { image: 'postgres:15-alpine', ...on },
    redis: { image: 'redis:6-alpine', ...on },
    ...more,
  });
  const { model, said } = enclose(read, rolesOf(read), { allow: [] });
  return { model, said, read, stores: undoubledStores(model, rolesOf(model)) };
}

describe('a store outside of a kind without a double', () => {
  test.for<[string, object, string[]]>([
    [
      'Qdrant',
      { VECTOR_STORE: 'qdrant', QDRANT_URL: 'https://q.example.com:6333' },
      ['vector store q.example.com:6333'],
    ],
    [
      'Milvus at the host',
      { VECTOR_STORE: 'milvus', MILVUS_URI: 'http://host.docker.internal:19530' },
      ['vector store host.docker.internal:19530'],
    ],
    ['one that is not in use', { VECTOR_STORE: 'weaviate', MILVUS_URI: 'http://10.0.0.3:19530' }, []],
    ['MySQL', { DB_TYPE: 'mysql', DB_HOST: '10.0.0.5', DB_PORT: '3306' }, ['database 10.0.0.5:3306']],
    [
      'S3 with an endpoint',
      { STORAGE_TYPE: 's3', S3_ENDPOINT: 'https://s3.example.com' },
      ['object store s3.example.com'],
    ],
    ['S3 without one', { STORAGE_TYPE: 's3', S3_BUCKET_NAME: 'dify' }, ['object store s3']],
    ['Google’s', { STORAGE_TYPE: 'google-storage' }, ['object store google-storage']],
    ['OpenDAL with another scheme', { STORAGE_TYPE: 'opendal', OPENDAL_SCHEME: 'gcs' }, ['object store gcs']],
    ['files in a folder', { STORAGE_TYPE: 'opendal', OPENDAL_SCHEME: 'fs', S3_ENDPOINT: 'https://s3.example.com' }, []],
    [
      'a name of extra_hosts',
      { STORAGE_TYPE: 's3', S3_ENDPOINT: 'http://minio.lan:9000' },
      ['object store minio.lan:9000'],
    ],
  ])('%s', ([, environment, expected]) => {
    const { stores, said } = shutIn(environment);
    expect(stores.map(({ kind, at }) => `${kind} ${at}`)).toEqual(expected);
    for (const { at, kind } of stores) {
      const line = said.find((one) => one.startsWith(`${at} is outside the stack (`));
      expect(line).toContain(`no private ${kind}`);
    }
  });

  test('an object store in the stack itself is none', () => {
    const more = { minio: { image: 'minio/minio', ...on } };
    expect(shutIn({ STORAGE_TYPE: 's3', S3_ENDPOINT: 'http://minio:9000' }, { more }).stores).toEqual([]);
  });

  const skipped = (environment: object) => {
    const { model, read } = shutIn(environment);
    const { datapath, backup, isolation } = deriveContract(model, { read });
    const left = [...datapath.left, ...backup.left, ...isolation.left];
    for (const { reason } of left) expect(reason).toMatch(/ is outside the stack \(.*not verified$/);
    const judged = [...datapath.hops, ...backup.same, ...backup.load, ...isolation.allowed].map(({ id }) => id);
    expect(left.map(({ id }) => id).filter((id) => judged.includes(id))).toEqual([]);
    return left.map(({ id }) => id);
  };

  test('what needs a vector store is skipped in datapath, backup and isolation', () => {
    expect(skipped({ VECTOR_STORE: 'qdrant', QDRANT_URL: 'https://q.example.com:6333' })).toEqual([
      'datapath/hop/api-vector-store',
      'datapath/hop/worker-vector-store',
      'backup/same/vectors/schema',
      'backup/same/vectors/objects',
      'backup/same/vectors/answers',
      'backup/load/vectors/acknowledged',
      'backup/load/vectors/whole',
      'isolation/api/allowed/q.example.com:6333',
      'isolation/worker/allowed/q.example.com:6333',
    ]);
  });

  test('what needs an object store is skipped', () => {
    expect(skipped({ STORAGE_TYPE: 's3', S3_ENDPOINT: 'https://s3.example.com' })).toEqual([
      'datapath/hop/api-storage',
      'datapath/hop/api-private-key',
      'datapath/hop/worker-storage',
      'backup/load/uploads/acknowledged',
      'backup/load/uploads/whole',
      'isolation/api/allowed/s3.example.com',
      'isolation/worker/allowed/s3.example.com',
    ]);
  });

  test('a step that fails for want of it is skipped, and what is blocked by that step; nginx’s failure stays one', () => {
    const steps = sample.steps.map((it) => (it.step === 'upload' ? { ...it, cut: 's3 is outside' } : it));
    const judge = (name: 'upload' | 'document', seen: StepObservation) => {
      const it = steps.find(({ step }) => step === name);
      if (!it) throw new Error(name);
      const not = { state: 'not-tried', because: 'upload' } as const;
      return stepVerdict(it, { steps: { ...done, upload: seen, document: not }, use, release: '1' }, [], {
        ...sample,
        steps,
      });
    };
    const away = failed({ status: 500, contentType: 'application/json' }, '500');
    expect(judge('upload', away)).toMatchObject({ status: 'skip', message: 's3 is outside' });
    expect(judge('document', away)).toMatchObject({ status: 'skip', message: 's3 is outside' });
    const shut = failed({ status: 502, contentType: 'text/html' }, '502');
    expect(judge('upload', shut).status).toBe('fail');
    expect(judge('document', shut)).toMatchObject({ status: 'blocked', blockedBy: 'datapath/upload' });
  });
});
