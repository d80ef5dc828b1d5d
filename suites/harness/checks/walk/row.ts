import type { Verdict } from '../../../../fixtures/checks/verdict.ts';

/**
 * What one verdict function makes of an observation from which nothing can follow: nothing was seen, a part of what was
 * planned, or all of it while the positive control failed. `null`: it has no such case, by the shape of what it takes.
 */
export interface Row {
  empty: (() => Verdict) | null;
  partial: (() => Verdict) | null;
  control: (() => Verdict) | null;
}

/** Rows by `file#function`, as found below fixtures/. */
export type Rows = Record<string, Row>;
