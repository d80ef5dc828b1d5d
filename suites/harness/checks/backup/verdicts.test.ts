import { describe, expect, test } from 'vitest';
import type { LoadCheck, RestoredCheck, Use } from '../../../../fixtures/checks/backup/obligations.ts';
import type { StepsObservation } from '../../../../fixtures/checks/datapath/steps.ts';
import { contract, done, failed } from '../datapath/samples.ts';
import { keptVerdict } from '../../../../fixtures/checks/backup/kept.ts';
import type { KilledObservation } from '../../../../fixtures/checks/backup/killed.ts';
import type { LoadRecord, Write } from '../../../../fixtures/checks/backup/load-record.ts';
import { judgeLoad } from '../../../../fixtures/checks/backup/load-verdicts.ts';
import {
  judgeApart,
  judgeRestored,
  judgeTaken,
  judgeUse,
  type UsesObservation,
} from '../../../../fixtures/checks/backup/outcome-verdicts.ts';
import { aspectOf, judgeSame } from '../../../../fixtures/checks/backup/same-verdicts.ts';
import { judgeServed } from '../../../../fixtures/checks/backup/served.ts';
import { judgeKilled, judgeReadable, judgeRefusal } from '../../../../fixtures/checks/backup/verdicts.ts';
import type { StackSnapshot } from '../../../../fixtures/data/snapshot/snapshot.ts';

const base = { id: 'backup/x', title: 'x', level: 'must' as const };

describe('what must be the same', () => {
  const storage = { service: 'api', target: '/app/api/storage' };
  const file = { kind: 'f', sizeBytes: 1, sha256: 'a', uid: 0, gid: 0, mode: '600' };
  const before: StackSnapshot = {
    postgres: {
      roles: { postgres: 'superuser' },
      databases: {
        dify: {
          properties: '',
          tables: { 'public.accounts': { count: 2, checksum: '1' } },
          sequences: { 'public.s': '7' },
          schema: { 'public.accounts': 'digest' },
          extensions: { plpgsql: '1.0' },
          largeObjects: { count: 0, checksum: '0' },
        },
      },
    },
    mysql: {
      accounts: { "'dify'@'%'": 'login' },
      databases: {
        dify: {
          properties: '',
          tables: { accounts: { count: 2, checksum: '1' } },
          sequences: { accounts: '3' },
          schema: { accounts: 'digest' },
        },
      },
    },
    redis: { '0': { key: { type: 'string', digest: 'd', ttl: 'short' } } },
    vectors: { C: { schema: 's', objects: { count: 1, checksum: '1' }, answers: { 'query 1': ['id'] } } },
    files: { 'api:/app/api/storage/a': file },
  };
  const check = (store: RestoredCheck['store'], aspect: RestoredCheck['aspect'], of: RestoredCheck['of'] = null) => ({
    ...base,
    store,
    aspect,
    of,
  });
  const difference = (store: RestoredCheck['store'], thing: string, expected = 'a', seen = 'b') => ({
    store,
    thing,
    expected,
    seen,
  });

  test.for([
    [difference('postgres', 'table dify.public.accounts'), 'rows'],
    [difference('postgres', 'database dify_plugin', '4 tables', 'missing'), 'rows'],
    [difference('postgres', 'role later'), 'roles'],
    [difference('postgres', 'next value of sequence dify.public.s'), 'sequences'],
    [difference('postgres', 'schema of dify.public.accounts'), 'schema'],
    [difference('postgres', 'properties of database dify'), 'schema'],
    [difference('postgres', 'extension dify.vector'), 'extensions'],
    [difference('postgres', 'large objects of dify'), 'large-objects'],
    [difference('mysql', 'table dify.accounts'), 'rows'],
    [difference('mysql', 'database dify_plugin', '4 tables', 'missing'), 'rows'],
    [difference('mysql', "account 'dify'@'%'"), 'roles'],
    [difference('mysql', 'next number of table dify.accounts'), 'sequences'],
    [difference('mysql', 'schema of dify.accounts'), 'schema'],
    [difference('mysql', 'properties of database dify'), 'schema'],
    [difference('redis', 'key 0/session'), 'keys'],
    [difference('redis', 'database 1'), 'keys'],
    [difference('redis', 'key 0/session', 'ttl short', 'ttl none'), 'expiry'],
    [difference('vectors', 'objects of class C'), 'objects'],
    [difference('vectors', 'class C'), 'objects'],
    [difference('vectors', 'schema of class C'), 'schema'],
    [difference('vectors', 'answer of class C to query 1'), 'answers'],
    [difference('files', 'file api:/app/api/storage/a'), 'contents'],
    [difference('files', 'file api:/app/api/storage/a', 'mode 600', 'mode 644'), 'owners-and-modes'],
  ] as const)('%j belongs to %s, and only there', ([seen, aspect]) => {
    expect(aspectOf(seen)).toBe(aspect);
    const judged = judgeSame(check(seen.store, aspect, seen.store === 'files' ? storage : null), before, [seen]);
    const nothingHeld = aspect === 'large-objects';
    expect(judged.status).toBe(nothingHeld ? 'error' : 'fail');
    if (!nothingHeld) expect(judged.message).toContain(seen.thing);
    const other = aspect === 'rows' ? check('postgres', 'roles') : check('postgres', 'rows');
    expect(judgeSame(other, before, [seen]).status).toBe('pass');
  });

  test('a mount is judged by its own files only, and one that held none proves nothing', () => {
    const others = difference('files', 'file plugin_daemon:/app/storage/a');
    expect(judgeSame(check('files', 'contents', storage), before, [others]).status).toBe('pass');
    const plugins = { service: 'plugin_daemon', target: '/app/storage' };
    expect(judgeSame(check('files', 'contents', plugins), before, []).status).toBe('error');
  });
});

