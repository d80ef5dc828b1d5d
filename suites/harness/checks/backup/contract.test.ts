import { describe, expect, test } from 'vitest';
import { deriveContract } from '../../../../fixtures/checks/contract.ts';
import { sampleModel } from '../isolation/samples.ts';

type Edit = NonNullable<Parameters<typeof sampleModel>[0]>;
type Raw = Parameters<Edit>[0];

/** The sample stack on a MySQL beside its PostgreSQL; `more`: other variables of those who use it. */
const onMysql =
  (more: Record<string, string> = {}, networks: object = { default: null }): Edit =>
  (raw: Raw) => {
    raw.services['db_mysql'] = { image: 'mysql:8.0', networks };
    for (const name of ['api', 'worker', 'plugin_daemon'])
      Object.assign(raw.services[name]?.environment ?? {}, {
        DB_TYPE: 'mysql',
        DB_HOST: 'db_mysql',
        DB_PORT: '3306',
        ...more,
      });
  };

const contractOf = (edit: Edit = () => undefined) => deriveContract(sampleModel(edit), {}).backup;
const ids = (edit?: Edit) => {
  const { precondition, kept, taken, served, restored, apart, same, used, load, refused, killed, readable } =
    contractOf(edit);
  const groups = [precondition, kept, taken, served, restored, apart, same, used, load, refused, killed, readable];
  return groups.flat().map(({ id }) => id);
};

describe('a stack on MySQL', () => {
  test('is judged in everything that one on PostgreSQL is, but for what a MySQL does not have', () => {
    const renamed = ids()
      .filter((id) => !/\/(extensions|large-objects)$/.test(id))
      .map((id) => id.replace(/\/postgres(?=\/|$)/, '/mysql').replace(/\/kept\/db$/, '/kept/db_mysql'));
    expect(ids(onMysql())).toEqual(renamed);
    expect(renamed).toContain('backup/same/mysql/sequences');
    const { subject, left } = contractOf(onMysql());
    expect(subject?.database).toEqual({ kind: 'mysql', service: 'db_mysql', port: 3306 });
    expect(left).toEqual([]);
  });

  test.for([
    ['elsewhere', onMysql({ DB_HOST: 'my.example.com' })],
    ['of another kind', onMysql({ DB_TYPE: 'oceanbase' })],
  ] as const)('%s is a skip with its reason, and nothing is judged', ([, edit]) => {
    expect(ids(edit)).toEqual([]);
    const said = /^DB_TYPE is \w+, and no service here is that server: it is backed up where it runs$/;
    expect(contractOf(edit).left).toMatchObject([
      { id: 'backup/precondition', reason: expect.stringMatching(said) as string },
    ]);
  });

  test('that api does not reach is nothing to back up, which no pass says', () => {
    expect(ids(onMysql({}, { apart: null }))).toEqual(['backup/precondition']);
    expect(contractOf(onMysql({}, { apart: null })).missing).toBe('no MySQL that api reaches');
  });
});
