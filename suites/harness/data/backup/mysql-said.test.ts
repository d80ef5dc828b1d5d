import { expect, test } from 'vitest';
import { mysqlSaid } from '../../../../fixtures/data/backup/mysql-server.ts';

test.for([
  [
    'the error after the statement',
    "--------------\nCREATE USER unknown IDENTIFIED BY PASSWORD '*AB'\n--------------\n\nERROR 1524 (HY000) at line 1: Plugin 'x' is not loaded\n",
    "ERROR 1524 (HY000) at line 1: Plugin 'x' is not loaded",
  ],
  [
    'what a dump says',
    'mysqldump: Got error: 1045: "Access denied for user \'root\'" when trying to connect\n',
    'mysqldump: Got error: 1045: "Access denied for user \'root\'" when trying to connect',
  ],
  ['the last line of anything else', 'first\nlast\n', 'last'],
  ['nothing', '\n', null],
] as const)('of what a client prints, one line is told: %s', ([, stderr, line]) => {
  expect(mysqlSaid(stderr)).toBe(line);
});