describe('what was written during the backup', () => {
  const write = (n: number, sentMs: number, acknowledgedMs: number | null): Write => ({
    store: 'redis',
    n,
    sentMs,
    acknowledgedMs,
  });
  const record = (writes: Write[], found: Record<string, string>): LoadRecord => ({
    backupStartedMs: 100,
    backupEndedMs: 200,
    writes,
    found: [{ store: 'redis', found }],
  });
  const check = (promised: LoadCheck['promised']): LoadCheck => ({ ...base, store: 'redis', promised });

  test.for([
    ['acknowledged before, there', [write(1, 90, 99)], { 1: '' }, 'pass'],
    ['acknowledged before, lost', [write(1, 90, 99), write(2, 95, 99)], { 1: '' }, 'fail'],
    ['acknowledged at the very start is not before', [write(1, 90, 100)], { 1: '' }, 'error'],
    ['never acknowledged', [write(1, 90, null)], { 1: '' }, 'error'],
  ] as const)('acknowledged: %s', ([, writes, found, status]) => {
    expect(judgeLoad(check('acknowledged'), record([...writes], found)).status).toBe(status);
  });

  test.for([
    ['whole or not at all', [write(1, 110, 120), write(2, 130, null)], { 1: '' }, 'pass'],
    ['by halves', [write(1, 110, 120)], { 1: 'key b' }, 'fail'],
    ['by halves, though never acknowledged', [write(1, 110, null)], { 1: 'key b' }, 'fail'],
    ['nothing was sent meanwhile', [write(1, 90, 99)], { 1: '' }, 'error'],
  ] as const)('whole: %s', ([, writes, found, status]) => {
    expect(judgeLoad(check('whole'), record([...writes], found)).status).toBe(status);
  });

  test('a store that was not read proves nothing', () => {
    expect(judgeLoad({ ...check('whole'), store: 'vectors' }, record([], {})).status).toBe('error');
  });
});

