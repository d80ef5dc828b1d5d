import { describe, expect, test } from 'vitest';
import { causesOf, dangerOf, withCauses } from '../../../../fixtures/run/causes/causes.ts';
import { DANGERS, partsOf } from '../../../../fixtures/run/causes/cause.ts';
import { causeFacts, type CauseFacts } from '../../../../fixtures/run/causes/facts.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';
import type { ReportedCheck } from '../../../../fixtures/run/reported-check.ts';

const FACTS: CauseFacts = {
  roles: { api: 'api', worker: 'worker', db: 'database', redis: 'cache', sandbox: 'sandbox', nginx: 'nginx' },
  down: [],
  holds: { api: ['DB_HOST'] },
  ownProcedures: false,
};

const red = (id: string, more: Partial<ReportedCheck> = {}): ReportedCheck => ({
  id,
  suite: id.split('/')[0] ?? '',
  title: `title of ${id}`,
  level: 'must',
  status: 'fail',
  durationMs: 1,
  ...more,
});
const blocked = (id: string, by: string): ReportedCheck => red(id, { status: 'blocked', blockedBy: by });
const ids = (checks: ReportedCheck[], facts: Partial<CauseFacts> = {}) =>
  Object.fromEntries(causesOf(checks, { ...FACTS, ...facts }).map((cause) => [cause.id, cause.checks]));

