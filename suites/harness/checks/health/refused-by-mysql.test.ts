import { expect, test } from 'vitest';
import { refusedByMysql } from '../../../../fixtures/checks/health/refuse.ts';
import type { RefusedRun } from '../../../../fixtures/checks/health/truth-verdicts.ts';

const run = (exitCode: number): RefusedRun => ({
  exitCode,
  output: '',
  durationMs: 1,
  limitMs: 5_000,
  by: 'with its own credentials replaced',
});
const of = (argv: string[], exitCode: number) => {
  const timeoutMs = 5_000;
  return refusedByMysql({ argv, timeoutMs } as Parameters<typeof refusedByMysql>[0], {
    credentials: run(exitCode),
    password: run(exitCode),
  });
};

test.for<[string, string[], number, boolean]>([
  ['a ping, green on a refused login', ['mysqladmin', 'ping', '-h', 'localhost'], 0, true],
  ['a ping in a shell', ['/bin/sh', '-c', 'mariadb-admin -u root ping'], 0, true],
  ['a statement that is refused', ['mysql', '-e', 'select 1'], 1, true],
  ['a script that is green all the same', ['healthcheck.sh', '--connect'], 0, false],
  ['nothing at all', ['/bin/sh', '-c', 'true'], 0, false],
])('%s', ([, argv, exitCode, judged]) => {
  const seen = of(argv, exitCode);
  const { credentials, password } = seen;
  expect(['exitCode' in credentials, 'exitCode' in password]).toEqual([judged, judged]);
  // Never a pass nor a skip: one that asks nobody is green, too.
  expect(['unseen' in credentials, 'unseen' in password]).toEqual([!judged, !judged]);
});
