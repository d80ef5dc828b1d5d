import { afterAll, inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { cannotJudge, skip } from '../fixtures/checks/verdict.ts';
import { hopVerdict } from '../fixtures/checks/datapath/hop-verdicts.ts';
import { DatapathObserved } from '../fixtures/checks/datapath/observed.ts';
import { stepVerdict } from '../fixtures/checks/datapath/step-verdicts.ts';
import { releaseCanaries } from '../fixtures/checks/isolation/canary.ts';

/**
 * Data flows through every part: the stack is used for the first time through its front door, as a user would, and each
 * store is asked for what that left, with the settings of the service that put it there.
 */
const { datapath } = inject('run').contract;
const observed = new DatapathObserved(datapath);
const { parts } = datapath;

afterAll(releaseCanaries);

checks(datapath.precondition, () => skip(datapath.missing ?? 'there is nothing to use'));

// A first use, call by call. In no group of its own: vitest runs groups one after another, and these go side by side.
checks(datapath.steps, async (it, { stack }) =>
  stepVerdict(it, await observed.record(stack), await observed.between(stack, it), datapath),
);

checks(datapath.left, ({ reason }) => skip(reason));

// What it left, hop by hop.
checks(datapath.hops, async (it, { stack }) => {
  const [record, seen] = await Promise.all([observed.record(stack), observed.hop(stack, it)]);
  return parts
    ? hopVerdict(it, seen, { record, steps: datapath.steps, hops: datapath.hops, api: parts.api, worker: parts.worker })
    : cannotJudge('there is nothing to use');
});
