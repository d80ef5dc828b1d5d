import { inject } from 'vitest';
import { checks } from '../fixtures/checks/checks.ts';
import { driftSeen } from '../fixtures/checks/drift/observe.ts';
import { driftVerdict, orphansVerdict } from '../fixtures/checks/drift/verdicts.ts';

/** What runs is what the files say: of a running project that is looked at (`--attach`), and of nothing else. */
const { drift } = inject('run').contract;

checks(drift.services, async (it, { stack }) => driftVerdict(it, await driftSeen(stack.run)));
checks(drift.orphans, async (it, { stack }) => orphansVerdict(it, await driftSeen(stack.run)));