describe('where a store writes', () => {
  const check = { ...base, service: 'db', store: 'database' as const };
  const data = '/var/lib/postgresql/data';
  test.for([
    ['in a volume', `${data}/pgdata`, [{ target: data, kind: 'volume', name: 'p_db' }], 'pass'],
    ['in a bind mount', data, [{ target: data, kind: 'bind', name: '' }], 'pass'],
    ['beside the volume', '/pgdata', [{ target: data, kind: 'volume', name: 'p_db' }], 'fail'],
    ['in a folder whose name begins alike', `${data}2`, [{ target: data, kind: 'volume', name: 'p_db' }], 'fail'],
    [
      'in an anonymous volume above the named one',
      data,
      [
        { target: '/var/lib/postgresql', kind: 'volume', name: 'p_db' },
        { target: data, kind: 'volume', name: 'a'.repeat(64) },
      ],
      'fail',
    ],
    ['in memory', data, [{ target: data, kind: 'tmpfs', name: '' }], 'fail'],
    ['nobody knows', '', [{ target: data, kind: 'volume', name: 'p_db' }], 'error'],
  ] as const)('%s: %s', ([, directory, mounts, status]) => {
    expect(keptVerdict(check, { directory, elsewhere: null, mounts: [...mounts] }).status).toBe(status);
  });
});

test('files in object storage are no concern of a volume', () => {
  const check = { ...base, service: 'api', store: 'storage' as const };
  expect(keptVerdict(check, { directory: '', elsewhere: 'STORAGE_TYPE is s3', mounts: [] }).status).toBe('skip');
});

describe('what must be refused', () => {
  const check = { ...base, refusal: 'cut' as const, original: false };
  test.for([
    ['refused by name', { refused: 'files.tar is cut', names: 'files.tar', touched: [], unable: null }, 'pass'],
    ['taken', { refused: null, names: 'files.tar', touched: [], unable: null }, 'fail'],
    ['refused, too late', { refused: 'files.tar', names: 'files.tar', touched: ['volume v'], unable: null }, 'fail'],
    ['refused without saying what', { refused: 'no', names: 'files.tar', touched: [], unable: null }, 'fail'],
    ['not to be tried here', { refused: null, names: '', touched: [], unable: 'no unshare' }, 'error'],
    ['of no concern to own procedures', null, 'skip'],
  ] as const)('%s', ([, seen, status]) => {
    expect(judgeRefusal(check, seen && { ...seen, touched: [...seen.touched] }).status).toBe(status);
  });
});

describe('what is killed half-way', () => {
  const state = [{ name: 'p-weaviate-1', service: 'weaviate', running: true, health: null }];
  const seen: KilledObservation = { at: 'then', output: '', passes: [], left: [], before: state, after: state };
  test.for([
    ['backup', 'a partial folder stays', { ...seen, left: ['backup.partial-7'] }, 'pass'],
    ['backup', 'it passes for whole', { ...seen, passes: ['backup'] }, 'fail'],
    ['backup', 'the vector store stays down', { ...seen, after: [{ ...state[0]!, running: false }] }, 'fail'],
    ['backup', 'it was faster', { ...seen, at: null }, 'error'],
    ['restore', 'nothing is left', seen, 'pass'],
    ['restore', 'volumes are left', { ...seen, left: ['volume v'] }, 'fail'],
    ['restore', 'api serves half of the data', { ...seen, passes: ['api'] }, 'fail'],
    ['restore', 'own procedures', null, 'skip'],
  ] as const)('%s: %s', ([killed, , record, status]) => {
    expect(judgeKilled(killed, record).status).toBe(status);
  });
});

test.for([
  ['as before', 'healthy', [{ name: 'a', service: 'a', running: true, health: 'healthy' }], 'pass'],
  ['healthy since', 'starting', [{ name: 'a', service: 'a', running: true, health: 'healthy' }], 'pass'],
  ['as unhealthy as before', 'unhealthy', [{ name: 'a', service: 'a', running: true, health: 'unhealthy' }], 'pass'],
  ['down', 'healthy', [{ name: 'a', service: 'a', running: false, health: 'healthy' }], 'fail'],
  ['starting again', 'healthy', [{ name: 'a', service: 'a', running: true, health: 'starting' }], 'fail'],
  ['unhealthy', 'starting', [{ name: 'a', service: 'a', running: true, health: 'unhealthy' }], 'fail'],
  ['gone', 'healthy', [], 'fail'],
] as const)('a container after the backup: %s', ([, health, after, status]) => {
  expect(judgeServed([{ name: 'a', service: 'a', running: true, health }], [...after]).status).toBe(status);
});

