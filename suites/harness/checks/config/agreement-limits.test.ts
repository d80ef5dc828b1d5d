import { describe, expect, test } from 'vitest';
import { isExcepted } from '../../../../fixtures/checks/config/hosts-no-proxy.ts';
import { secondsOf } from '../../../../fixtures/checks/config/squid-timeouts.ts';
import { both, env, expectRed, judgedAfter, replace, type Case } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

const SQUID_FILE = 'ssrf_proxy/squid.conf.template';
const ALL_OF_1_5 = 'dataset,mail,ops_trace,app_deletion';

describe('queues', () => {
  const QUEUES = 'config/worker/queues';
  const queues = (value: string, name = 'worker') => env(name, 'CELERY_QUEUES', value);
  const second = (edit: (own: ReturnType<typeof service>) => void) => (stack: SyntheticStack) => {
    const own = structuredClone(service(stack, 'worker'));
    edit(own);
    stack.services['worker_mail'] = own;
  };
  test.for<Case>([
    ['a list of an older release', queues('dataset,mail'), [QUEUES], /nobody takes from ops_trace and app_deletion/],
    ['empty: the list of the image', queues(''), []],
    ['the whole list, in another order and with blanks', queues('mail, dataset,app_deletion ,ops_trace,own'), []],
    [
      'two workers that share the queues',
      both(
        queues('dataset'),
        second((own) => (own.environment['CELERY_QUEUES'] = 'mail,ops_trace,app_deletion')),
      ),
      [],
    ],
    [
      'a second worker that takes all',
      both(
        queues('dataset'),
        second((own) => delete own.environment['CELERY_QUEUES']),
      ),
      [],
    ],
    ['a variable that this release does not read', env('worker', 'CELERY_WORKER_QUEUES', 'dataset'), []],
    [
      'a command of its own',
      (stack) => {
        service(stack, 'worker').command = ['celery', '-A', 'app.celery', 'worker', '-Q', 'dataset'];
      },
      [QUEUES],
      /\(command of worker\)/,
    ],
    [
      'a command with all',
      (stack) => {
        service(stack, 'worker').command = ['celery', '-A', 'app.celery', 'worker', `--queues=${ALL_OF_1_5}`];
      },
      [],
    ],
    [
      'a command whose list is elsewhere',
      (stack) => {
        service(stack, 'worker').command = ['sh', '-c', 'celery -A app.celery worker -Q $LIST'];
      },
      [`skip ${QUEUES}`],
      /is not in the files/,
    ],
  ])('%s', (row) => expectRed(row));

  test.for([
    ['99.0.0', 'dataset', 'skip'],
    ['99.0.0', '', 'pass'],
  ] as const)('release %s, CELERY_QUEUES=%s: %s', ([release, value, status]) => {
    const all = judgedAfter(
      both(queues(value), (stack) => {
        for (const name of ['api', 'worker']) service(stack, name).image = `langgenius/dify-api:${release}`;
      }),
    );
    expect(all.get(QUEUES)?.verdict.status).toBe(status);
  });

  test('from 1.10 on one worker has a variable of its own', () => {
    const all = judgedAfter(
      both(env('worker', 'CELERY_WORKER_QUEUES', 'dataset'), (stack) => {
        for (const name of ['api', 'worker']) service(stack, name).image = 'langgenius/dify-api:1.13.3';
      }),
    );
    expect(all.get(QUEUES)?.verdict.message).toMatch(
      /nobody takes from api_token, .* \(CELERY_WORKER_QUEUES of worker\)/,
    );
  });
});

