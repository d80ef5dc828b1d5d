import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { difyApi } from '../../../compose/images/dify-api/src/app.ts';
import { tasksInRedis } from '../../../compose/images/dify-api/src/celery/queue.ts';
import { runWorker } from '../../../compose/images/dify-api/src/celery/worker.ts';
import { readSettings } from '../../../compose/images/dify-api/src/settings.ts';
import { filesOnDisk } from '../../../compose/images/dify-api/src/stores/files-disk.ts';
import { knowledgeInPostgres } from '../../../compose/images/dify-api/src/stores/knowledge-postgres.ts';
import { migrate } from '../../../compose/images/dify-api/src/stores/migrate.ts';
import { openDatabase } from '../../../compose/images/shared/src/postgres.ts';
import { openRedis, redisAnswers } from '../../../compose/images/shared/src/redis.ts';
import { datasetCalls, datasetRequest, learnNames } from '../../../fixtures/testing/first-use-dataset.ts';
import { jsonRequest, recordedShape, shapeOf, signIn, textOf } from '../../../fixtures/testing/first-use.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { memoryStores } from '../standins/standin-memory-stores.ts';

/** A dataset of the stand-ins in real stores, its worker at a real broker. Needs an engine. */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';

const refs = new Map<string, string>();
const withinMs = 10_000;

beforeAll(async () => {
  const wanted = [{ name: 'postgres' }, { name: 'redis' }];
  for (const image of await ensureImages(wanted, { progress: () => undefined })) refs.set(image.name, image.ref);
}, 300_000);

/** An api and what it stands on; everything ends with the test. */
async function standIn() {
  const { PostgreSqlContainer } = await import('@testcontainers/postgresql');
  const { RedisContainer } = await import('@testcontainers/redis');
  const ends: (() => unknown)[] = [];
  const server = await new PostgreSqlContainer(refs.get('postgres') ?? '').start();
  ends.push(() => server.stop());
  const cache = await new RedisContainer(refs.get('redis') ?? '').start();
  ends.push(() => cache.stop());
  const at = { host: server.getHost(), port: server.getPort(), user: server.getUsername() };
  const database = openDatabase(
    { ...at, password: server.getPassword(), database: server.getDatabase(), tls: 'off', type: 'postgresql' },
    5,
  );
  ends.push(() => database.end());
  await migrate(database);
  const broker = { at: { host: cache.getHost(), port: cache.getPort() }, db: 1 };
  const redis = openRedis(broker, 'test');
  await redisAnswers(redis, withinMs);
  ends.push(() => redis.disconnect());
  const root = await mkdtemp(path.join(tmpdir(), 'storage-'));
  ends.push(() => rm(root, { recursive: true }));
  const knowledge = { ...knowledgeInPostgres(database), files: filesOnDisk(root) };
  const stores = { ...memoryStores(), ...knowledge, tasks: tasksInRedis(redis) };
  const api = difyApi({ settings: readSettings({ SECRET_KEY: 'of the test' }), stores });
  /** Runs a worker for these queues until the look at it is over. */
  const working = async (queues: string[], look: () => Promise<void>) => {
    const stop = runWorker({ broker, queues, database, stores: knowledge });
    try {
      await look();
    } finally {
      await stop(withinMs);
    }
  };
  const close = async () => {
    for (const end of ends.toReversed()) await end();
  };
  return { [Symbol.asyncDispose]: close, api, redis, root, working, database, token: await signIn(api) };
}

test('a dataset in PostgreSQL, its task on the broker: answered as recorded, done by the worker of its queue only', async () => {
  await using stand = await standIn();
  const { api, redis, root, working, database, token } = stand;
  const calls = datasetCalls().filter((call) => !/"indexing_status": "(parsing|indexing)"/.test(call.bodyStart));
  const names = new Map<string, string>();
  const status = async () => {
    const target = `/console/api/datasets/${names.get('dataset')}/batch/${names.get('batch')}/indexing-status`;
    const said = JSON.parse(textOf(await api(jsonRequest('GET', target, null, token)))) as { data: [Status] };
    return said.data[0];
  };
  const ended = async () => {
    const look = async () => `${(await status()).indexing_status}, ${await redis.llen('dataset')} on the broker`;
    await expect.poll(look, { timeout: withinMs }).toMatch(/^(completed|error), 0 on/);
  };
  const seen: unknown[] = [];
  for (const call of calls) {
    if (call.path.endsWith('/indexing-status')) {
      // Blocked: it has looked into its queues and found nothing there.
      const clients = async () => String(await redis.client('LIST'));
      await working(['mail'], async () => {
        await expect.poll(clients, { timeout: withinMs }).toMatch(/ flags=b .* cmd=brpop /);
      });
      expect([(await status()).indexing_status, await redis.llen('dataset')]).toEqual(['waiting', 1]);
      await working(['mail', 'dataset'], ended);
    }
    const answer = await api(await datasetRequest(call, names, token));
    seen.push(shapeOf(answer, call));
    learnNames(names, call, textOf(answer));
  }
  expect(calls).toHaveLength(7);
  expect(seen).toEqual(calls.map(recordedShape));
  expect((await redis.keys('*')).filter((key) => !key.startsWith('_kombu.binding'))).toEqual([]);
  const { rows } = await database.query(
    `SELECT (SELECT count(*) FROM dataset_queries) AS queries, (SELECT count(*) FROM document_segments) AS segments,
            keyword_table::json->'__data__'->'table'->'fox'->>0 = (SELECT index_node_id FROM document_segments) AS found
       FROM dataset_keyword_tables`,
  );
  expect(rows).toEqual([{ queries: 1, segments: 1, found: true }]);

  // The same once more, but the storage has lost what was uploaded.
  const [tenant] = await readdir(path.join(root, 'upload_files'));
  await rm(path.join(root, 'upload_files', tenant ?? ''), { recursive: true });
  const again = calls.find(({ path: end }) => end.endsWith('/documents'));
  if (!again) throw new Error('the recording has no new documents');
  learnNames(names, again, textOf(await api(await datasetRequest(again, names, token))));
  await working(['dataset'], ended);
  expect(await status()).toMatchObject({ indexing_status: 'error', error: 'File not found', total_segments: 0 });
});

interface Status {
  indexing_status: string;
}
