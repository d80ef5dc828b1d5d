import { describe, expect, test } from 'vitest';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { deriveContract } from '../../../../fixtures/checks/contract.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import { enclose, type EnclosePolicy } from '../../../../fixtures/model/outside/enclose.ts';
import { UsageError } from '../../../../fixtures/errors.ts';

const NETWORKS = { default: {}, inner: { internal: true } };
const on = (...networks: string[]) => Object.fromEntries(networks.map((network) => [network, null]));
const DB = { DB_USERNAME: 'dify', DB_PASSWORD: 'pa$$s', DB_DATABASE: 'dify' };

/** The stack of the tests: each environment on top of api's, worker's and plugin_daemon's own. */
function enclosed(
  environments: { api?: object; worker?: object; plugin_daemon?: object; all?: object },
  { services = {}, allow = [] }: { services?: Record<string, object>; allow?: EnclosePolicy['allow'] } = {},
) {
  const app = (name: 'api' | 'worker' | 'plugin_daemon', image: string, more: object) => ({
    image,
    networks: on('default', 'inner'),
    environment: { ...more, ...environments.all, ...environments[name] },
  });
  const model = modelOf(
    {
      nginx: { image: 'nginx:1.28.0', networks: on('default') },
      api: app('api', 'langgenius/dify-api:1.5.0', { MODE: 'api' }),
      worker: app('worker', 'langgenius/dify-api:1.5.0', { MODE: 'worker' }),
      plugin_daemon: app('plugin_daemon', 'langgenius/dify-plugin-daemon:0.1.2-local', {}),
      sandbox: { image: 'langgenius/dify-sandbox:0.2.12', networks: on('inner') },
      ...services,
    },
    { networks: NETWORKS },
  );
  Object.assign(
    model.networks,
    Object.fromEntries(
      Object.entries(NETWORKS).map(([key, { internal = false }]: [string, { internal?: boolean }]) => [
        key,
        { name: key, internal, external: false, driver: null },
      ]),
    ),
  );
  const before = JSON.stringify(model);
  const result = enclose(model, rolesOf(model), { allow });
  expect(JSON.stringify(model)).toBe(before);
  return { ...result, read: model };
}

const services = ({ model }: ReturnType<typeof enclosed>) => Object.keys(model.services);
const valueOf = ({ model }: ReturnType<typeof enclosed>, service: string, variable: string) => {
  const value = model.services[service]?.environment[variable];
  expect(String(model.raw.services[service]?.environment?.[variable]).replaceAll('$$', () => '$')).toBe(value);
  return value;
};

