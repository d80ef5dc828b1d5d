import type { TruthKind } from '../../../../fixtures/checks/health/obligations.ts';
import {
  convergesVerdict,
  exitsVerdict,
  orderVerdict,
  restartsVerdict,
  toolVerdict,
  type ContainerState,
} from '../../../../fixtures/checks/health/converge-verdicts.ts';
import { answersVerdict, logVerdict } from '../../../../fixtures/checks/health/log-verdict.ts';
import { truthVerdict, type TruthObservation } from '../../../../fixtures/checks/health/truth-verdicts.ts';
import { staysVerdict } from '../../../../fixtures/checks/health/stays-verdict.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { Rows } from './row.ts';

const TRUTHS: TruthKind[] = ['green', 'frozen', 'gone', 'credentials', 'password', 'recovers'];
const up: ContainerState = {
  name: 'x-db-1',
  service: 'db',
  running: true,
  state: 'running',
  health: 'healthy',
  healthLog: [],
  exitCode: 0,
  oomKilled: false,
  restarts: 0,
  startedAt: '2026-01-01T00:00:10Z',
  finishedAt: '0001-01-01T00:00:00Z',
};
const db = { id: 'health/db/x', title: '', level: 'must' as const, service: 'db' };
const order = { ...db, dependency: 'redis', condition: 'service_healthy' as const, awaits: 'healthy' as const };
const none = { convergence: [], containers: [] };
const run = (exitCode: number) => ({ exitCode, output: '', durationMs: 1, limitMs: 100 });
const unseen = { unseen: 'not seen' };
const nothing: TruthObservation = {
  command: '"x"',
  timeoutMs: 1,
  green: unseen,
  frozen: unseen,
  gone: unseen,
  credentials: unseen,
  password: unseen,
  recovers: unseen,
};
const red = { ...run(1), by: 'another password' };
const whole: TruthObservation = {
  ...nothing,
  green: run(0),
  frozen: { ...run(1), stopped: true, alone: false },
  gone: run(1),
  credentials: red,
  password: red,
  recovers: { run: run(0), health: 'healthy', elapsedMs: 1, withinMs: 10 },
};

/** Over all kinds of it: the first that passes, else the last. */
function truths(seen: TruthObservation, kinds = TRUTHS): Verdict {
  const judged = kinds.map((truth) =>
    truthVerdict({ ...db, id: `health/db/truth/${truth}`, truth, role: 'database', budgetMs: 1 }, seen),
  );
  const found = judged.find(({ status }) => status === 'pass') ?? judged.at(-1);
  if (!found) throw new Error('nothing was judged');
  return found;
}
const behindGreen = TRUTHS.filter((truth) => truth !== 'green');

export const healthRows: Rows = {
  'health/stays-verdict.ts#staysVerdict': {
    empty: () => staysVerdict('api', 0, []),
    partial: () => staysVerdict('api', 0, [up]),
    control: null,
  },
  'health/converge-verdicts.ts#convergesVerdict': {
    empty: () => convergesVerdict({ ...db, replicas: 1, budgetMs: 1 }, none),
    partial: () => convergesVerdict({ ...db, replicas: 1, budgetMs: 1 }, { convergence: [], containers: [up] }),
    control: null,
  },
  'health/converge-verdicts.ts#restartsVerdict': {
    empty: () => restartsVerdict(db, none),
    partial: null,
    control: null,
  },
  'health/converge-verdicts.ts#exitsVerdict': { empty: () => exitsVerdict(db, none), partial: null, control: null },
  'health/converge-verdicts.ts#orderVerdict': {
    empty: () => orderVerdict(order, none, none),
    partial: () => orderVerdict(order, { convergence: [], containers: [up] }, { convergence: [], containers: [up] }),
    control: null,
  },
  'health/converge-verdicts.ts#toolVerdict': {
    empty: () => toolVerdict(db, none),
    partial: () => toolVerdict(db, { convergence: [], containers: [up] }),
    control: null,
  },
  'health/log-verdict.ts#logVerdict': {
    empty: () => logVerdict(db, { logs: [], steadyMs: 0 }),
    partial: null,
    control: null,
  },
  'health/log-verdict.ts#answersVerdict': {
    empty: () => answersVerdict({ ...db, port: 1, because: 'x' }, []),
    partial: () =>
      answersVerdict({ ...db, port: 1, because: 'x' }, [
        { container: 'a', state: 'running', outcome: 'open', address: '10.0.0.2' },
        { container: 'b', state: 'running', outcome: 'none', address: null },
      ]),
    control: null,
  },
  'health/truth-verdicts.ts#truthVerdict': {
    empty: () => truths(nothing),
    partial: () => truths({ ...whole, frozen: { ...run(1), stopped: false, alone: false } }, ['frozen', 'recovers']),
    control: () => truths({ ...whole, green: run(1) }, behindGreen),
  },
};
