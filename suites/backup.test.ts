import { afterAll, inject } from 'vitest';
import { checks, type CheckContext } from '../fixtures/check/checks.ts';
import type { Killed } from '../fixtures/contract/backup.ts';
import { cannotJudge, type Obligation, type Verdict } from '../fixtures/check/verdict.ts';
import { keptVerdict } from '../fixtures/drill/kept.ts';
import { judgeLoad } from '../fixtures/drill/load-verdicts.ts';
import { whenReached } from '../fixtures/drill/not-reached.ts';
import { BackupObserved } from '../fixtures/drill/observed.ts';
import { judgeApart, judgeRestored, judgeTaken, judgeUse } from '../fixtures/drill/outcome-verdicts.ts';
import { judgeSame } from '../fixtures/drill/same-verdicts.ts';
import { judgeServed } from '../fixtures/drill/served.ts';
import { judgeKilled, judgeReadable, judgeRefusal } from '../fixtures/drill/verdicts.ts';

const { contract, select } = inject('run');
const { backup } = contract;
const drill = new BackupObserved(backup);
afterAll(() => drill.close());

/** One scene at a time, in this order: the original's data is taken away when the restore is first asked for. */
const IN_TURN = { sideBySide: false, limitMs: 600_000 };
/** What works on the backup and on copies of its own only: none is in another's way. */
const BESIDE = { sideBySide: true, limitMs: 600_000 };
const drilled = <T extends Obligation>(
  obligations: readonly T[],
  judge: (check: T, stack: CheckContext['stack']) => Promise<Verdict>,
  how = IN_TURN,
) => checks(obligations, (check, { stack }) => whenReached(select, () => judge(check, stack)), how);
const refused = (original: boolean, how = IN_TURN) =>
  drilled(
    backup.refused.filter((check) => check.original === original),
    async (check, stack) => judgeRefusal(check, await drill.refusal(stack, check)),
    how,
  );
const killed = (what: Killed, how = IN_TURN) =>
  drilled(
    backup.killed.filter((check) => check.killed === what),
    async (_, stack) => judgeKilled(what, await drill.killed(stack, what)),
    how,
  );

checks(backup.precondition, () => cannotJudge(backup.missing ?? 'there is nothing to back up'));
checks(backup.kept, async (check, { stack }) => keptVerdict(check, await drill.kept(stack, check)));

drilled(backup.taken, async (_, stack) => judgeTaken(await drill.taken(stack)));
drilled(backup.served, async (_, stack) => {
  const { services } = await drill.taken(stack);
  return judgeServed(services.before, services.after);
});
refused(true);
killed('backup');

drilled(backup.restored, async (_, stack) => judgeRestored(await drill.restored(stack)));
drilled(backup.apart, async (_, stack) => judgeApart(await drill.apart(stack)));
drilled(backup.same, async (check, stack) => {
  const { differences } = await drill.back(stack);
  return judgeSame(check, (await drill.taken(stack)).prepared.before, differences);
});
drilled(backup.used, async (check, stack) => judgeUse(check, await drill.uses(stack)));
drilled(backup.load, async (check, stack) => judgeLoad(check, await drill.load(stack)));

killed('restore', BESIDE);
drilled(backup.readable, async ({ store }, stack) => judgeReadable(await drill.readable(stack, store)), BESIDE);
refused(false, BESIDE);
