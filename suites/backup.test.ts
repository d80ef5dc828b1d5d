import { afterAll, describe, inject } from 'vitest';
import { checks, type CheckContext } from '../fixtures/checks/checks.ts';
import type { Killed, RefusalCheck } from '../fixtures/checks/backup/obligations.ts';
import { cannotJudge, skip, type Obligation, type Verdict } from '../fixtures/checks/verdict.ts';
import { keptVerdict } from '../fixtures/checks/backup/kept.ts';
import { judgeLoad } from '../fixtures/checks/backup/load-verdicts.ts';
import { keepRecord } from '../fixtures/checks/keep-record.ts';
import { BackupObserved } from '../fixtures/checks/backup/observed.ts';
import { judgeApart, judgeRestored, judgeTaken, judgeUse } from '../fixtures/checks/backup/outcome-verdicts.ts';
import { amountsOf, judgeSame } from '../fixtures/checks/backup/same-verdicts.ts';
import { judgeServed } from '../fixtures/checks/backup/served.ts';
import { judgeKilled, judgeReadable, judgeRefusal } from '../fixtures/checks/backup/verdicts.ts';

const { backup, datapath } = inject('run').contract;
const session = new BackupObserved(backup);
afterAll(() => session.close());

/** Checks of one group play side by side: none is in another's way. Groups follow each other in the order given here. */
const BESIDE = { sideBySide: true, limitMs: 600_000 };

const judged = <T extends Obligation>(
  obligations: readonly T[],
  judge: (check: T, stack: CheckContext['stack']) => Promise<Verdict>,
) => checks(obligations, (check, { stack }) => judge(check, stack), BESIDE);
const refused = (which: (check: RefusalCheck) => boolean) =>
  judged(backup.refused.filter(which), async (check, stack) =>
    judgeRefusal(check, await session.refusal(stack, check)),
  );
const killed = (what: Killed) =>
  judged(
    backup.killed.filter((check) => check.killed === what),
    async (_, stack) => judgeKilled(what, await session.killed(stack, what)),
  );
const intoTheRestored = ({ refusal }: RefusalCheck) => refusal === 'target-not-empty';

checks(backup.precondition, () => cannotJudge(backup.missing ?? 'there is nothing to back up'));

checks(backup.left, ({ reason }) => skip(reason));

describe('the stack is backed up', () => {
  checks(backup.kept, async (check, { stack }) => keptVerdict(check, await session.kept(stack, check)));
  judged(backup.taken, async (_, stack) => judgeTaken(await session.taken(stack)));
  judged(backup.served, async (_, stack) => {
    const { services } = await session.taken(stack);
    return judgeServed(services.before, services.after);
  });
});

// The last that is asked of the original, and beside it what works on the backup or on copies of it alone.
describe('what is refused, what ends half-way, and what the backup holds by itself', () => {
  killed('backup');
  refused((check) => check.original);
  judged(backup.readable, async (check, stack) => judgeReadable(await session.readable(stack, check)));
  refused((check) => !check.original && !intoTheRestored(check));
});

// The original's data is taken away first.
describe('the backup is restored', () => {
  judged(backup.restored, async (_, stack) => judgeRestored(await session.restored(stack)));
  killed('restore');
});

describe('the restored stack', () => {
  judged(backup.apart, async (_, stack) => judgeApart(await session.apart(stack)));
  judged(backup.same, async (check, stack) => {
    const { differences, after } = await session.back(stack);
    const { before } = (await session.taken(stack)).prepared;
    if (after !== null) keepRecord(stack.run, 'backup-amounts', amountsOf(backup.same, before, after));
    return judgeSame(check, before, differences);
  });
  judged(backup.used, async (check, stack) => judgeUse(check, await session.uses(stack), datapath.steps));
  judged(backup.load, async (check, stack) => judgeLoad(check, await session.load(stack)));
  refused(intoTheRestored);
});
