import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { catalogue } from '../../../fixtures/mutation/catalogue.ts';
import { setIn, type Fault } from '../../../fixtures/mutation/fault.ts';
import { gate, runFault } from '../../../fixtures/mutation/run-fault.ts';
import { readSummary } from '../../../fixtures/run/report/read-summary.ts';

/** Faults of files alone: judged in this process, without an engine. */
const published = catalogue.find(({ id }) => id === 'config-database-published');
if (!published) throw new Error('no fault publishes the database');
const green = new Set(['config/port/db', 'config/port/redis']);
const tried = (fault: Partial<Fault>, known: ReadonlySet<string> = green) =>
  runFault({ ...published, ...fault }, 'compose', known);

describe('a fault of files', { timeout: 30_000 * slowness }, () => {
  test('is killed by the check and as the cause that it names', async () => {
    expect(await tried({})).toMatchObject({
      status: 'killed',
      killedBy: ['config/port/db'],
      causes: ['port-published:db'],
    });
  });

  test('survives where the check that it names stays green, and what is red instead is told', async () => {
    const { status, message } = await tried({ expect: ['config/port/db', 'config/port/redis'] });
    expect(status).toBe('survived');
    expect(message).toContain('still green: config/port/redis');
  });

  test('survives where another cause is told first', async () => {
    expect(await tried({ cause: 'port-published:redis' })).toMatchObject({
      status: 'survived',
      message: 'told first under the cause port-published:db, expected port-published:redis',
    });
  });

  test('survives where a check that is to say that it cannot judge judges', async () => {
    expect(await tried({ expect: [], unjudged: ['config/port/db'] })).toMatchObject({ status: 'survived' });
  });

  const named: Fault['edit'] = (files) =>
    files.compose((doc) => setIn(doc, ['services', 'api', 'container_name'], 'dify-api'));
  test('that compose refuses is killed by a line that names what it must', async () => {
    const refused = { edit: named, expect: [], cause: '', refused: ['container_name dify-api', 'deploy.replicas 3'] };
    expect(await tried(refused)).toMatchObject({ status: 'killed', killedBy: [] });
    const { status, message } = await tried({ ...refused, refused: ['container_name', 'web'] });
    expect(status).toBe('survived');
    expect(message).toMatch(/^not named: web; told: exit 1: docker-compose\.yaml:/);
  });

  test('survives where it is to be refused and the directory is judged', async () => {
    expect(await tried({ expect: [], cause: '', refused: ['container_name'] })).toMatchObject({
      status: 'survived',
      message: 'the directory was read and judged',
    });
  });

  test('proves nothing by a check that is red on the unbroken stack', async () => {
    expect(await tried({}, new Set(['!config/port/db']))).toMatchObject({ status: 'error' });
  });

  test('that finds nothing to break is an error in words', async () => {
    const edit: Fault['edit'] = (files) => files.replace('docker-compose.yaml', 'nothing of the kind', '');
    expect(await tried({ edit })).toMatchObject({
      status: 'error',
      message: 'the fault changes nothing: nothing of the kind is not in docker-compose.yaml',
    });
  });

  test('that leaves no stack to read is an error in words', async () => {
    const edit: Fault['edit'] = (files) => files.write('docker-compose.yaml', 'services: [');
    const { status, message } = await tried({ edit });
    expect(status).toBe('error');
    expect(message).toMatch(/^exit [12]: /);
  });
});

test('the report of its run is kept where that is asked for', { timeout: 60_000 * slowness }, async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'kept-report-'));
  try {
    const report = path.join(folder, published.id);
    expect(await runFault(published, 'compose', green, { report })).toMatchObject({ status: 'killed' });
    expect(readSummary(report).causes.map(({ id }) => id)).toContain('port-published:db');
    expect(existsSync(path.join(report, 'index.html'))).toBe(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('nothing is written for files alone', { timeout: 30_000 * slowness }, async () => {
  const seen = await gate('compose', { only: ['config'], checks: ['config/port/*'] });
  expect('summary' in seen && seen.summary.checks.map(({ status }) => status)).not.toContain('fail');
});