describe('causes behind what is red', () => {
  test('what follows from a defect stands under the finding in the files, with its place and its mend', () => {
    const [cause, ...others] = causesOf(
      [
        red('failover/api/new-address', { cause: 'nginx-static-upstream', hint: 'of the drill' }),
        red('config/nginx/nginx/re-resolved/api', { reference: 'nginx/a.conf:8 (F001)', hint: 'of the file' }),
      ],
      FACTS,
    );
    expect(others).toEqual([]);
    expect(cause).toMatchObject({
      id: 'nginx-static-upstream',
      level: 'must',
      file: 'nginx/a.conf',
      line: 8,
      fix: 'of the file',
      checks: ['config/nginx/nginx/re-resolved/api', 'failover/api/new-address'],
      blocked: 0,
    });
  });

  test('what one thing kept from being judged is one entry, and a defect beside it is its own', () => {
    const kept = (id: string) => red(id, { status: 'error', cause: 'probe-gone' });
    expect(ids([kept('dns/api/resolves/db'), kept('isolation/api/allowed/db:5432'), red('guide/ps/api')])).toEqual({
      'probe-gone': ['dns/api/resolves/db', 'isolation/api/allowed/db:5432'],
      'guide/ps/api': ['guide/ps/api'],
    });
    // Without such a word each stands for itself.
    expect(Object.keys(ids([red('dns/a', { status: 'error' }), red('dns/b', { status: 'error' })]))).toHaveLength(2);
  });

  test('a health command that is red while its service works is no missing tool, and stands under one where one is missing', () => {
    const green = red('health/web/truth/green');
    expect(ids([green])).toEqual({ [green.id]: [green.id] });
    expect(ids([green, red('health/web/tool')])).toEqual({
      'health-check-tool:web': [green.id, 'health/web/tool'],
    });
  });

  test('what needs a service that stopped under the run stands under its end', () => {
    const [ended, step] = [red('health/worker/stays'), red('datapath/dataset/indexing', { cause: 'worker-deaf' })];
    expect(ids([step, ended])).toEqual({ [ended.id]: [step.id, ended.id] });
    expect(ids([step])).toEqual({ 'worker-deaf': [step.id] });
  });

  test('a backup that the database keeps out stands under the socket that is shut, by itself under its own id', () => {
    const taken = red('backup/taken');
    expect(ids([taken, red('guide/db/psql/dify')])).toEqual({
      'database-socket-shut': ['backup/taken', 'guide/db/psql/dify'],
    });
    expect(ids([taken])).toEqual({ 'backup/taken': ['backup/taken'] });
  });

  test('what no rule knows is its own cause; what passed or was skipped has none', () => {
    expect(ids([red('guide/ps/api'), red('dns/a', { status: 'pass' }), red('dns/b', { status: 'skip' })])).toEqual({
      'guide/ps/api': ['guide/ps/api'],
    });
  });

  test.for<[string, ReportedCheck[], Record<string, string[]>]>([
    [
      'a one-shot that fails, and the boot that waits for it',
      [red('health/boot', { cause: 'service-down:init' }), red('health/init/exits')],
      { 'service-down:init': ['health/boot', 'health/init/exits'] },
    ],
    [
      'a name that extra_hosts gives away',
      [red('dns/sandbox/hidden'), red('dns/sandbox/hosts-file')],
      { 'name-shadowed:sandbox': ['dns/sandbox/hidden', 'dns/sandbox/hosts-file'] },
    ],
    [
      'a name that two services have',
      [red('dns/api/resolves/worker', { cause: 'name-shared:worker' }), red('dns/worker/recreated')],
      { 'name-shared:worker': ['dns/api/resolves/worker', 'dns/worker/recreated'] },
    ],
    [
      'a route with the wrong owner, and what was asked by it',
      [
        red('routes/location:/console/api/apps/owner', { cause: 'route-wrong-owner:/console/api/apps' }),
        red('datapath/app', { cause: 'database-refuses' }),
      ],
      { 'route-wrong-owner:/console/api/apps': ['routes/location:/console/api/apps/owner', 'datapath/app'] },
    ],
    [
      'a route that no step goes by has the wrong owner, and steps fail for another reason',
      [red('routes/public:/health/owner', { cause: 'route-wrong-owner:/health' }), red('datapath/plugins')],
      { 'route-wrong-owner:/health': ['routes/public:/health/owner'], 'datapath/plugins': ['datapath/plugins'] },
    ],
    [
      'a container that is gone, as each command of the guide shows it',
      [red('guide/ps/helper'), red('guide/stats/helper'), red('guide/network/default')],
      { 'guide/ps/helper': ['guide/ps/helper', 'guide/stats/helper', 'guide/network/default'] },
    ],
    [
      'the same kind of defect at two services',
      [red('config/port/db'), red('isolation/db/published'), red('config/port/redis')],
      {
        'port-published:db': ['config/port/db', 'isolation/db/published'],
        'port-published:redis': ['config/port/redis'],
      },
    ],
    [
      'a way out of the sandbox by the network that the stores are on',
      [red('config/network/sandbox/apart'), red('isolation/sandbox/outside/by-name')],
      { 'sandbox-beside-stores:sandbox': ['config/network/sandbox/apart', 'isolation/sandbox/outside/by-name'] },
    ],
    [
      'the same, where its own network is open',
      [red('config/network/sandbox/inside'), red('isolation/sandbox/outside/by-name')],
      { 'sandbox-network-open:sandbox': ['config/network/sandbox/inside', 'isolation/sandbox/outside/by-name'] },
    ],
    [
      'a store that refuses a secret that differs',
      [red('config/secret/equal/db:POSTGRES_PASSWORD'), red('datapath/account/setup', { cause: 'database-refuses' })],
      { 'secret-differs:db:POSTGRES_PASSWORD': ['config/secret/equal/db:POSTGRES_PASSWORD', 'datapath/account/setup'] },
    ],
    [
      'a store that refuses beside a secret that differs elsewhere: two causes',
      [red('config/secret/equal/redis:requirepass'), red('datapath/account/setup', { cause: 'database-refuses' })],
      {
        'secret-differs:redis:requirepass': ['config/secret/equal/redis:requirepass'],
        'database-refuses': ['datapath/account/setup'],
      },
    ],
    [
      'what could not be judged stands for itself where nothing red explains it',
      [red('config/port/db', { status: 'error' })],
      { 'config/port/db': ['config/port/db'] },
    ],
    [
      'a scenario that found no whole stack, because nginx had lost a replica before',
      [red('config/nginx/nginx/re-resolved/api'), red('failover/api/stop/nginx-untouched', { status: 'error' })],
      { 'nginx-static-upstream': ['config/nginx/nginx/re-resolved/api', 'failover/api/stop/nginx-untouched'] },
    ],
    [
      'a proxy that is not asked is one defect, whichever variable is empty',
      [
        red('config/host/SSRF_PROXY_HTTP_URL', { cause: 'proxy-not-used' }),
        red('datapath/workflow/http-node', { cause: 'proxy-refuses' }),
        red('datapath/hop/api-proxy-log', { cause: 'proxy-not-used' }),
      ],
      {
        'proxy-not-used': [
          'config/host/SSRF_PROXY_HTTP_URL',
          'datapath/workflow/http-node',
          'datapath/hop/api-proxy-log',
        ],
      },
    ],
    [
      'what is waived keeps its cause',
      [red('config/port/db', { status: 'waived' })],
      { 'port-published:db': ['config/port/db'] },
    ],
  ])('%s', ([, checks, expected]) => {
    expect(ids(checks)).toEqual(expected);
  });

  test('a boot that failed follows from what keeps its service down, else it names the service', () => {
    const boot = red('health/boot');
    expect(ids([boot, red('config/mount/nginx/there')], { down: ['nginx'] })).toEqual({
      'mount-missing:nginx': ['config/mount/nginx/there', 'health/boot'],
    });
    expect(ids([boot, red('config/mount/nginx/there')], { down: ['db'] })).toEqual({
      'mount-missing:nginx': ['config/mount/nginx/there'],
      'service-down:db': ['health/boot'],
    });
    const crashed = red('health/redis/restarts');
    expect(ids([red('health/boot', { cause: 'crash-hidden:redis' }), crashed])).toEqual({
      'crash-hidden:redis': ['health/boot', crashed.id],
    });
    expect(ids([boot])).toEqual({ 'health/boot': ['health/boot'] });
  });

  test('who runs and never serves is down, and who waits for it is not the root', () => {
    const model = modelOf({
      api: { image: 'x' },
      web: { image: 'y', depends_on: { api: { condition: 'service_started' } } },
    });
    expect(causeFacts(model, { silent: ['web', 'api'] }).down).toEqual(['api']);
  });

  test('without a line of its own it is told where the service is written that it is about', () => {
    const places = { worker: 'docker-compose.yaml:184', sandbox: 'docker-compose.yaml:240' };
    const told = causesOf(
      [
        red('health/boot'),
        red('isolation/sandbox/key/refused', { reference: 'F094' }),
        red('routes/location:/v1/upgrade', { reference: '/etc/nginx/conf.d/default.conf:9, F022' }),
      ],
      { ...FACTS, down: ['worker'], places },
    );
    expect(told.map(({ id, file, line }) => [id, file, line])).toEqual([
      ['anonymous-access:sandbox', 'docker-compose.yaml', 240],
      ['nginx-upgrade-missing:/v1', undefined, undefined],
      ['service-down:worker', 'docker-compose.yaml', 184],
    ]);
  });

  test('what was blocked is counted at the red at the beginning of its chain, and names its cause', () => {
    const checks = [red('config/port/db'), blocked('dns/a', 'config/port/db'), blocked('dns/b', 'dns/a')];
    const causes = causesOf(checks, FACTS);
    expect(causes).toMatchObject([{ id: 'port-published:db', checks: ['config/port/db'], blocked: 2 }]);
    expect(withCauses(checks, causes).map(({ cause }) => cause)).toEqual(Array(3).fill('port-published:db'));
  });

  test('causes of a cause stay as they are when the reported checks are read again', () => {
    const checks = [red('config/port/db'), red('failover/api/kill/in-time', { cause: 'nginx-connect-timeout' })];
    const causes = causesOf(checks, FACTS);
    expect(causesOf(withCauses(checks, causes), FACTS)).toEqual(causes);
  });

  test('most dangerous first, advice last', () => {
    const told = causesOf(
      [
        red('config/setting/pinned', { level: 'advice' }),
        red('config/secret/first-login/api', { level: 'advice' }),
        red('config/health/web/present'),
        red('config/host/DB_HOST'),
        red('config/mount/db/kept'),
        red('config/secret/default/a:B'),
      ],
      FACTS,
    );
    expect(told.map((cause) => `${cause.level} ${dangerOf(cause)}`)).toEqual([
      ...DANGERS.slice(0, 4).map((danger) => `must ${danger}`),
      'advice exposed',
      'advice untidy',
    ]);
  });

  test('the class and the subject of an id', () => {
    expect(partsOf('secret-differs:db:POSTGRES_PASSWORD')).toEqual({
      kind: 'secret-differs',
      subject: 'db:POSTGRES_PASSWORD',
    });
    expect(partsOf('routes/public:/health/owner')).toEqual({ kind: 'routes/public:/health/owner', subject: '' });
  });
});
