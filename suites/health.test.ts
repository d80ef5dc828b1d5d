import { inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { slowness } from '../fixtures/engine/eventually.ts';
import {
  convergesVerdict,
  exitsVerdict,
  orderVerdict,
  restartsVerdict,
  toolVerdict,
} from '../fixtures/checks/health/converge-verdicts.ts';
import { answersVerdict, logVerdict } from '../fixtures/checks/health/log-verdict.ts';
import { answersOf, logOf, lookAt } from '../fixtures/checks/health/look.ts';
import { truthOf } from '../fixtures/checks/health/truth.ts';
import { ofOtherProgram, truthVerdict } from '../fixtures/checks/health/truth-verdicts.ts';
import { cannotJudge } from '../fixtures/checks/verdict.ts';

const { attached, contract, otherPrograms } = inject('run');
const { health } = contract;
/** The command of a health check is the image's own: its exit codes change with the version. */
const PROGRAM = { programOf: ({ service }: { service: string }) => service };

checks(health.converges, async (service, { stack }) => {
  const { seen } = await lookAt(stack);
  return convergesVerdict(service, seen(service.service), slowness);
});

checks(health.restarts, async (service, { stack }) => {
  const { seen } = await lookAt(stack);
  return restartsVerdict(service, seen(service.service));
});

checks(health.exits, async (oneShot, { stack }) => {
  const { seen } = await lookAt(stack);
  return exitsVerdict(oneShot, seen(oneShot.service), { mayBeGone: attached !== undefined });
});

checks(health.order, async (order, { stack }) => {
  const { seen } = await lookAt(stack);
  return orderVerdict(order, seen(order.service), seen(order.dependency));
});

checks(
  health.tools,
  async (service, { stack }) => {
    const { seen } = await lookAt(stack);
    return toolVerdict(service, seen(service.service));
  },
  PROGRAM,
);

checks(health.logs, async (service, { stack }) => logVerdict(service, await logOf(service, stack)));

checks(health.answers, async (port, { stack, signal }) => answersVerdict(port, await answersOf(port, stack, signal)));

/** What is away cannot be disturbed. */
const subjects = health.truth.filter(({ blocked }) => blocked === undefined);
/** The first of them disturbs for all: nothing else may run beside it. */
const LIMIT_MS = 300_000;

checks(
  health.truth,
  async (truth, { stack, signal }) => {
    const seen = (await truthOf(stack, subjects, signal)).get(truth.service);
    if (!seen) return cannotJudge(`nothing was observed of ${truth.service}`);
    return ofOtherProgram(truthVerdict(truth, seen), otherPrograms[truth.service]);
  },
  { ...PROGRAM, sideBySide: false, limitMs: LIMIT_MS },
);