describe('a database outside', () => {
  /** Of the line that tells of a double: what is told of TLS. */
  const tlsToldOf = (it: ReturnType<typeof enclosed>, at: string) =>
    /(?:, by TLS.*)?$/.exec(it.said.find((one) => one.startsWith(`${at} is outside`)) ?? 'no line, by TLS')?.[0];
  const MADE = ', by TLS with a certificate made for this run';
  const verifies = (who: string) => `${MADE}; ${who} it, whether the real certificate is in order is not verified`;

  test.for([
    ['DB_EXTRAS of api', { api: { DB_EXTRAS: 'sslmode=require' } }, 'demanded', MADE],
    // Where api would take it in the clear, the private one lets both in.
    ['DB_SSL_MODE of the plugin daemon', { plugin_daemon: { DB_SSL_MODE: 'require' } }, 'offered', MADE],
    [
      'two of them',
      { api: { DB_EXTRAS: 'sslmode=verify-full' }, worker: { DB_EXTRAS: 'sslmode=require' } },
      'demanded',
      verifies('api verifies'),
    ],
    ['nobody', {}, 'none', ''],
    ['one who would do without', { api: { DB_EXTRAS: 'sslmode=prefer' } }, 'none', ''],
  ] as const)('its double speaks TLS where somebody asks for it: %s', ([, environments, tls, told]) => {
    const it = enclosed({ ...environments, all: { DB_HOST: 'db.example.com', ...DB } });
    expect(it.doubles.map((double) => double.tls)).toEqual([tls]);
    expect(it.model.services['db.example.com']?.double?.tls).toBe(tls === 'demanded');
    expect(tlsToldOf(it, 'db.example.com:5432')).toBe(told);
    const first =
      Object.values((it.model.raw['configs'] ?? {}) as Record<string, { content: string }>)[0]?.content ?? '';
    expect(first.includes('ssl = on')).toBe(tls !== 'none');
    expect(first.includes('hostssl all all all')).toBe(tls === 'demanded');
  });

  test('the doubles of Redis and Weaviate speak TLS at the port that their clients are told, where api asks for it', () => {
    const redis = { REDIS_HOST: 'redis.example.com', REDIS_USE_SSL: 'true' };
    const vectors = { VECTOR_STORE: 'weaviate', WEAVIATE_ENDPOINT: 'https://vectors.example.com' };
    const it = enclosed({ all: { ...redis, ...vectors } });
    expect(tlsToldOf(it, 'redis.example.com:6379')).toBe(verifies('api, worker, plugin_daemon verify'));
    expect(tlsToldOf(it, 'vectors.example.com:443')).toBe(verifies('api, worker verify'));
    const line = (name: string) => (it.model.services[name]?.command ?? []).join(' ');
    expect(line('redis.example.com')).toMatch(/--port 16379 --tls-port 6379 --tls-cert-file \S+ --tls-key-file/);
    expect(line('vectors.example.com')).toMatch(/--port 16379 .*--scheme=https .*--tls-port=443/);
    const plain = enclosed({ all: { ...redis, REDIS_USE_SSL: 'false' } });
    expect((plain.model.services['redis.example.com']?.command ?? []).join(' ')).not.toContain('tls');
  });

  test('by name: a private one answers under it, with the login of api', () => {
    const it = enclosed({ all: { DB_HOST: 'db.example.com', DB_PORT: '6432', ...DB } });
    expect(valueOf(it, 'api', 'DB_HOST')).toBe('db.example.com');
    const double = it.model.raw.services['db.example.com'];
    expect(double?.environment).toMatchObject({ POSTGRES_USER: 'dify', POSTGRES_DB: 'dify', PGPORT: '6432' });
    expect(double?.environment?.['POSTGRES_PASSWORD']).toBe('pa$$s');
    // An internal network has no way out, so that nothing outside answers there.
    expect(Object.keys(double?.networks ?? {})).toEqual(['default']);
    expect(it.model.services['api']?.dependsOn).toContainEqual({
      service: 'db.example.com',
      condition: 'service_healthy',
      required: true,
    });
    expect(it.said).toEqual([
      'db.example.com:6432 is outside the stack (DB_HOST of api, worker, plugin_daemon): a private PostgreSQL answers in its place, with the login of api',
    ]);
  });

  test.for([
    ['10.0.0.5', 'outside-10-0-0-5'],
    ['2886795265', 'outside-172-17-0-1'],
    ['fd00::1', 'outside-fd00-1'],
    ['host.docker.internal', 'outside-host-docker-internal'],
  ])('%s is rewritten to %s', ([host, name]) => {
    const it = enclosed({ all: { DB_HOST: host, ...DB } });
    expect(valueOf(it, 'api', 'DB_HOST')).toBe(name);
    expect(services(it)).toContain(name);
  });

  test('one word is a store outside where the stack has no database, and a slip where it has one', () => {
    expect(services(enclosed({ all: { DB_HOST: 'prod', ...DB } }))).toContain('prod');
    const slip = enclosed(
      { all: { DB_HOST: 'prod', ...DB } },
      { services: { db: { image: 'postgres:15-alpine', networks: on('default') } } },
    );
    expect(services(slip)).not.toContain('prod');
    expect(valueOf(slip, 'api', 'DB_HOST')).toBe('prod.invalid');
  });

  test('a service that extra_hosts hides keeps its name in variables: dns shows what that does', () => {
    const read = modelOf({
      api: {
        image: 'langgenius/dify-api:1.5.0',
        environment: { MODE: 'api', CODE_EXECUTION_ENDPOINT: 'http://sandbox:8194' },
        extra_hosts: ['sandbox=192.0.2.10'],
        networks: { default: null },
      },
      sandbox: { image: 'langgenius/dify-sandbox:0.2.12', networks: { default: null } },
    });
    const { model } = enclose(read, rolesOf(read), { allow: [] });
    expect(model.services['api']?.environment['CODE_EXECUTION_ENDPOINT']).toBe('http://sandbox:8194');
    expect(model.services['api']?.extraHosts).toEqual(['sandbox=192.0.2.10']);
  });

  test('a name of extra_hosts: the line goes, the double has the name', () => {
    const it = enclosed(
      { all: { DB_HOST: 'prod', ...DB } },
      {
        services: {
          worker: {
            image: 'langgenius/dify-api:1.5.0',
            networks: on('default'),
            environment: { MODE: 'worker', DB_HOST: 'prod', ...DB },
            extra_hosts: ['prod=10.0.0.5', 'gate:host-gateway', 'sandbox=10.0.0.6', 'here=127.0.0.1'],
          },
        },
      },
    );
    expect(services(it)).toContain('prod');
    expect(it.model.raw.services['worker']?.extra_hosts).toEqual(['sandbox=192.0.2.1', 'here=127.0.0.1']);
  });

  test('a differing password or database of worker is not taken over; the plugin daemon’s own database and login are', () => {
    const it = enclosed({
      all: { DB_HOST: 'db.example.com', ...DB },
      worker: { DB_PASSWORD: 'other', DB_DATABASE: 'wrong' },
      plugin_daemon: { DB_USERNAME: 'plugins', DB_PASSWORD: "p'w", DB_DATABASE: 'dify_plugin' },
    });
    const said = JSON.stringify(it.model.raw['configs']);
    expect(said).toContain(`CREATE ROLE \\"plugins\\"`);
    expect(said).toContain(`'p''w'`);
    expect(said).toContain(`CREATE DATABASE \\"dify_plugin\\" OWNER \\"plugins\\"`);
    expect(said).not.toContain('wrong');
    expect(said).not.toContain('other');
  });

  test('one host with two stores: each has a name of its own', () => {
    const it = enclosed({ all: { DB_HOST: 'all.example.com', ...DB, REDIS_HOST: 'all.example.com' } });
    expect(valueOf(it, 'api', 'DB_HOST')).toBe('outside-all-example-com-5432');
    expect(valueOf(it, 'api', 'REDIS_HOST')).toBe('outside-all-example-com-6379');
  });

  test('a connection string', () => {
    const it = enclosed({ api: { SQLALCHEMY_DATABASE_URI: 'postgresql://u:p%40w@10.0.0.5:5433/app' } });
    expect(valueOf(it, 'api', 'SQLALCHEMY_DATABASE_URI')).toBe('postgresql://u:p%40w@outside-10-0-0-5:5433/app');
    expect(it.model.raw.services['outside-10-0-0-5']?.environment).toMatchObject({
      POSTGRES_USER: 'u',
      POSTGRES_PASSWORD: 'p@w',
      POSTGRES_DB: 'app',
    });
  });

  test('MySQL has no double: its name leads nowhere, told', () => {
    const it = enclosed({ all: { DB_TYPE: 'mysql', DB_HOST: 'my.example.com', DB_PORT: '3306', ...DB } });
    expect(valueOf(it, 'api', 'DB_HOST')).toBe('my.example.com.invalid');
    expect(it.said.join()).toMatch(/my\.example\.com:3306 is outside the stack .* no private database of its kind/);
    const opened = () =>
      enclosed(
        { all: { DB_TYPE: 'mysql', DB_HOST: 'my.example.com', DB_PORT: '3306', ...DB } },
        { allow: [{ target: 'my.example.com:3306', at: 'verify.yaml:3' }] },
      );
    expect(opened).toThrow(/^verify\.yaml:3: outside\.allow names my\.example\.com:3306, .*never opened/);
  });
});

