import { expect, test } from 'vitest';
import { backupContract } from '../../../../fixtures/checks/backup/obligations.ts';
import { datapathContract } from '../../../../fixtures/checks/datapath/obligations.ts';
import { rowsOf } from '../../../../fixtures/checks/datapath/observe-mysql.ts';
import { keysOf } from '../../../../fixtures/checks/isolation/obligations-keys.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { mysqlOf } from '../../../../fixtures/model/topology/connections.ts';
import { mysqlAnswer, mysqlText } from '../../../../fixtures/stack/mysql-client.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { judgedHop } from './samples.ts';

const whole = `select 'verify: this is the whole answer'`.slice(8, -1);
const ended = { inTime: true, image: 'mysql:8.0' };

test.for([
  ['every row', `1\n2\n${whole}\n`, '', { lines: ['1', '2'], problem: null }],
  ['no rows', `${whole}\n`, 'mysql: [Warning] a name that goes away\n', { lines: [], problem: null }],
  [
    'refused after the first row',
    '1\n',
    `mysql: a warning\nERROR 1146 (42S02) at line 2: Table 'dify.apps' doesn't exist\n`,
    { lines: ['1'], problem: `ERROR 1146 (42S02) at line 2: Table 'dify.apps' doesn't exist` },
  ],
  ['cut off in silence', '1\n', '', { lines: ['1'], problem: 'the client ended without an answer' }],
  [
    'what is in no image',
    '',
    'verify: no client of MySQL\n',
    { noClient: 'the image mysql:8.0 has no client of MySQL' },
  ],
] as const)('an answer of the client: %s', ([, stdout, stderr, expected]) => {
  expect(mysqlAnswer(stdout, stderr, ended)).toEqual(expected);
});

test('a client that does not end in time has no answer', () => {
  expect(mysqlAnswer('1\n', '', { ...ended, inTime: false })).toEqual({ lines: ['1'], problem: 'no answer in time' });
});

test('a text in SQL ends where the text ends', () => {
  expect(mysqlText(`a'b\\'c`)).toBe(`'a''b\\\\''c'`);
});

test('of rows that may be many all are kept, of every other the first, and what is not there is null', () => {
  const answers = [
    { of: 'run', value: 'succeeded' },
    { of: 'segments', value: { content: 'x', status: 'completed' } },
    { of: 'segments', value: { content: 'y', status: 'waiting' } },
  ];
  expect(rowsOf(answers)).toMatchObject({
    run: 'succeeded',
    segments: [{ content: 'x' }, { content: 'y' }],
    environments: [],
    account: null,
  });
});

test.for([
  [`ERROR 1049 (42000): Unknown database 'dify_plugin'`, 'database-missing', /every database/],
  [`ERROR 1146 (42S02) at line 1: Table 'dify.accounts' doesn't exist`, 'database-unmigrated', /MIGRATION_ENABLED/],
  [`ERROR 1045 (28000): Access denied for user 'root'@'x' (using password: YES)`, 'database-refuses', /one DB_\*/],
  [
    `ERROR 1044 (42000): Access denied for user 'dify'@'%' to database 'dify_plugin'`,
    'database-refuses',
    /^as root of the server: GRANT ALL ON `dify_plugin`\.\* TO 'dify'@'%'/,
  ],
] as const)('%s is told with its own mend', ([problem, cause, hint]) => {
  const seen = { where: 'there', problem, tables: [], installed: null };
  const verdict = judgedHop('plugin_daemon-database', { kind: 'plugin-database', seen });
  expect(verdict).toMatchObject({ status: 'fail', cause, hint: expect.stringMatching(hint) as string });
});

const environment = { DB_TYPE: 'mysql', DB_HOST: 'db_mysql', DB_PORT: '3306', DB_USERNAME: 'root', DB_PASSWORD: 'own' };

test('whose database is MySQL is asked with its own login, every other is not', () => {
  expect(mysqlOf(environment)).toEqual({
    host: 'db_mysql',
    port: 3306,
    user: 'root',
    password: 'own',
    database: 'dify',
  });
  expect(mysqlOf({ ...environment, DB_TYPE: 'postgresql' })).toBeNull();
  expect(mysqlOf({})).toBeNull();
});

test.for([
  [{ ...environment, DB_TYPE: 'oceanbase' }, [expect.stringMatching(/^DB_TYPE is oceanbase, and no service here/)], []],
  [environment, [], ['backup/precondition']],
  [{ ...environment, DB_TYPE: 'postgresql' }, [], ['backup/precondition']],
] as const)('without an adapter the backup suite says so, and no more: %o', ([env, left, precondition]) => {
  const networks = { default: null };
  const model = modelOf({
    api: { image: 'langgenius/dify-api:1.10.0', environment: env, networks },
    db_mysql: { image: 'mysql:8.0', networks },
  });
  const roles = rolesOf(model);
  const datapath = datapathContract(model, roles, { nginx: {} });
  const contract = backupContract(model, roles, { keys: keysOf(model, roles), datapath });
  expect(contract.left.map(({ reason }) => reason)).toEqual(left);
  expect(contract.precondition.map(({ id }) => id)).toEqual(precondition);
  expect(contract.subject).toBeNull();
});
