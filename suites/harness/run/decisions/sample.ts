import type { RecordedCheck } from '../../../../fixtures/checks/run-context.ts';
import type { ReportedCheck } from '../../../../fixtures/run/reported-check.ts';

/** A check of an id as decisions get it, judged or already reported; `more` differs from a plain `must`. */
export const check = <S extends ReportedCheck['status']>(
  id: string,
  status: S,
  more: Partial<Omit<RecordedCheck, 'status'>> = {},
): Omit<RecordedCheck, 'status'> & { status: S } => ({
  id,
  suite: id.split('/')[0] ?? '',
  title: id,
  level: 'must',
  status,
  durationMs: 1,
  message: `${id} as it was seen`,
  ...more,
});