describe('connections of the database', () => {
  const KEPT = 'config/database/connections';
  const PEAK = 'config/database/connections-at-peak';
  const limit = (text: string) => (stack: SyntheticStack) => {
    service(stack, 'db').command = ['postgres', '-c', text];
  };
  const replicas = (count: number) => (stack: SyntheticStack) => {
    Object.assign(service(stack, 'api'), { deploy: { replicas: count } });
  };
  test.for<Case>([
    ['a stock stack', () => undefined, [PEAK], /with overflow they may open 110: api 40, worker 40, plugin_daemon 30/],
    ['raised', limit('max_connections=113'), []],
    ['raised, and one is missing', limit('max_connections=112'), [PEAK], /expected at most 109 connections to db/],
    ['in quotes', limit("max_connections = '200'"), []],
    [
      'too few',
      limit('max_connections=60'),
      [KEPT, `skip ${PEAK}`],
      /the pools keep 90: api 30, worker 30, plugin_daemon 30/,
    ],
    ['processes', env('api', 'SERVER_WORKER_AMOUNT', '4'), [KEPT, `skip ${PEAK}`], /api 120/],
    ['replicas', replicas(3), [KEPT, `skip ${PEAK}`], /api 90/],
    [
      'replicas with smaller pools',
      both(replicas(3), limit('max_connections=200'), env('api', 'SQLALCHEMY_POOL_SIZE', '10')),
      [],
    ],
    [
      'a child for each task',
      both(
        limit('max_connections=200'),
        env('worker', 'CELERY_WORKER_CLASS', 'prefork'),
        env('worker', 'CELERY_WORKER_AMOUNT', '5'),
      ),
      [KEPT, `skip ${PEAK}`],
      /worker 150/,
    ],
    ['greenlets share a pool', both(limit('max_connections=200'), env('worker', 'CELERY_WORKER_AMOUNT', '50')), []],
    [
      'a daemon of many',
      both(limit('max_connections=200'), env('plugin_daemon', 'DB_MAX_OPEN_CONNS', '150')),
      [KEPT, `skip ${PEAK}`],
    ],
    [
      'a file of its own',
      limit('config_file=/etc/postgresql.conf'),
      [`skip ${KEPT}`, `skip ${PEAK}`],
      /is in a file of its own/,
    ],
    ['a pool without a limit', env('api', 'SQLALCHEMY_POOL_SIZE', '0'), [`skip ${KEPT}`, `skip ${PEAK}`]],
  ])('%s', ([name, edit, red, ...says]) =>
    // What the sound stack of these tests has is enough at the peak, too.
    expectRed([name, both((stack) => delete service(stack, 'db').command, edit), red, ...says]),
  );

  test('beat has no work to fill a pool with: it counts at the peak only', () => {
    const all = judgedAfter((stack) => {
      delete service(stack, 'db').command;
      stack.services['worker_beat'] = structuredClone(service(stack, 'worker'));
      stack.services['worker_beat'].environment['MODE'] = 'beat';
    });
    expect(all.get(KEPT)?.verdict.message).toContain('90 of 97');
    expect(all.get(PEAK)?.verdict.message).toContain('worker_beat 40');
  });

  test('a database outside of the stack is not counted', () => {
    const all = judgedAfter((stack) => {
      for (const name of ['api', 'worker', 'plugin_daemon'])
        service(stack, name).environment['DB_HOST'] = 'db.example.org';
    });
    expect([...all.keys()].filter((id) => id.startsWith('config/database/'))).toEqual([]);
  });
});

describe('a proxy for services', () => {
  const NO_PROXY = 'config/host/no-proxy';
  const proxy = (name: string, exceptions?: string, key = 'HTTP_PROXY') =>
    both(
      env(name, key, 'http://proxy.example.org:3128'),
      ...(exceptions === undefined ? [] : [env(name, 'NO_PROXY', exceptions)]),
    );
  const inner = 'plugin_daemon,sandbox,weaviate';
  test.for<Case>([
    ['no exception', proxy('api'), [NO_PROXY], /api asks HTTP_PROXY for sandbox, plugin_daemon and weaviate/],
    ['all of them', proxy('api', `localhost,${inner}`), []],
    ['with blanks, ports and points', proxy('api', 'plugin_daemon:5002, .sandbox ,*.weaviate'), []],
    ['everything', proxy('api', '*'), []],
    ['one is missing', proxy('api', 'plugin_daemon,sandbox'), [NO_PROXY], /for weaviate: not in NO_PROXY/],
    ['the small one lacks it', both(proxy('api', inner), env('api', 'no_proxy', 'localhost')), [NO_PROXY]],
    ['for https, where services speak http', proxy('api', undefined, 'HTTPS_PROXY'), []],
    ['for all', proxy('api', undefined, 'all_proxy'), [NO_PROXY]],
    ['the daemon', proxy('plugin_daemon'), [NO_PROXY], /plugin_daemon asks HTTP_PROXY for api/],
    ['the daemon, excepted', proxy('plugin_daemon', 'api'), []],
    ['empty', env('api', 'HTTP_PROXY', ''), []],
    ['the sandbox has Squid', env('sandbox', 'NO_PROXY', ''), []],
  ])('%s', (row) => expectRed(row));

  test.for([
    ['api', 'api', true],
    ['api', 'API:5001', true],
    ['api.stack', '.stack', true],
    ['api', 'myapi', false],
    ['myapi', 'api', false],
    ['api', '', false],
    ['api', 'localhost,*', true],
  ] as const)('%s of "%s": %s', ([host, list, excepted]) => expect(isExcepted(host, list)).toBe(excepted));
});