describe('Redis outside', () => {
  test('cache and broker are one server', () => {
    const it = enclosed({
      all: { REDIS_HOST: '10.0.0.7', REDIS_PASSWORD: 'r', CELERY_BROKER_URL: 'redis://:r@10.0.0.7:6379/17' },
    });
    expect(valueOf(it, 'worker', 'CELERY_BROKER_URL')).toBe('redis://:r@outside-10-0-0-7:6379/17');
    expect(it.doubles).toHaveLength(1);
    const command = it.model.services['outside-10-0-0-7']?.command ?? [];
    expect(command.join(' ')).toContain('--databases 18 --requirepass r');
  });

  test('Sentinels are one plain Redis, and the clients are told so', () => {
    const it = enclosed({
      all: {
        REDIS_USE_SENTINEL: 'true',
        REDIS_SENTINELS: 's1.example.com:26379,s2.example.com:26379',
        REDIS_PASSWORD: 'r',
        CELERY_BROKER_URL: 'sentinel://:r@s1.example.com:26379/1;sentinel://:r@s2.example.com:26379/1',
        CELERY_USE_SENTINEL: 'true',
      },
    });
    expect(it.doubles).toHaveLength(1);
    expect(valueOf(it, 'api', 'REDIS_USE_SENTINEL')).toBe('false');
    expect(valueOf(it, 'api', 'REDIS_HOST')).toBe('s1.example.com');
    expect(valueOf(it, 'api', 'CELERY_BROKER_URL')).toBe('redis://:r@s1.example.com:6379/1');
    expect(it.said.join()).toContain('plain in place of Sentinels');
  });
});

