import { expect, test } from 'vitest';
import { mysqlColumns } from '../../../../fixtures/data/backup/mysql-session.ts';

test.for([
  ['one', ['one']],
  ['', ['']],
  ['a\tb\t', ['a', 'b', '']],
  [String.raw`tab\there\tthere` + '\t2', ['tab\there\tthere', '2']],
  [String.raw`CREATE TABLE (\n  id int\n)`, ['CREATE TABLE (\n  id int\n)']],
  // A backslash that is one, before a letter.
  [String.raw`C:\\new\\table\0`, ['C:\\new\\table\0']],
] as const)('what the client prints is read as it was: %j', ([line, columns]) => {
  expect(mysqlColumns(line)).toEqual(columns);
});
