import type { ScenarioPromise, Scenario } from '../../../../fixtures/checks/failover/obligations.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { judgeAddress } from '../../../../fixtures/checks/failover/address-verdicts.ts';
import { judgeBaseline, judgeScenario } from '../../../../fixtures/checks/failover/judge.ts';
import {
  allAnswered,
  answeredWithin,
  attemptsGivenUpWithin,
  eachServes,
  fairlyShared,
  noneTwice,
  nothingLost,
} from '../../../../fixtures/checks/failover/traffic/verdicts.ts';
import { back, baseline, many, replica, scenario, subject } from '../failover/samples.ts';
import type { Rows } from './row.ts';

const few = many(3, {});
const unlogged = many(40, { log: null, server: null });
const SCENES: Exclude<Scenario, 'baseline'>[] = ['kill', 'crash', 'freeze', 'stop', 'recreate', 'rolling'];
const PROMISES: ScenarioPromise[] = [
  'lost-nothing',
  'in-time',
  'no-post-twice',
  'others-serve',
  'own-requests-end',
  'reported-unhealthy',
  'restart-policy',
  'serves-again',
  'nginx-untouched',
];

/** The first verdict that passes, else the last: a row over several promises passes when one of them does. */
function anyPass(verdicts: readonly Verdict[]): Verdict {
  const last = verdicts.find(({ status }) => status === 'pass') ?? verdicts.at(-1);
  if (!last) throw new Error('nothing was judged');
  return last;
}

const inAllScenarios = (over: Parameters<typeof scenario>[1]) =>
  anyPass(
    SCENES.flatMap((name) =>
      PROMISES.map((promised) => judgeScenario(promised, scenario(name, over), subject, baseline)),
    ),
  );
const atBaseline = (over: Partial<typeof baseline>) =>
  anyPass(
    (['answered', 'each-replica-serves', 'fair-share'] as const).map((promised) =>
      judgeBaseline(promised, { ...baseline, ...over }),
    ),
  );

const nginx = { before: { startedAt: '', restarts: 0 }, after: { startedAt: '', restarts: 0 } };
const check = {
  id: 'x',
  title: 'x',
  level: 'must' as const,
  service: 'api',
  upstream: subject.upstream,
  location: null,
};
const moved = { before: replica('10.0.0.4'), after: replica('10.0.0.5'), readyMs: 1 };
const address = { service: 'api', moved: [moved], trouble: null, locations: {}, nginxRestarted: false };

export const trafficRows: Rows = {
  'failover/traffic/verdicts.ts#allAnswered': {
    empty: () => allAnswered([]),
    partial: () => allAnswered(few),
    control: null,
  },
  'failover/traffic/verdicts.ts#nothingLost': {
    empty: () => nothingLost([]),
    partial: () => nothingLost(few),
    control: null,
  },
  'failover/traffic/verdicts.ts#answeredWithin': {
    empty: () => answeredWithin([], 1000),
    partial: () => answeredWithin(few, 1000),
    control: () => answeredWithin(many(40, { tookMs: 3000 }), 1000, many(2, { tookMs: 3000 })),
  },
  'failover/traffic/verdicts.ts#attemptsGivenUpWithin': {
    empty: () => attemptsGivenUpWithin([], 1000),
    partial: () => attemptsGivenUpWithin(few, 1000),
    control: () => attemptsGivenUpWithin(unlogged, 1000),
  },
  'failover/traffic/verdicts.ts#noneTwice': {
    empty: () => noneTwice([]),
    partial: () => noneTwice(many(3, { method: 'POST' })),
    control: () => noneTwice(many(40, { method: 'POST', log: null })),
  },
  'failover/traffic/verdicts.ts#eachServes': {
    empty: () => eachServes([], ['10.0.0.4']),
    partial: () => eachServes(many(40, {}), []),
    control: () => eachServes(unlogged, ['10.0.0.4']),
  },
  'failover/traffic/verdicts.ts#fairlyShared': {
    empty: () => fairlyShared([], ['10.0.0.4', '10.0.0.5']),
    partial: () => fairlyShared(many(200, {}), ['10.0.0.4']),
    control: () => fairlyShared(unlogged, ['10.0.0.4', '10.0.0.5']),
  },
  'failover/judge.ts#judgeBaseline': {
    empty: () => atBaseline({ requests: [], replicas: [] }),
    partial: () => atBaseline({ requests: few }),
    control: null,
  },
  'failover/judge.ts#judgeScenario': {
    empty: () => inAllScenarios({ requests: [], victims: [], others: [], nginx }),
    // What is said of all replicas is not said of one.
    partial: () =>
      judgeScenario(
        'serves-again',
        scenario('rolling', { victims: [back({ after: replica('10.0.0.5') })] }),
        subject,
        baseline,
      ),
    control: () => inAllScenarios({ fault: { on: false, proof: 'it was not' } }),
  },
  'failover/address-verdicts.ts#judgeAddress': {
    empty: () => judgeAddress(check, { ...address, moved: [] }),
    partial: () => judgeAddress(check, address),
    control: () => judgeAddress(check, { ...address, moved: [{ ...moved, after: replica('10.0.0.4') }] }),
  },
};
