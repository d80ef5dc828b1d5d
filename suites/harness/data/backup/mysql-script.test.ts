import { describe, expect, test } from 'vitest';
import { InsertCounts } from '../../../../fixtures/data/backup/insert-counts.ts';
import { accountStatements } from '../../../../fixtures/data/backup/mysql-accounts.ts';

/** In pieces of every size that cuts a sign, a name and a value somewhere else. */
function counted(script: string, pieceBytes = 7) {
  const counts = new InsertCounts();
  const bytes = Buffer.from(script);
  for (let at = 0; at < bytes.length; at += pieceBytes) counts.take(bytes.subarray(at, at + pieceBytes));
  return counts.end();
}

const SCRIPT = String.raw`/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19 it's a comment with a quote
/*!40101 SET NAMES utf8mb4 */;
CREATE DATABASE /*!32312 IF NOT EXISTS*/ ${'`'}dify${'`'} /*!40100 DEFAULT CHARACTER SET utf8mb4 */;

USE ${'`'}dify${'`'};
--
-- Table structure for table ${'`'}a${'`'}
--
DROP TABLE IF EXISTS ${'`'}a${'`'};
CREATE TABLE ${'`'}a${'`'} (
  ${'`'}id${'`'} int(11) NOT NULL DEFAULT (1),
  ${'`'}t${'`'} varchar(9) DEFAULT 'x(;'
) ENGINE=InnoDB;
INSERT INTO ${'`'}a${'`'} VALUES
(1,'it''s; (2),
-- \'\\'),
(2,"世) VALUES (3)"),
(3,NULL);
INSERT INTO ${'`'}a${'`'} (${'`'}id${'`'}, ${'`'}t${'`'}) VALUES (4,0x00),(5,_binary 'x');
CREATE TABLE ${'`'}nothing${'`'} (${'`'}id${'`'} int);
USE ${'`'}odd${'``'}name${'`'};
CREATE TABLE ${'`'}a VALUES (b${'`'} (${'`'}id${'`'} int);
INSERT INTO ${'`'}a VALUES (b${'`'} VALUES ((1+(2)),'y');
-- Dump completed
`;

test.for([1, 7, 4096])('rows are counted by table, in pieces of %d bytes', (pieceBytes) => {
  expect(counted(SCRIPT, pieceBytes)).toEqual({
    databases: ['dify', 'odd`name'],
    counts: { 'dify.a': 5, 'dify.nothing': 0, 'odd`name.a VALUES (b': 1 },
  });
});

test.for([
  SCRIPT.slice(0, SCRIPT.indexOf('(3,NULL)')),
  SCRIPT.slice(0, SCRIPT.indexOf('; (2)')),
  SCRIPT.slice(0, SCRIPT.indexOf('ENGINE')),
])('a script that ends within a statement is cut', (script) => {
  expect(() => counted(script)).toThrow('the script is cut');
});

describe('what may stand in the accounts of a backup', () => {
  const create =
    "CREATE USER IF NOT EXISTS `dify`@`%` IDENTIFIED BY PASSWORD '*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29';";
  const grant = 'GRANT ALL PRIVILEGES ON `dify;x`.* TO `dify`@`%`;';

  test('accounts and grants, one a line', () => {
    expect(accountStatements(`${create}\n${grant}\n`)).toEqual([create.slice(0, -1), grant.slice(0, -1)]);
    expect(accountStatements('')).toEqual([]);
  });

  test.for([
    'DROP DATABASE dify;',
    `${grant.slice(0, -1)}; DROP DATABASE dify;`,
    'INSTALL SONAME "x";',
    "GRANT ALL ON *.* TO 'x'@'%' -- ;",
    "GRANT ALL ON *.* TO 'x'@'%' /* ;",
    "GRANT ALL ON *.* TO 'x;",
    'GRANT ALL ON x.* TO y \\! touch;',
    'GRANT ALL ON x.* TO y',
  ])('anything else is refused: %s', (line) => {
    expect(() => accountStatements(`${create}\n${line}\n`)).toThrow(/the backup is altered/);
  });
});
