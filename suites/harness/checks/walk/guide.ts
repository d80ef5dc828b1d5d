import { dumpVerdict, psqlVerdict, tarVerdict } from '../../../../fixtures/checks/guide/database.ts';
import { execVerdict } from '../../../../fixtures/checks/guide/exec.ts';
import { insideVerdict } from '../../../../fixtures/checks/guide/inside.ts';
import {
  logsVerdict,
  networkVerdict,
  statsVerdict,
  stateVerdict,
} from '../../../../fixtures/checks/guide/listed-verdicts.ts';
import { outsideVerdict } from '../../../../fixtures/checks/guide/outside.ts';
import { restartVerdict } from '../../../../fixtures/checks/guide/restart-verdict.ts';
import { scriptsVerdict } from '../../../../fixtures/checks/guide/scripts.ts';
import { formsVerdict } from '../../../../fixtures/checks/guide/tried.ts';
import type { OutsideCheck } from '../../../../fixtures/checks/guide/obligations.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { containerOf } from '../../../../fixtures/testing/container-of.ts';
import type { Rows } from './row.ts';

const must = { id: 'guide/x', title: '', level: 'must' as const, service: 'api' };
const one = containerOf('api', 1, { default: '10.0.0.2' }, { startedAt: '2026-01-01T01:00:00Z' });
const gone = containerOf('api', 2, {}, { running: false, state: 'exited' });
const two = { ...must, replicas: 2 };
const row = { name: 'p-api-1', service: 'api', state: 'running', health: 'healthy', exitCode: 0 };
const stat = { id: 'api1', memory: '30MiB / 1GiB', memoryBytes: 1 };
const network = { ...must, network: 'default', services: ['api'], replicas: { api: 2 } };
const ran = (exitCode: number | null, stdout = '', stderr = '') => ({ exitCode, stdout, stderr, durationMs: 1 });
const database = { ...must, service: 'db', of: 'api', user: 'postgres', database: 'dify' };
const mount = { source: 'db_data', target: '/var/lib/postgresql/data' };
const volume = { ...must, service: 'db', mount, dataDir: mount.target };
const exec = { ...two, kind: 'replicas' as const, hostname: null };
const inside = {
  command: [],
  container: { id: 'a'.repeat(64), name: 'p-api-1', number: 1 },
  ran: ran(0, 'a'.repeat(12)),
};
const entry = { nginx: 'nginx', port: 80, tls: false, published: true, outside: '80', host: null };
const none = { status: null, headers: {}, body: '', error: 'ECONNREFUSED' };
const asked = { ...must, tool: 'ping' as const, from: 'api', host: 'db', port: 5432, path: '' };
const details = { why: '', hint: '' };
const missing = { literal: null, missing: 'no ping' };
const worked = { form: 'f', ok: true, said: 'x' };
const restart = { ...must, budgetMs: 1, asks: [{ entry, path: '/' }] };
const back = {
  before: [one],
  ran: ran(0),
  after: [one],
  healed: true,
  elapsedMs: 1,
  withinMs: 1,
  log: '',
  answers: [],
};

/** Over all pages: the first that passes, else the last. */
function pages(working: typeof none | null): Verdict {
  const judged = (['site', 'setup', 'health', 'no-route'] as const).map((page) => {
    const check: OutsideCheck = { ...must, page, path: '/', entry, api: { service: 'api', port: 5001 } };
    return outsideVerdict(check, { head: page === 'no-route' ? { ...none, status: 404 } : none, working });
  });
  return judged.find(({ status }) => status === 'pass') ?? (judged.at(-1) as Verdict);
}

export const guideRows: Rows = {
  'guide/listed-verdicts.ts#stateVerdict': {
    empty: () => stateVerdict({ ...two, checked: true }, []),
    partial: () => stateVerdict({ ...two, checked: true }, [row]),
    control: null,
  },
  'guide/listed-verdicts.ts#logsVerdict': {
    empty: () => logsVerdict({ ...must, unreadable: null, mayBeSilent: false }, { lines: new Map(), containers: [] }),
    partial: () =>
      logsVerdict(
        { ...must, unreadable: null, mayBeSilent: false },
        { lines: new Map([['api-1', ['ready']]]), containers: [one, gone] },
      ),
    control: null,
  },
  'guide/listed-verdicts.ts#statsVerdict': {
    empty: () => statsVerdict(two, { rows: [], containers: [] }),
    partial: () => statsVerdict(two, { rows: [stat], containers: [one] }),
    control: null,
  },
  'guide/listed-verdicts.ts#networkVerdict': {
    empty: () => networkVerdict(network, { members: new Map(), containers: [] }),
    partial: () => networkVerdict(network, { members: new Map([['api1', '10.0.0.2']]), containers: [one, gone] }),
    control: null,
  },
  'guide/database.ts#psqlVerdict': {
    empty: () => psqlVerdict(database, ran(0)),
    partial: () => psqlVerdict(database, ran(null, '78\n')),
    control: null,
  },
  'guide/database.ts#dumpVerdict': {
    empty: () => dumpVerdict(database, ran(0)),
    partial: () => dumpVerdict(database, ran(0, 'COPY public.apps', 'pg_dump left with 0\n')),
    control: () => dumpVerdict(database, ran(null, 'PostgreSQL database dump complete')),
  },
  'guide/database.ts#tarVerdict': {
    empty: () => tarVerdict(volume, null),
    // Ended by the time limit: what came after the two marks was not read.
    partial: () => tarVerdict(volume, ran(null, './\n./PG_VERSION\n./global/pg_control\n')),
    control: () => tarVerdict(volume, ran(127, '', 'sh: tar: not found')),
  },
  'guide/exec.ts#execVerdict': {
    empty: () => execVerdict(exec, []),
    partial: () => execVerdict(exec, [inside]),
    // Where a host name of its own hides the id, an empty answer is none.
    control: () => execVerdict({ ...exec, replicas: 1, hostname: 'dify' }, [{ ...inside, ran: ran(0) }]),
  },
  'guide/inside.ts#insideVerdict': {
    empty: () => insideVerdict(asked, { ...missing, instead: [] }),
    partial: () => insideVerdict(asked, { ...missing, instead: [worked, { ...worked, ok: false }] }),
    control: null,
  },
  'guide/tried.ts#formsVerdict': {
    empty: () => formsVerdict({ ...missing, instead: [] }, details),
    partial: () => formsVerdict({ ...missing, instead: [worked, { ...worked, ok: false }] }, details),
    control: null,
  },
  'guide/outside.ts#outsideVerdict': { empty: () => pages(none), partial: () => pages(null), control: null },
  'guide/restart-verdict.ts#restartVerdict': {
    empty: () => restartVerdict(restart, { ...back, before: [] }),
    partial: () => restartVerdict(restart, { ...back, before: [{ ...one, startedAt: '' }] }),
    control: () => restartVerdict({ ...restart, asks: [] }, back),
  },
  'guide/scripts.ts#scriptsVerdict': {
    empty: () => scriptsVerdict({ ...must, dir: '/', services: ['api'] }, []),
    partial: () => scriptsVerdict({ ...must, dir: '/', services: [] }, [{ file: 'a.sh', text: 'docker exec x-api-1' }]),
    control: null,
  },
};
