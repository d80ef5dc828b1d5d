import { expect, test } from 'vitest';
import { fail, pass, skip, weighed, type Verdict } from '../../../../fixtures/checks/verdict.ts';

const other = 'redis:5 runs as Redis 6.0.16: Redis 5 cannot be had here';

test.for<[string, Verdict, string | undefined, object]>([
  ['a failure of the pinned program keeps its level', fail('red'), undefined, { level: 'must', message: 'red' }],
  [
    'a failure of another one is advice, and says why',
    fail('red'),
    other,
    { level: 'advice', message: `red (${other})` },
  ],
  ['what passed stays as it is', pass(), other, { status: 'pass', level: 'must' }],
  ['what was skipped stays as it is', skip('no'), other, { status: 'skip', level: 'must', message: 'no' }],
])('%s', ([, verdict, program, weight]) => {
  expect(weighed(verdict, 'must', program)).toMatchObject({ status: verdict.status, ...weight });
});
