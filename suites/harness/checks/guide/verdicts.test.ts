import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { OutsideCheck, RestartCheck, StateCheck } from '../../../../fixtures/checks/guide/obligations.ts';
import { dumpVerdict, psqlVerdict, tarVerdict } from '../../../../fixtures/checks/guide/database.ts';
import { execVerdict, insideCommand } from '../../../../fixtures/checks/guide/exec.ts';
import {
  logsVerdict,
  networkVerdict,
  statsVerdict,
  stateVerdict,
} from '../../../../fixtures/checks/guide/listed-verdicts.ts';
import { outsideVerdict, type OutsideObservation } from '../../../../fixtures/checks/guide/outside.ts';
import {
  beforeFirstLine,
  bytesOf,
  logLines,
  networkMembers,
  psRows,
  settled,
  statsRows,
} from '../../../../fixtures/checks/guide/parse.ts';
import { restartVerdict } from '../../../../fixtures/checks/guide/restart-verdict.ts';
import type { RestartObservation } from '../../../../fixtures/checks/guide/restart.ts';
import { formsVerdict, type Tried } from '../../../../fixtures/checks/guide/tried.ts';
import { connectionTaken, pong, redisQuestion, startupMessage } from '../../../../fixtures/checks/guide/wire.ts';
import { containerOf } from '../../../../fixtures/testing/container-of.ts';

const must = { id: 'guide/x', title: 'x', level: 'must' as const };
const said = ({ status, message = '' }: Verdict) => `${status}: ${message}`;

describe('a command inside of a container', () => {
  const tried = (ok: boolean, form = 'f'): Tried => ({ form, ok, said: ok ? 'PONG' : 'NOAUTH' });
  const details = { why: 'w', hint: 'h' };
  test.for([
    ['the guide’s own form works', tried(true, 'redis-cli ping'), [], /^pass: as in the guide: redis-cli ping/],
    ['it does not', tried(false), [tried(true)], /^fail: .*"f" to work; it said NOAUTH/],
    ['what takes its place works', null, [tried(true, 'a'), tried(true, 'b')], /^pass: no tool; what works: a .*; b/],
    ['one of them does not', null, [tried(true, 'a'), tried(false, 'b')], /^fail: no tool; in its place "b"/],
    ['nothing was tried', null, [], /^error: /],
  ] as const)('%s', ([, literal, instead, expected]) => {
    expect(said(formsVerdict({ literal, missing: 'no tool', instead: [...instead] }, details))).toMatch(expected);
  });

  test('the start-up packet is that of the protocol, and so are the questions to Redis', () => {
    const packet = Buffer.from(startupMessage('postgres'));
    expect(packet.readInt32BE(0)).toBe(packet.length);
    expect(packet.readInt32BE(4)).toBe(196_608);
    expect(packet.subarray(8).toString()).toBe('user\0postgres\0\0');
    expect(redisQuestion('a b')).toBe('*2\r\n$4\r\nAUTH\r\n$3\r\na b\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n');
    expect(redisQuestion('')).toMatch(/^\*1\r\n\$4\r\nPING/);
  });

  test.for([
    ['R\0\0\0\x17\0\0\0\nSCRAM-SHA-256', true],
    ['E\0\0\0\x60SFATAL\0VFATAL\0C28000\0Mrole "x" does not exist\0', true],
    ['E\0\0\0\x60SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0', false],
    ['', false],
    ['HTTP/1.1 400 Bad Request', false],
  ] as const)('an answer to pg_isready %j: %j', ([received, ok]) => {
    expect(connectionTaken(received, 'open').ok).toBe(ok);
  });

  test('NOAUTH is no pass, whatever the exit code', () => {
    expect(pong('PONG\n')).toBe(true);
    for (const output of ['NOAUTH Authentication required.\n', 'AUTH failed: WRONGPASS\nPONG\nNOAUTH', ''])
      expect(pong(output)).toBe(false);
  });
});

