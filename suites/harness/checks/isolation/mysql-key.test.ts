import { expect, test } from 'vitest';
import { mysqlKeyAnswer } from '../../../../fixtures/checks/isolation/mysql-key.ts';

test.for([
  ['let in', null, 'accepted'],
  [
    'a wrong password',
    "ERROR 1045 (28000): Access denied for user 'root'@'172.18.0.9' (using password: YES)",
    'refused',
  ],
  ['no password', "ERROR 1045 (28000): Access denied for user 'root'@'172.18.0.9' (using password: NO)", 'refused'],
  ['an account of the socket alone', "ERROR 1698 (28000): Access denied for user 'root'@'172.18.0.9'", 'refused'],
  ['no account for this address', "ERROR 1130 (HY000): Host '172.18.0.9' is not allowed to connect", 'refused'],
  ['a database that is not granted', "ERROR 1044 (42000): Access denied for user 'd'@'%' to database 'x'", 'accepted'],
  ['a password that is to be changed', 'ERROR 1862 (HY000): Your password has expired.', 'accepted'],
  ['too many connections', 'ERROR 1040 (08004): Too many connections', 'unclear'],
  ['nobody there', "ERROR 2002 (HY000): Can't connect to server on 'db_mysql' (115)", 'unclear'],
] as const)('%s', ([, problem, expected]) => {
  expect(mysqlKeyAnswer({ lines: [], problem }).answer).toBe(expected);
});

test('without a client in the image nothing is known', () => {
  expect(mysqlKeyAnswer({ noClient: 'the image x has no client of MySQL' })).toEqual({
    answer: 'unclear',
    said: 'the image x has no client of MySQL',
    notSupported: true,
  });
});
