import { describe, expect, test } from 'vitest';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { addressesIn, replaceHosts, type Reading } from '../../../../fixtures/model/topology/addresses.ts';
import { leadsTo, literalOf } from '../../../../fixtures/model/topology/leads.ts';

const hosts = (text: string, reading: Reading) =>
  addressesIn(text, reading).map(({ host, port }) => `${host}${port === null ? '' : ` ${port}`}`);

describe('addresses in a value', () => {
  test.for<[string, Reading, string[]]>([
    ['db', 'host', ['db']],
    ['db.example.com:6432', 'host', ['db.example.com 6432']],
    ['10.0.0.5', 'host', ['10.0.0.5']],
    ['fd00::1', 'host', ['fd00::1']],
    ['[fd00::1]:6379', 'host', ['fd00::1 6379']],
    ['a:1,b:2', 'host', ['a 1', 'b 2']],
    ['a:1;b:2', 'host', ['a 1', 'b 2']],
    ['a:1 b:2', 'host', ['a 1', 'b 2']],
    ['', 'host', []],
    ['http://weaviate:8080/v1?x=1', 'host', ['weaviate 8080']],
    ['redis://:pa:ss@redis:6379/1', 'text', ['redis 6379']],
    ['redis://user:p@ss@10.0.0.5:6380/1', 'text', ['10.0.0.5 6380']],
    ['rediss://[fd00::1]:6380/1', 'text', ['fd00::1 6380']],
    ['sentinel://:pw@s1:26379/1;sentinel://:pw@s2:26379/1', 'text', ['s1 26379', 's2 26379']],
    ['sentinel://:pw@s1:26379,:pw@s2:26379/1', 'text', ['s1 26379', 's2 26379']],
    ['postgresql+psycopg2://u:p%40@h1:5432,h2:5433/dify?sslmode=require', 'text', ['h1 5432', 'h2 5433']],
    ['postgresql://u:p@/dify?host=db.example.com', 'text', ['db.example.com']],
    ['jdbc:mysql://db:3306/dify', 'text', ['db 3306']],
    ['host=db.example.com port=5432 user=u password=p dbname=d', 'text', ['db.example.com']],
    ['Server=tcp:db.example.com,1433;Database=d', 'text', ['db.example.com 1433']],
    ['["https://opensearch:9200","https://10.0.0.7:9200"]', 'text', ['opensearch 9200', '10.0.0.7 9200']],
    ['https://key@o1.ingest.example.com/42', 'host', ['o1.ingest.example.com']],
    ['oracle:1521/FREEPDB1', 'host', ['oracle 1521']],
    ['https://<your_account_name>.blob.core.windows.net', 'host', ['<your_account_name>.blob.core.windows.net']],
    ['until nc -z db.example.com 5432; do sleep 1; done', 'text', ['db.example.com 5432']],
    ['pg_isready -h db.example.com -U postgres', 'text', ['db.example.com']],
    ['redis-cli --host=10.0.0.5 ping', 'text', ['10.0.0.5']],
    ['curl -f http://localhost:8194/health', 'text', ['localhost 8194']],
    ['wait-for host.docker.internal:5432', 'text', ['host.docker.internal 5432']],
    // No addresses: words, counts, versions, ranges, mail, paths.
    ['true', 'text', []],
    ['production', 'text', []],
    ['10.0.0.0/8', 'text', []],
    ['1.19.0', 'text', []],
    ['noreply@example.com', 'text', []],
    ['/var/run/postgresql', 'text', []],
    ['max_connections=200', 'text', []],
    ['file:///data/x', 'text', []],
  ])('%s as %s', ([text, reading, expected]) => {
    expect(hosts(text, reading)).toEqual(expected);
  });

  test.for<[string, Reading, string]>([
    ['redis://:pw@10.0.0.5:6379/1', 'text', 'redis://:pw@X:6379/1'],
    ['rediss://[fd00::1]:6380/1', 'text', 'rediss://X:6380/1'],
    ['fd00::1', 'host', 'X'],
    ['postgresql://10.0.0.5:10.0.0.5@10.0.0.5/x', 'text', 'postgresql://10.0.0.5:10.0.0.5@X/x'],
    ['sentinel://a:1;b:2', 'host', 'sentinel://X:1;X:2'],
  ])('%s as %s: the host is replaced and nothing else', ([text, reading, expected]) => {
    expect(replaceHosts(text, reading, () => 'X')).toBe(expected);
  });
});

test.for<[string, string | null]>([
  ['172.17.0.1', '172.17.0.1'],
  ['2886795265', '172.17.0.1'],
  ['0xac110001', '172.17.0.1'],
  ['127.1', '127.0.0.1'],
  ['fd00::1', 'fd00::1'],
  ['::ffff:10.0.0.5', '::ffff:a00:5'],
  ['5432', null],
  ['db', null],
  ['db.example.com', null],
  ['1password.example.com', null],
])('%s is the address %s', ([host, expected]) => {
  expect(literalOf(host)).toBe(expected);
});

describe('where a name leads', () => {
  const model = modelOf({
    api: {
      networks: { default: null },
      hostname: 'api-1',
      extra_hosts: ['prod=10.0.0.9', 'files.example.com:10.0.0.9'],
      external_links: ['other_db_1:elsewhere'],
      links: ['db:database'],
    },
    db: { networks: { default: { aliases: ['postgres'] } }, container_name: 'dify-db' },
    vault: { networks: { inner: null } },
    agent: { network_mode: 'host' },
  });
  test.for<[string, string, string]>([
    ['api', 'db', 'service'],
    ['api', 'postgres', 'service'],
    ['api', 'dify-db', 'service'],
    ['api', 'database', 'service'],
    ['api', 'vault', 'apart'],
    ['api', 'localhost', 'itself'],
    ['api', '127.0.0.1', 'itself'],
    ['api', '127.1', 'itself'],
    ['api', '0.0.0.0', 'itself'],
    ['api', '[::1]', 'itself'],
    ['api', 'api-1', 'itself'],
    ['api', '', 'nobody'],
    ['api', 'typo', 'nobody'],
    ['api', 'db.invalid', 'nobody'],
    ['api', 'db.example.com', 'outside'],
    ['api', 'db.example.com.', 'outside'],
    ['api', '10.0.0.5', 'outside'],
    ['api', '2886795265', 'outside'],
    ['api', '0xac110001', 'outside'],
    ['api', 'fd00::1', 'outside'],
    ['api', 'host.docker.internal', 'outside'],
    ['api', 'gateway.docker.internal', 'outside'],
    ['api', 'prod', 'outside'],
    ['api', 'files.example.com', 'outside'],
    ['api', 'elsewhere', 'outside'],
    ['db', 'prod', 'nobody'],
    ['agent', 'localhost', 'outside'],
  ])('from %s, %s: %s', ([from, host, expected]) => {
    const asking = model.services[from];
    if (!asking) throw new Error(from);
    expect(leadsTo(model, asking, host).kind).toBe(expected);
  });
});