describe('curl -I from outside', () => {
  const entry = { nginx: 'nginx', port: 80, tls: false, published: true, outside: '80', host: null };
  const check = (page: OutsideCheck['page'], path: string): OutsideCheck => {
    return { ...must, page, path, entry, api: { service: 'api', port: 5001 } };
  };
  const got = (status: number | null, headers: Record<string, string> = {}, body = '') => ({
    status,
    headers,
    body,
    error: status === null ? 'ECONNREFUSED' : null,
  });
  const api = (status: number, body = '') => got(status, { 'x-version': '1.5.0', 'x-env': 'PRODUCTION' }, body);
  const web = (status: number) => got(status, { vary: 'RSC, Next-Router-State-Tree' });
  const ok = api(200, '{"pid": 18, "status": "ok", "version": "1.5.0"}');
  const verdict = (page: OutsideCheck['page'], path: string, seen: OutsideObservation) =>
    said(outsideVerdict(check(page, path), seen));

  test.for([
    ['site', '/', got(307, { location: '/apps' }), null, /^pass: curl -I \/: 307 to \/apps/],
    ['site', '/', got(405), null, /^fail: .*405/],
    ['site', '/', got(502), null, /^fail: /],
    ['site', '/', got(null), null, /^fail: .*ECONNREFUSED/],
    ['setup', '/console/api/setup', api(200), null, /^pass: /],
    ['setup', '/console/api/setup', web(200), null, /^fail: .*200 of web/],
    ['setup', '/console/api/setup', api(500), null, /^fail: .*500 of api/],
    ['health', '/health', api(200), null, /^pass: as in the guide/],
    ['health', '/health', api(500), null, /^fail: .*500 of api/],
    [
      'health',
      '/health',
      web(404),
      ok,
      /^pass: .*404 of web.*what works: docker compose exec api curl http:\/\/api:5001\/health/,
    ],
    ['health', '/health', web(404), got(null), /^fail: .*where it listens.*ECONNREFUSED/],
    ['health', '/health', web(404), got(200, {}, '<html>'), /^fail: /],
    ['health', '/health', got(405), ok, /^fail: .*answer to HEAD.*405/],
    ['health', '/health', web(404), null, /^error: /],
    ['no-route', '/api/apps', api(404), api(401), /^pass: .*what works: curl -i \/console\/api\/apps, 401/],
    ['no-route', '/api/apps', web(404), api(401), /^fail: .*404 of web/],
    ['no-route', '/api/apps', api(404), api(200), /^fail: .*401 of api without a login.*200/],
    ['no-route', '/api/apps', api(404), null, /^error: /],
    ['no-route', '/api/apps', api(404), api(500), /^fail: .*sound api, the form that works got 500/],
  ] as const)('%s %s', ([page, path, head, working, expected]) => {
    expect(verdict(page, path, { head, working })).toMatch(expected);
  });
});

