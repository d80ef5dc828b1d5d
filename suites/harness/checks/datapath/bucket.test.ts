import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { inBucket } from '../../../../fixtures/checks/datapath/observe-files.ts';
import type { FilesObservation } from '../../../../fixtures/checks/datapath/observe-files.ts';
import type { BucketSeen } from '../../../../fixtures/stack/bucket-client.ts';
import { storageOf, told } from '../../../../fixtures/model/topology/connections.ts';
import { withoutDrill } from '../../../../fixtures/checks/backup/without-drill.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { judgedHop, use } from './samples.ts';

const at = storageOf({
  STORAGE_TYPE: 's3',
  S3_ENDPOINT: 'http://minio:9000',
  S3_BUCKET_NAME: 'dify',
  S3_ACCESS_KEY: 'me',
  S3_SECRET_KEY: 'secret-of-it',
});
const where = 'bucket' in at ? told(at) : '';
const key = '-----BEGIN RSA PRIVATE KEY-----\nx\n';
const holding = (objects: Record<string, string>): BucketSeen => ({ objects: new Map(Object.entries(objects)) });
const judged = (id: string, kind: 'storage' | 'private-key', seen: BucketSeen) =>
  judgedHop(id, { kind, seen: inBucket(where, seen) });

test('a bucket is told without its secret', () => {
  expect(where).toBe('the bucket dify at minio:9000');
});

test('what a bucket holds is looked at like a folder', () => {
  const seen = inBucket(where, holding({ 'upload_files/t/a.txt': 'text', 'privkeys/t/private.pem': key }));
  expect(seen).toMatchObject({
    where,
    problem: null,
    privateKey: '-----BEGIN RSA PRIVATE KEY-----',
  } satisfies Partial<FilesObservation>);
  expect(seen.files['upload_files/t/a.txt']).toBe(createHash('sha256').update('text').digest('hex'));
});

test.for<[string, 'storage' | 'private-key', BucketSeen, string, RegExp]>([
  ['worker-storage', 'storage', holding({ 'upload_files/t/x': use.file.text }), 'pass', /^$/],
  ['worker-storage', 'storage', holding({ 'upload_files/t/x': 'another' }), 'fail', /none with its content/],
  [
    'worker-storage',
    'storage',
    { refused: 'S3 answered 403 SignatureDoesNotMatch' },
    'fail',
    /storage at the bucket dify at minio:9000, it said: S3 answered 403/,
  ],
  ['worker-storage', 'storage', { placeholder: true }, 'skip', /is a placeholder/],
  ['api-private-key', 'private-key', holding({ 'privkeys/t/private.pem': key }), 'pass', /^$/],
  ['api-private-key', 'private-key', holding({}), 'fail', /found none/],
])('%s: %s of %o is a %s', ([id, kind, seen, status, says]) => {
  const verdict = judged(id, kind, seen);
  expect(verdict.status).toBe(status);
  expect(verdict.message ?? '').toMatch(says);
});

test('a refusal names the variables that let a client in', () => {
  const refused: BucketSeen = { refused: 'S3 answered 403 SignatureDoesNotMatch' };
  expect(judged('api-private-key', 'private-key', refused).hint).toMatch(/S3_SECRET_KEY/);
});

test.for([
  ['http://minio:9000', /^files are in the bucket dify at minio:9000, and no backup here holds a bucket/],
  // At Amazon, or cut off: told as what is outside, and no matter of this.
  ['', /^$/],
] as const)('no drill is made without the files of a bucket of the stack: %o', ([endpoint, reason]) => {
  const environment = { STORAGE_TYPE: 's3', S3_ENDPOINT: endpoint, S3_BUCKET_NAME: 'dify' };
  const networks = { default: null };
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.10.0', environment, networks },
    minio: { image: 'minio/minio:latest', networks },
  });
  expect(withoutDrill(model, rolesOf(model), { api: 'api', database: null }) ?? '').toMatch(reason);
});
