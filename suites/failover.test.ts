import { afterAll, inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { slowness } from '../fixtures/engine/eventually.ts';
import { cannotJudge } from '../fixtures/checks/verdict.ts';
import { judgeAddress } from '../fixtures/checks/failover/address-verdicts.ts';
import { judgeBaseline, judgeScenario } from '../fixtures/checks/failover/judge.ts';
import { FailoverObserved } from '../fixtures/checks/failover/observed.ts';
import { patienceMs } from '../fixtures/stack/serving/wait.ts';

const { contract, serving, convergence } = inject('run');
const { failover } = contract;
const observed = new FailoverObserved(failover);
afterAll(() => observed.close());

/** A rolling change waits for each of at least three replicas in turn, twice where a scenario is played once more. */
const WAITS = 6;
const SCENE_MS = 300_000;
const waitMs = failover.subject ? patienceMs({ serving, convergence }, failover.subject.service) : 0;
/** One scenario at a time, in this order: the first check of a scenario plays it, the others judge the same record. */
const IN_TURN = { sideBySide: false, limitMs: SCENE_MS + WAITS * waitMs * slowness };

checks(failover.precondition, () => cannotJudge(failover.missing ?? 'nothing to disturb'));

checks(
  failover.scenarios.baseline,
  async ({ promised }, { stack }) => judgeBaseline(promised, await observed.baseline(stack)),
  IN_TURN,
);

const { subject } = failover;
for (const scenario of ['kill', 'crash', 'freeze', 'stop', 'recreate', 'rolling'] as const) {
  checks(
    failover.scenarios[scenario],
    async ({ promised }, { stack }) => {
      const [record, baseline] = [await observed.scenario(stack, scenario), await observed.baseline(stack)];
      return subject ? judgeScenario(promised, record, subject, baseline) : cannotJudge('nothing to disturb');
    },
    IN_TURN,
  );
}

checks(
  failover.addresses,
  async (check, { stack }) => judgeAddress(check, await observed.address(stack, check)),
  IN_TURN,
);