describe('what the commands list', () => {
  const state: StateCheck = { ...must, service: 'api', replicas: 2, checked: true };
  const row = (number: number, more: object = {}) => ({
    Name: `p-api-${number}`,
    Service: 'api',
    State: 'running',
    Health: 'healthy',
    ExitCode: 0,
    ...more,
  });
  const rows = (...list: object[]) => psRows(list.map((one) => JSON.stringify(one)).join('\n'));

  test.for([
    ['both healthy', rows(row(1), row(2)), 'pass'],
    ['compose before 2.21 writes one array', psRows(JSON.stringify([row(1), row(2)])), 'pass'],
    ['one is missing', rows(row(1)), 'fail'],
    ['one has ended', rows(row(1), row(2, { State: 'exited', ExitCode: 137 })), 'fail'],
    ['one is not healthy', rows(row(1), row(2, { Health: 'unhealthy' })), 'fail'],
    ['none is listed', rows(row(1, { Service: 'web' })), 'fail'],
    ['nothing is listed', psRows('\n'), 'fail'],
  ] as const)('docker compose ps: %s', ([, listed, status]) => {
    expect(stateVerdict(state, listed).status).toBe(status);
  });

  test('what is still starting is waited for, what has ended is not', () => {
    expect(settled(rows(row(1, { Health: 'starting' })))).toBe(false);
    expect(settled(rows(row(1, { State: 'restarting', Health: '' })))).toBe(false);
    expect(settled(rows(row(1, { State: 'exited' })))).toBe(true);
  });

  test('logs: asked for from before the first start, since lines can be older than the start', () => {
    const created = ['2026-11-28T07:02:33.984733109Z', '2026-11-28T07:02:33.98Z'];
    expect(beforeFirstLine(created.map((createdAt) => ({ createdAt })))).toBe('2026-11-28T07:02:33.980Z');
  });

  test('logs: lines of each container, by its prefix; ours in nginx are not the stack’s', () => {
    const lines = logLines(
      'api-1  | ready\napi-2  | ready\nweb-2-1 | hi\nnginx-1  | verify {"id":""}\nworker_beat-1 | \nworker-1 | ready\n',
    );
    expect(Object.fromEntries(lines)).toEqual({
      'api-1': ['ready'],
      'api-2': ['ready'],
      'web-2-1': ['hi'],
      'worker-1': ['ready'],
    });
    const containers = [
      containerOf('api', 1, {}),
      containerOf('api', 2, {}),
      containerOf('nginx', 1, {}),
      containerOf('worker', 1, {}),
      containerOf('worker', 2, {}),
    ];
    const check = (service: string, unreadable: string | null = null, mayBeSilent = false) =>
      said(logsVerdict({ ...must, service, unreadable, mayBeSilent }, { lines, containers }));
    expect(check('api')).toMatch(/^pass: .*1 lines or more of each/);
    // One that speaks must not hide one that is silent.
    expect(check('worker')).toMatch(/^fail: expected lines of p-worker-2 since/);
    expect(check('web')).toMatch(/^error/);
    expect(check('nginx')).toMatch(/^fail: .*shows none/);
    expect(check('api', 'none')).toMatch(/^fail: .*driver none/);
    // A service of the operators, of which nobody knows whether it has anything to say; a replica of it that speaks tells.
    expect(check('nginx', null, true)).toMatch(/^skip: nginx has written nothing/);
    expect(check('worker', null, true)).toMatch(/^fail/);
    expect(check('nginx', 'none', true)).toMatch(/^fail: .*driver none/);
    const nothing = { lines: new Map(), containers };
    expect(said(logsVerdict({ ...must, service: 'api', unreadable: null, mayBeSilent: true }, nothing))).toMatch(
      /^error/,
    );
  });

  test.for([
    ['12.3MiB', 12_897_485],
    ['1.5GiB', 1_610_612_736],
    ['0B', 0],
    ['--', 0],
    ['', 0],
  ] as const)('memory %j is %i bytes', ([text, bytes]) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  const [one, two] = [containerOf('api', 1, { default: '10.0.0.2' }), containerOf('api', 2, { default: '10.0.0.3' })];
  const stopped = containerOf('api', 2, {}, { running: false, state: 'exited' });
  const stat = (id: string, memory = '30MiB / 1GiB') => JSON.stringify({ ID: id, MemUsage: memory });
  test.for([
    ['a row each', [stat('api1'), stat('api2')], [one, two], 'pass'],
    ['a row is missing', [stat('api1')], [one, two], 'fail'],
    ['no memory', [stat('api1'), stat('api2', '0B / 0B')], [one, two], 'fail'],
    ['one of two is running', [stat('api1')], [one], 'fail'],
    ['nothing is running', [], [], 'fail'],
  ] as const)('docker stats: %s', ([, list, containers, status]) => {
    const verdict = statsVerdict(
      { ...must, service: 'api', replicas: 2 },
      { rows: statsRows(list.join('\n')), containers },
    );
    expect(verdict.status).toBe(status);
  });

  const inspected = (...ids: string[]) =>
    JSON.stringify([{ Containers: Object.fromEntries(ids.map((id) => [id, { IPv4Address: '10.0.0.2/16' }])) }]);
  test.for([
    ['both are there', inspected('api1', 'api2'), [one, two], ['api'], 'pass'],
    ['one is not', inspected('api1'), [one, two], ['api'], 'fail'],
    ['one of two does not run', inspected('api1'), [one, stopped], ['api'], 'fail'],
    ['a service does not run', inspected('api1', 'api2'), [one, two], ['api', 'web'], 'fail'],
    ['none of them runs', inspected(), [], ['api'], 'error'],
    ['an empty network', JSON.stringify([{ Containers: null }]), [one], ['api'], 'fail'],
  ] as const)('docker network inspect: %s', ([, output, containers, services, status]) => {
    const check = { ...must, network: 'default', services: [...services], replicas: { api: containers.length } };
    expect(networkVerdict(check, { members: networkMembers(output), containers }).status).toBe(status);
  });
});

describe('the database', () => {
  const check = { ...must, service: 'db', of: 'api', user: 'postgres', database: 'dify' };
  const ran = (exitCode: number | null, stdout = '', stderr = '') => ({ exitCode, stdout, stderr });
  test.for([
    [ran(0, '78\n'), /^pass: .*78 tables/],
    [ran(0, '0\n'), /^fail: .*found 0/],
    [ran(0, ''), /^fail: .*no answer/],
    [
      ran(2, '', 'psql: error: FATAL:  Peer authentication failed for user "postgres"\n'),
      /^fail: .*Peer authentication/,
    ],
    [ran(null), /^fail: /],
  ] as const)('psql: %j', ([seen, expected]) => {
    expect(said(psqlVerdict(check, seen))).toMatch(expected);
  });

  test('a server that is down is told from one that lets nobody in', () => {
    const down = ran(1, '', 'service "db" is not running');
    expect(psqlVerdict(check, down).hint).toMatch(/docker compose logs db/);
    expect(dumpVerdict(check, down).hint).toMatch(/docker compose logs db/);
    expect(psqlVerdict(check, ran(2, '', 'FATAL: Peer')).hint).toMatch(/pg_hba/);
  });

  const END = '--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict abc\n';
  test.for([
    [ran(0, END, 'pg_dump left with 0\n'), /^pass: /],
    [ran(0, 'COPY public.apps …', 'pg_dump left with 0\n'), /^fail: .*ends with COPY/],
    [ran(0, '', 'pg_dump: error: connection failed\npg_dump left with 1\n'), /^fail: .*left with 1: pg_dump: error/],
    [ran(null, END, ''), /^fail: .*did not end/],
  ] as const)('pg_dump: %j', ([seen, expected]) => {
    expect(said(dumpVerdict(check, seen))).toMatch(expected);
  });

  const mount = { source: 'dify_db_data', target: '/var/lib/postgresql/data' };
  const volume = { ...must, service: 'db', mount, dataDir: '/var/lib/postgresql/data/pgdata' };
  test.for([
    [ran(0, './\n./pgdata/PG_VERSION\n./pgdata/global/pg_control\n'), /^pass: .*no backup/],
    [ran(0, './\n'), /^fail: .*0 entries/],
    [ran(0, './\n./pgdata/PG_VERSION\n'), /^fail: .*pg_control/],
    [ran(null, './\n./pgdata/PG_VERSION\n./pgdata/global/pg_control\n'), /^error: .*did not end well/],
    [ran(127, '', 'sh: tar: not found'), /^error: .*tar: not found/],
  ] as const)('tar of the volume: %j', ([seen, expected]) => {
    expect(said(tarVerdict(volume, seen))).toMatch(expected);
  });
  test('a database without a volume has nothing to make a tar of', () => {
    expect(said(tarVerdict({ ...volume, mount: null }, null))).toMatch(/^fail: .*gives it none/);
  });
});

describe('exec and restart', () => {
  const inside = (number: number, stdout: string, exitCode = 0) => ({
    container: { id: `${number}${'abcdef'.repeat(10)}`, name: `p-api-${number}`, number },
    command: insideCommand('nginx-test', ['-c', '/own.conf']),
    ran: { exitCode, stdout, stderr: exitCode === 0 ? '' : 'OCI runtime exec failed' },
  });
  const replicas = { ...must, service: 'api', replicas: 1, kind: 'replicas' as const, hostname: null };
  test.for([
    ['each is reached', [inside(1, '1abcdefabcde\n'), inside(2, '2abcdefabcde\n')], replicas, 'pass'],
    ['another is', [inside(1, '2abcdefabcde\n')], replicas, 'fail'],
    ['none is', [inside(1, '', 126)], replicas, 'fail'],
    ['it says nothing', [inside(1, '')], replicas, 'fail'],
    ['there is none', [], replicas, 'error'],
    ['one of two is tried', [inside(1, '1abcdefabcde\n')], { ...replicas, replicas: 2 }, 'error'],
    ['a host name of its own', [inside(1, 'dify-api\n')], { ...replicas, hostname: 'dify-api' }, 'pass'],
    ['another’s host name', [inside(1, 'dify-web\n')], { ...replicas, hostname: 'dify-api' }, 'fail'],
    ['nginx -t', [inside(1, '')], { ...replicas, kind: 'nginx-test' as const }, 'pass'],
    ['nginx -t fails', [inside(1, '', 1)], { ...replicas, kind: 'nginx-test' as const }, 'fail'],
  ] as const)('docker compose exec: %s', ([, seen, check, status]) => {
    expect(execVerdict(check, seen).status).toBe(status);
  });

  test('a file that is mounted over /etc/hostname is not asked, and nginx tests what it runs', () => {
    expect(insideCommand('replicas', [])).toEqual(['cat', '/proc/sys/kernel/hostname']);
    expect(execVerdict({ ...replicas, kind: 'nginx-test' }, [inside(1, '')]).message).toMatch(
      /exec api nginx -t -c \/own\.conf:/,
    );
  });

  test('of nginx -t the line that names file and line is told', () => {
    const stderr =
      '2026/01/01 00:00:00 [emerg] 48#48: unknown directive "x" in /etc/nginx/a.conf:1\nnginx: configuration file test failed\n';
    const failed = { ...inside(1, ''), ran: { exitCode: 1, stdout: '', stderr } };
    expect(said(execVerdict({ ...replicas, kind: 'nginx-test' }, [failed]))).toMatch(
      /said unknown directive "x" in .*:1$/,
    );
  });

  const check: RestartCheck = { ...must, service: 'nginx', budgetMs: 60_000, asks: [] };
  const before = [containerOf('nginx', 1, {}, { startedAt: '2026-01-01T00:00:00Z' })];
  const back = [containerOf('nginx', 1, {}, { startedAt: '2026-01-01T01:00:00Z' })];
  const seen: RestartObservation = {
    before,
    ran: { exitCode: 0, stdout: '', stderr: '', durationMs: 1000 },
    after: back,
    healed: true,
    elapsedMs: 1500,
    withinMs: 60_000,
    log: '',
    answers: [{ path: '/', status: 307, error: null }],
  };
  const looping = [containerOf('nginx', 1, {}, { running: false, state: 'restarting', exitCode: 1, restarts: 3 })];
  test.for([
    ['back, and the site answers', {}, /^pass: .*2\.5 s, the site answers/],
    ['without a site', { answers: [] }, /^pass: .*no site/],
    ['compose refuses', { ran: { ...seen.ran, exitCode: 1, stderr: 'no such service' } }, /^fail: .*no such service/],
    ['it loops', { healed: false, after: looping, log: 'a\nmkdir: File exists' }, /^fail: .*3 restarts.*File exists/],
    ['it is gone', { healed: false, after: [] }, /^fail: .*gone/],
    ['it was not started again', { after: before }, /^error: .*not started again/],
    ['there was nothing', { before: [] }, /^error: /],
    ['the site is down', { answers: [{ path: '/', status: 502, error: null }] }, /^fail: .*\/: 502/],
  ] as const)('docker compose restart: %s', ([, change, expected]) => {
    expect(said(restartVerdict(check, { ...seen, ...(change as Partial<RestartObservation>) }))).toMatch(expected);
  });
});
