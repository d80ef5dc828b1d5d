import { driftVerdict, orphansVerdict } from '../../../../fixtures/checks/drift/verdicts.ts';
import { observed, owed } from '../drift/samples.ts';
import type { Rows } from './row.ts';

const must = { id: 'drift/orphans', title: '', level: 'must' as const };
const nothing = { declared: {}, running: {}, composeVersion: '' };

export const driftRows: Rows = {
  'drift/verdicts.ts#driftVerdict': {
    empty: () => driftVerdict(owed('environment'), observed([])),
    partial: () => driftVerdict(owed('environment'), observed([{}, { imageOwn: null }])),
    control: null,
  },
  'drift/verdicts.ts#orphansVerdict': {
    empty: () => orphansVerdict(must, nothing),
    partial: null,
    control: null,
  },
};