test('a stack without a container was not seen to serve on', () => {
  expect(judgeServed([], []).status).toBe('error');
});

test('a backup counts as taken under load only when writes were acknowledged meanwhile', () => {
  const seen = { failure: null, startedMs: 100, endedMs: 200, writes: [{ acknowledgedMs: 150 }] };
  expect(judgeTaken(seen).status).toBe('pass');
  expect(judgeTaken({ ...seen, writes: [{ acknowledgedMs: 99 }, { acknowledgedMs: null }] }).status).toBe('error');
  expect(judgeTaken({ ...seen, failure: 'no space' })).toMatchObject({ status: 'fail', message: /no space/ });
});

test('a backup that does not restore is red', () => {
  const seen = { failure: null, before: ['api', 'db'], running: ['api', 'db', 'web'] };
  expect(judgeRestored(seen).status).toBe('pass');
  expect(judgeRestored({ ...seen, failure: 'x' }).status).toBe('fail');
  expect(judgeRestored({ ...seen, running: ['db'] })).toMatchObject({ status: 'fail', message: /api does not run/ });
  expect(judgeRestored({ ...seen, before: [], running: [] }).status).toBe('error');
});

test('a restored project has nothing of the one that was backed up', () => {
  expect(judgeApart({ original: ['volume a'], restored: ['volume b'] }).status).toBe('pass');
  expect(judgeApart({ original: ['volume a'], restored: ['volume b', 'volume a'] })).toMatchObject({ status: 'fail' });
  expect(judgeApart({ original: [], restored: ['volume b'] }).status).toBe('error');
});

test('a use that failed before the backup, too, says nothing of the restore', () => {
  const proofs = { login: null, run: 'status 500', credential: null, file: null, retrieval: null };
  const judged = (use: Use, before = done, seen: UsesObservation['proofs'] = proofs) =>
    judgeUse({ ...base, use }, { before, proofs: seen }, contract.steps);
  expect(judged('login').status).toBe('pass');
  expect(judged('run')).toMatchObject({ status: 'fail' });
  expect(judged('login', done, null).status).toBe('error');
  const noLogin: StepsObservation = {
    ...done,
    login: failed({ status: 401 }, '401'),
    upload: { state: 'not-tried', because: 'login' },
  };
  expect(judged('login', noLogin)).toMatchObject({
    status: 'blocked',
    blockedBy: 'datapath/login',
    message: 'it did not work before the backup either: nothing to be seen: datapath/login failed (401)',
  });
  expect(judged('file', noLogin)).toMatchObject({ status: 'blocked', blockedBy: 'datapath/login' });
  // What did work is asked for all the same.
  expect(judged('run', noLogin).status).toBe('fail');
  expect(judged('retrieval', {}).status).toBe('error');
});

test('a part that restores elsewhere holds what the store held', () => {
  expect(judgeReadable({ compared: 0, differences: [], refused: null }).status).toBe('error');
  expect(judgeReadable({ compared: 3, differences: [], refused: null }).status).toBe('pass');
  const lost = { store: 'postgres' as const, thing: 'table dify.a', expected: '2 rows', seen: 'missing' };
  expect(judgeReadable({ compared: 3, differences: [lost], refused: null })).toMatchObject({
    status: 'fail',
    message: /table dify\.a/,
  });
  const refused = 'database dify does not restore: ERROR: extension "zh" is not available';
  expect(judgeReadable({ compared: 0, differences: [], refused })).toMatchObject({
    status: 'fail',
    message: /extension "zh"/,
  });
});
