import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GenericContainer, Wait } from 'testcontainers';
import { indexDocuments } from '../../../compose/images/dify-api/src/celery/indexing.ts';
import { accountsInPostgres } from '../../../compose/images/dify-api/src/stores/accounts-postgres.ts';
import { appsInPostgres } from '../../../compose/images/dify-api/src/stores/apps-postgres.ts';
import { knowledgeInPostgres } from '../../../compose/images/dify-api/src/stores/knowledge-postgres.ts';
import { migrate } from '../../../compose/images/dify-api/src/stores/migrate.ts';
import { runsInPostgres } from '../../../compose/images/dify-api/src/stores/runs-postgres.ts';
import {
  apiKeysInPostgres,
  workflowsInPostgres,
} from '../../../compose/images/dify-api/src/stores/workflows-postgres.ts';
import { openPluginDatabase } from '../../../compose/images/plugin-daemon/src/database.ts';
import { serve } from '../../../compose/images/shared/src/http-server.ts';
import { databaseAnswers, openDatabase } from '../../../compose/images/shared/src/postgres.ts';
import { proveUse, recordFirstUse } from '../../../fixtures/checks/datapath/first-use.ts';
import { ensureImages } from '../../../fixtures/setup/images/build.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import type { Summary } from '../../../fixtures/run/report/summary.ts';
import { startVerify } from '../../../fixtures/testing/command.ts';
import { storeStack } from '../../../fixtures/testing/store-stack.ts';
import { neighbourhood, runsCode } from '../standins/standin-neighbours.ts';

/** Dify's stand-ins on the MariaDB that stands in for MySQL, behind the official image's contract. Needs an engine. */
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
process.env['TESTCONTAINERS_HOST_OVERRIDE'] = '127.0.0.1';

/** With what a shell, an option file and SQL each take for their own. */
const password = `a'b"c\\d$e f`;
const secretKey = 'recorded';
const target = { url: 'http://198.51.100.2/verify', mark: 'reached' };
let image = '';
const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

beforeAll(async () => {
  const [built] = await ensureImages([{ name: 'mysql' }], { progress: () => undefined });
  image = built?.ref ?? '';
}, 900_000);

test('a first use of Dify is kept in MySQL and proved by another client', { timeout: 300_000 }, async () => {
  await using server = await new GenericContainer(image)
    .withEnvironment({ MYSQL_ROOT_PASSWORD: password, MYSQL_DATABASE: 'dify' })
    // As Dify's own compose file starts it; the last one is an option of MySQL that MariaDB does not have.
    .withCommand([
      '--max_connections=1000',
      '--innodb_buffer_pool_size=64M',
      '--innodb_log_file_size=32M',
      '--innodb_flush_log_at_trx_commit=2',
      '--default-authentication-plugin=mysql_native_password',
    ])
    .withExposedPorts(3306)
    .withHealthCheck({
      test: ['CMD', 'mysqladmin', 'ping', '-h', '127.0.0.1', '-u', 'root', `-p${password}`],
      interval: 1_000,
      timeout: 3_000,
      retries: 60,
    })
    .withWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(240_000)
    .start();
  const at = { host: server.getHost(), port: server.getMappedPort(3306), user: 'root', tls: 'off' as const };
  const settings = { ...at, type: 'mysql' as const, password };
  const wrong = openDatabase({ ...settings, password: 'wrong', database: 'dify' }, 1);
  await expect(databaseAnswers(wrong, 0)).rejects.toThrow(/Access denied/);

  const plugins = await openPluginDatabase({ ...settings, database: 'dify_plugin' }, 'mysql');
  expect((await plugins.query('SELECT count(*) AS count FROM plugin_installations')).rows).toEqual([{ count: 0 }]);
  await plugins.end();

  const database = openDatabase({ ...settings, database: 'dify' }, 5);
  // Two at once, as replicas do.
  await Promise.all([migrate(database), migrate(database)]);
  await using around = await neighbourhood({ DIFY_VERSION: '1.10.0', DB_TYPE: 'mysql' }, runsCode, {
    accounts: accountsInPostgres(database),
    apps: appsInPostgres(database),
    workflows: workflowsInPostgres(database),
    keys: apiKeysInPostgres(database),
    runs: runsInPostgres(database),
    ...knowledgeInPostgres(database),
  });
  around.stores.tasks.send = (_task, _queue, [dataset, documents]) =>
    indexDocuments(around.stores, dataset as string, documents as string[]);
  const api = await serve(around.api, { host: '127.0.0.1', port: 0 });
  const address = { host: '127.0.0.1', port: api.port };
  const { use, steps } = await recordFirstUse(address, { secretKey, target });
  expect(Object.entries(steps).filter(([, { state }]) => state !== 'done')).toEqual([]);
  const { proofs } = await proveUse(address, use, { secretKey });
  expect(Object.values(proofs).filter((proof) => proof !== null)).toEqual([]);
  const { rows } = await database.query('SELECT email FROM accounts');
  expect(rows).toEqual([{ email: use.account.email }]);
  await api.stop(1_000);
  await database.end();
});

test(
  'the drill of backup and restore judges a stack on MySQL in everything, and all of it passes',
  { timeout: 600_000 * slowness },
  async () => {
    const [stack, report] = [storeStack('mysql'), mkdtempSync(path.join(os.tmpdir(), 'standin-mysql-'))];
    made.push(stack, report);
    const run = startVerify(['--stack', stack, '--only', 'backup', '--report', report]);
    expect({ ended: await run.ended, said: run.output().stderr }).toEqual({ ended: 0, said: '' });
    const { checks } = JSON.parse(readFileSync(path.join(report, 'summary.json'), 'utf8')) as Summary;
    const drill = checks.filter(({ suite }) => suite === 'backup');
    // What is skipped is not judged, and would be no proof.
    expect(drill.filter(({ status }) => status !== 'pass').map(({ id, status }) => `${id} ${status}`)).toEqual([]);
    expect(drill.map(({ id }) => id)).toEqual(expect.arrayContaining(OF_MYSQL));
    expect(drill.filter(({ id }) => id.includes('postgres'))).toEqual([]);
    expect(drill.length).toBeGreaterThanOrEqual(47);
  },
);

const OF_MYSQL = [
  'backup/kept/db_mysql',
  'backup/readable/mysql',
  ...['rows', 'sequences', 'schema', 'roles'].map((aspect) => `backup/same/mysql/${aspect}`),
  ...['acknowledged', 'whole'].map((promised) => `backup/load/mysql/${promised}`),
];
