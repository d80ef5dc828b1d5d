import { keptVerdict } from '../../../../fixtures/checks/backup/kept.ts';
import type { KilledObservation } from '../../../../fixtures/checks/backup/killed.ts';
import { judgeLoad } from '../../../../fixtures/checks/backup/load-verdicts.ts';
import type { LoadRecord } from '../../../../fixtures/checks/backup/load-record.ts';
import {
  judgeApart,
  judgeRestored,
  judgeTaken,
  judgeUse,
} from '../../../../fixtures/checks/backup/outcome-verdicts.ts';
import { judgeSame } from '../../../../fixtures/checks/backup/same-verdicts.ts';
import { judgeServed } from '../../../../fixtures/checks/backup/served.ts';
import { judgeKilled, judgeReadable, judgeRefusal } from '../../../../fixtures/checks/backup/verdicts.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { contract, done, failed } from '../datapath/samples.ts';
import type { Rows } from './row.ts';

const must = { title: 'x', level: 'must' as const };
const load = (promised: 'acknowledged' | 'whole') => ({
  ...must,
  id: `backup/load/redis/${promised}`,
  store: 'redis' as const,
  promised,
});
const write = { store: 'redis' as const, n: 1, sentMs: 150, acknowledgedMs: 160 };
const record = (over: Partial<LoadRecord>): LoadRecord => ({
  backupStartedMs: 100,
  backupEndedMs: 200,
  writes: [],
  found: [],
  ...over,
});
const both = (seen: LoadRecord): Verdict => {
  const judged = (['acknowledged', 'whole'] as const).map((promised) => judgeLoad(load(promised), seen));
  return judged.find(({ status }) => status === 'pass') ?? (judged[0] as Verdict);
};
const killed: KilledObservation = { at: null, output: '', passes: [], left: [], before: [], after: [] };
const refusal = { ...must, id: 'backup/refuses/cut', refusal: 'cut' as const, original: false };
const rows = { ...must, id: 'backup/same/redis/keys', store: 'redis' as const, aspect: 'keys' as const, of: null };
const keys = { redis: { '0': { a: { type: 'string', digest: 'd', ttl: 'none' as const } } } };
const use = { ...must, id: 'backup/use/login', use: 'login' as const };
const allNull = { login: null, run: null, credential: null, file: null, retrieval: null };
const kept = { ...must, id: 'backup/kept/redis', service: 'redis', store: 'redis' as const };

export const drillRows: Rows = {
  'backup/kept.ts#keptVerdict': {
    empty: () => keptVerdict(kept, { directory: '', elsewhere: null, mounts: [] }),
    partial: () => keptVerdict(kept, { directory: '/data', elsewhere: null, mounts: [] }),
    control: null,
  },
  'backup/load-verdicts.ts#judgeLoad': {
    empty: () => both(record({})),
    partial: () => both(record({ writes: [write], found: [{ store: 'redis', found: {} }] })),
    // Written before and after the backup, never during it: it was under no load.
    control: () =>
      judgeLoad(
        load('whole'),
        record({ writes: [{ ...write, sentMs: 1 }], found: [{ store: 'redis', found: { 1: '' } }] }),
      ),
  },
  'backup/outcome-verdicts.ts#judgeTaken': {
    empty: () => judgeTaken({ failure: null, startedMs: 100, endedMs: 200, writes: [] }),
    partial: () => judgeTaken({ failure: null, startedMs: 100, endedMs: 200, writes: [{ acknowledgedMs: null }] }),
    control: null,
  },
  'backup/outcome-verdicts.ts#judgeRestored': {
    empty: () => judgeRestored({ failure: null, before: [], running: [] }),
    partial: () => judgeRestored({ failure: null, before: ['api', 'db'], running: ['db'] }),
    control: null,
  },
  'backup/outcome-verdicts.ts#judgeApart': {
    empty: () => judgeApart({ original: [], restored: [] }),
    partial: () => judgeApart({ original: [], restored: ['volume a'] }),
    control: null,
  },
  'backup/outcome-verdicts.ts#judgeUse': {
    empty: () => judgeUse(use, { before: {}, proofs: allNull }, contract.steps),
    partial: () => judgeUse(use, { before: done, proofs: null }, contract.steps),
    control: () =>
      judgeUse(use, { before: { ...done, login: failed({ status: 401 }, '401') }, proofs: allNull }, contract.steps),
  },
  'backup/same-verdicts.ts#judgeSame': {
    empty: () => judgeSame(rows, {}, []),
    partial: () => judgeSame(rows, keys, null),
    control: null,
  },
  'backup/served.ts#judgeServed': {
    empty: () => judgeServed([], []),
    partial: () => judgeServed([{ name: 'a', service: 'a', running: true, health: null }], []),
    control: null,
  },
  'backup/verdicts.ts#judgeRefusal': {
    empty: () => judgeRefusal(refusal, { refused: null, names: '', touched: [], unable: null }),
    partial: () => judgeRefusal(refusal, { refused: 'no', names: '', touched: [], unable: null }),
    control: () => judgeRefusal(refusal, { refused: null, names: '', touched: [], unable: 'no unshare' }),
  },
  'backup/verdicts.ts#judgeKilled': {
    empty: () => judgeKilled('restore', killed),
    partial: () => judgeKilled('backup', { ...killed, at: 'now' }),
    control: () => judgeKilled('backup', killed),
  },
  'backup/verdicts.ts#judgeReadable': {
    empty: () => judgeReadable({ compared: 0, differences: [], refused: null }),
    partial: null,
    control: null,
  },
};