describe('Squid between api and the outside', () => {
  const TIMEOUTS = 'config/squid/ssrf_proxy/timeouts';
  const DNS = 'config/squid/ssrf_proxy/dns';
  const line = (text: string) => replace(SQUID_FILE, 'http_access deny all\n', `http_access deny all\n${text}\n`);
  const reads = (seconds: string) => both(env('api', 'HTTP_REQUEST_MAX_READ_TIMEOUT', seconds));
  test.for<Case>([
    ['the limits of Squid itself', reads('600'), []],
    [
      'longer than those',
      reads('901'),
      [TIMEOUTS],
      /expected at least 901 s, which api waits for .* read_timeout is 900 s/,
    ],
    [
      'two minutes against ten',
      both(reads('600'), line('read_timeout 2 minutes')),
      [TIMEOUTS],
      /is 120 s/,
      /:\d+ \(F080\)$/,
    ],
    [
      'the life of a client',
      both(reads('600'), line('client_lifetime 5 minutes')),
      [TIMEOUTS],
      /client_lifetime is 300 s/,
    ],
    ['the last line counts', both(reads('600'), line('read_timeout 2 minutes\nread_timeout 1 hour')), []],
    ['nothing said: what every release waits for', line('read_timeout 10 seconds'), [TIMEOUTS], /at least 60 s/],
    ['nothing said, and enough', line('read_timeout 2 minutes'), []],
    ['no time', line('read_timeout soon'), [`skip ${TIMEOUTS}`]],
    [
      'worker waits longer than api',
      both(env('worker', 'HTTP_REQUEST_MAX_READ_TIMEOUT', '1200'), line('client_lifetime 1 day')),
      [TIMEOUTS],
      /which worker waits for/,
    ],
  ])('%s', (row) => expectRed(row));

  test.for([
    [['2', 'minutes'], 120],
    [['1', 'hour'], 3600],
    [['90'], 90],
    [['1.5', 'hours'], 5400],
    [['500', 'milliseconds'], 0.5],
    [['soon'], null],
    [[], null],
    [['3', 'moons'], null],
  ] as const)('%j', ([words, seconds]) => expect(secondsOf(words)).toBe(seconds));

  const acl = 'acl market dstdomain .marketplace.dify.ai';
  const before = (text: string) =>
    replace(SQUID_FILE, 'http_access allow clients', `${text}\nhttp_access allow clients`);
  test.for<Case>([
    [
      'a name before addresses',
      before(`${acl}\nhttp_access allow market`),
      [DNS],
      /"http_access allow market" asks for its name \(market is a dstdomain\)/,
    ],
    ['without a look-up', before('acl market dstdomain -n .marketplace.dify.ai\nhttp_access allow market'), []],
    ['behind the rule that decides', line(`${acl}\nhttp_access allow market`), []],
    [
      'of others than who asks',
      before(`${acl}\nacl elsewhere src 203.0.113.0/24\nhttp_access allow elsewhere market`),
      [],
    ],
    [
      'the name first, then who asks',
      before(`${acl}\nacl elsewhere src 203.0.113.0/24\nhttp_access allow market elsewhere`),
      [DNS],
    ],
    ['not of that name', before(`${acl}\nhttp_access deny !clients !market`), []],
    ['not of that name, of those who ask', before(`${acl}\nhttp_access deny clients market`), [DNS]],
    [
      'a pattern',
      before('acl market dstdom_regex dify\nhttp_access allow market'),
      [DNS, 'config/squid/ssrf_proxy/outside'].slice(0, 1),
    ],
    ['within another', before(`${acl}\nacl either any-of market\nhttp_access allow either`), [DNS]],
  ])('%s', (row) => expectRed(row));
});