describe('everything else outside', () => {
  test('is told in one line and reached by nobody', () => {
    const it = enclosed({
      api: {
        MARKETPLACE_API_URL: 'https://marketplace.example.com',
        HTTP_PROXY: 'http://10.0.0.1:3128',
        NO_PROXY: 'localhost,10.0.0.1',
        MILVUS_URI: 'http://host.docker.internal:19530',
        S3_ENDPOINT: 'https://s3.example.com',
        STORAGE_TYPE: 's3',
      },
    });
    expect(valueOf(it, 'api', 'MARKETPLACE_API_URL')).toBe('https://marketplace.example.com.invalid');
    expect(valueOf(it, 'api', 'HTTP_PROXY')).toBe('http://10-0-0-1.address.invalid:3128');
    expect(valueOf(it, 'api', 'NO_PROXY')).toBe('localhost,10.0.0.1');
    expect(valueOf(it, 'api', 'MILVUS_URI')).toBe('http://host.docker.internal.invalid:19530');
    expect(it.said).toEqual([
      's3.example.com is outside the stack (S3_ENDPOINT of api): no private object store of its kind answers in its place: what needs it is skipped',
      'outside the stack and not reached from the copy: marketplace.example.com (MARKETPLACE_API_URL), 10.0.0.1:3128 (HTTP_PROXY)',
    ]);
  });

  test('the stack’s own public address leads to its own nginx', () => {
    const it = enclosed({ api: { FILES_URL: 'https://dify.example.com', CONSOLE_API_URL: 'http://10.0.0.9' } });
    expect(valueOf(it, 'api', 'FILES_URL')).toBe('https://dify.example.com');
    expect(valueOf(it, 'api', 'CONSOLE_API_URL')).toBe('http://outside-10-0-0-9');
    expect(it.model.raw.services['nginx']?.networks?.['default']?.aliases).toEqual([
      'dify.example.com',
      'outside-10-0-0-9',
    ]);
  });

  test('commands and health checks', () => {
    const it = enclosed(
      {},
      {
        services: {
          sandbox: {
            image: 'langgenius/dify-sandbox:0.2.12',
            networks: on('inner'),
            command: ['sh', '-c', 'nc -z 10.0.0.5 5432 && exec /main'],
            healthcheck: { test: ['CMD', 'curl', 'http://status.example.com/ping'] },
            external_links: ['prod_db_1:db'],
            dns: ['10.0.0.2'],
          },
        },
      },
    );
    const raw = it.model.raw.services['sandbox'];
    expect(raw?.command?.[2]).toBe('nc -z 10-0-0-5.address.invalid 5432 && exec /main');
    expect(raw?.healthcheck?.test?.[2]).toBe('http://status.example.com.invalid/ping');
    expect(raw).not.toHaveProperty('external_links');
    expect(raw).not.toHaveProperty('dns');
  });

  test('what the policy opens stays as it is; a store is refused with its place', () => {
    const open = enclosed(
      { api: { SMTP_SERVER: 'smtp.example.com', SMTP_PORT: '465', MAIL_TYPE: 'smtp' } },
      { allow: [{ target: 'smtp.example.com:465', at: 'verify.yaml:3' }] },
    );
    expect(valueOf(open, 'api', 'SMTP_SERVER')).toBe('smtp.example.com');
    const store = () =>
      enclosed(
        { all: { DB_HOST: 'db.example.com', ...DB } },
        { allow: [{ target: 'db.example.com:5432', at: 'verify.yaml:3' }] },
      );
    expect(store).toThrow(UsageError);
    expect(store).toThrow(/^verify\.yaml:3: outside\.allow names db\.example\.com:5432, .*never opened/);
  });
});

test('a double is a store of names, datapath and backup, and the subject of no check', () => {
  const it = enclosed({
    all: { DB_HOST: '10.0.0.5', ...DB, REDIS_HOST: 'redis.example.com', REDIS_PASSWORD: 'r' },
  });
  const contract = deriveContract(it.model, { read: it.read });
  const ids = JSON.stringify(
    [contract.health, contract.guide, contract.isolation, contract.dns.resolves, contract.config].flatMap((part) =>
      Object.values(part).flatMap((list) => (Array.isArray(list) ? list.map(({ id }: { id: string }) => id) : [])),
    ),
  );
  expect(ids).not.toMatch(/outside-10-0-0-5|redis\.example\.com/);
  expect(contract.dns.environment.map(({ id, endpoint }) => [id, endpoint.written, endpoint.service])).toContainEqual([
    'dns/api/environment/DB_HOST',
    '10.0.0.5',
    'outside-10-0-0-5',
  ]);
  expect(contract.roles).toMatchObject({ 'outside-10-0-0-5': 'database', 'redis.example.com': 'cache' });
});
