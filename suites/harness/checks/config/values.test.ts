import { describe, expect, test } from 'vitest';
import { repeatedLines, REPLACES_ABOVE } from '../../../../fixtures/checks/config/env-lines.ts';
import { hostOfUrl } from '../../../../fixtures/checks/config/hosts.ts';
import { cutSign, entriesOf } from '../../../../fixtures/checks/config/url-signs.ts';
import { both, env, expectRed, judgedAfter, type Case } from './cases.ts';
import { service } from './stack.ts';

describe('a sign in the login of a URL', () => {
  test.for<[url: string, sign: string | null]>([
    ['redis://:ab#cd@redis:6379/1', '"#"'],
    ['redis://:12#cd@redis:6379/1', '"#"'],
    ['redis://:ab?cd@redis:6379/1', '"?"'],
    ['redis://user:ab/cd@redis:6379/1', '"/"'],
    ['redis://:ab@c/d@redis:6379/1', '"/"'],
    ['redis://:ab[cd@redis:6379/1', '"["'],
    ['sentinel://:a#b@one:26379/1', '"#"'],
    ['http://user:ab/cd@opensearch:9200', '"/"'],
    ['postgresql://dify:a@b@db:5432/dify', '"@"'],
    // The last @ ends the login: Python reads the password that was meant.
    ['redis://:ab@cd@redis:6379/1', null],
    ['redis://:ab%23cd@redis:6379/1', null],
    ['redis://:ab%zz@redis:6379/1', null],
    ['redis://redis:6379/1', null],
    ['https://example.org/@name', null],
    ['https://example.org:8443/?mail=a@example.org', null],
    ['http://[fd00::1]:8080/@x', null],
    ['https://example.org#a@b', null],
    ['redis://:ab:cd@redis', null],
  ])('%s', ([url, sign]) => {
    expect(cutSign(url)?.raw ?? null).toBe(sign);
  });

  test('an escape by chance is told where the password is given beside it', () => {
    expect(cutSign('redis://:ab%41cd@redis', ['ab%41cd'])).toEqual({ raw: '"%"', encoded: '%25' });
    expect(cutSign('redis://:ab%23cd@redis', ['ab#cd'])).toBeNull();
  });

  test('each entry of a list', () => {
    expect(entriesOf('sentinel://:a;b@one:1/0;sentinel://:c@two:1/0')).toEqual([
      'sentinel://:a;b@one:1/0',
      'sentinel://:c@two:1/0',
    ]);
  });
});

describe('lines of the env file', () => {
  test.for<[name: string, text: string, keys: string[]]>([
    ['two values', 'A=1\nB=2\nA=3', ['A']],
    ['with export and blanks', 'A=1\n export A = 3', ['A']],
    ['one value, quoted otherwise', 'A=1\nA=\'1\'\nA="1" # again', []],
    ['a comment', 'A=1\n# A=3', []],
    ['one key begins as another', 'A=1\nAB=3', []],
    ['inside a value of several lines', "A=1\nB='x\nA=3\n'\n", []],
    ['empty and set', 'A=\nA=3', ['A']],
    ['replaced on purpose', `A=1\n${REPLACES_ABOVE}\nA=3`, []],
    ['twice where they are replaced', `A=1\n${REPLACES_ABOVE}\nA=3\n\nA=4`, ['A']],
  ])('%s', ([, text, keys]) => {
    expect(repeatedLines(text.split('\n')).map(({ key }) => key)).toEqual(keys);
  });
});

describe('values', () => {
  const lines = (text: string) => (stack: Parameters<Case[1]>[0]) => {
    stack.files['.env'] = `${stack.files['.env'] ?? ''}\n${text}\n`;
  };
  const password = (written: string) => (stack: Parameters<Case[1]>[0]) => {
    for (const { environment } of Object.values(stack.services))
      for (const [key, value] of Object.entries(environment))
        environment[key] = value.replace('three-of-its-own-3', written);
    const redis = service(stack, 'redis');
    redis.command = (redis.command ?? []).map((part) => part.replace('three-of-its-own-3', written));
  };

  test('no part of a password is told as a host', () => {
    const said = [...judgedAfter(password('ab@cd-of-its-own')).values()].map(({ verdict }) => verdict.message ?? '');
    expect(said.filter((message) => message.includes('cd-of-its-own'))).toEqual([]);
    expect(hostOfUrl('redis://:ab@cd@redis:6379/1')).toEqual({ host: 'redis', port: 6379 });
  });

  test.for<Case>([
    [
      'a raw # in the password',
      password('ab#cd-of-its-own'),
      ['config/value/urls', 'blocked config/host/CELERY_BROKER_URL', 'blocked config/redis/db'],
      /api:CELERY_BROKER_URL has a raw "#"/,
    ],
    [
      'a raw / in the password: what is left of the URL is not looked at',
      password('ab/cd-of-its-own'),
      ['config/value/urls', 'blocked config/host/CELERY_BROKER_URL', 'blocked config/redis/db'],
      /worker:CELERY_BROKER_URL has a raw "\/"/,
    ],
    [
      'an escape in the password that is meant as it stands',
      password('ab%41cd-of-its-own'),
      ['config/value/urls'],
      /has a raw "%"/,
    ],
    ['a password with blanks, as a word of its own', password('ab cd-of-its-own'), []],
    ['a raw @, which the last one ends', password('ab@cd-of-its-own'), []],
    [
      'a variable on two lines',
      lines('COMPOSE_EXTRA=1\nCOMPOSE_EXTRA=2'),
      ['config/value/lines'],
      /COMPOSE_EXTRA is on the lines \d+ and \d+/,
    ],
    [
      'a variable on two lines of an env_file',
      (stack) => {
        stack.files['docker-compose.yaml'] = 'services:\n  web:\n    env_file: [web.env]\n';
        stack.files['web.env'] = 'A=1\nB=2\nA=2\n';
      },
      ['config/value/lines'],
      /^expected one value .* A is on the lines 1 and 3 of web\.env with different values/,
      /^web\.env:3$/,
    ],
    [
      'a variable twice in a list of the compose file',
      (stack) => {
        stack.files['docker-compose.yaml'] =
          'services:\n  web:\n    environment:\n      - A=1\n      - B=1\n      - A=2\n';
      },
      ['config/value/lines'],
      /A is twice in the environment of web with different values/,
      /^docker-compose\.yaml:6$/,
    ],
    [
      'twice in a list with one value',
      (stack) => {
        stack.files['docker-compose.yaml'] = 'services:\n  web:\n    environment: [A=1, A=1, A]\n';
      },
      [],
    ],
    ['the same value on two lines', lines('COMPOSE_EXTRA=1\nCOMPOSE_EXTRA="1"'), []],
    [
      'an empty switch of the daemon',
      env('plugin_daemon', 'S3_USE_PATH_STYLE', ''),
      ['config/value/switches'],
      /plugin_daemon:S3_USE_PATH_STYLE is set and empty/,
    ],
    ['a word that Go does not take', env('plugin_daemon', 'PIP_VERBOSE', 'yes'), ['config/value/switches'], /no word/],
    ['an empty switch of api', env('api', 'REDIS_USE_SSL', ''), ['config/value/switches'], /api:REDIS_USE_SSL/],
    ['a word that pydantic takes', both(env('api', 'DEBUG', 'yes'), env('worker', 'DEBUG', 'no')), []],
    ['an empty value that is no switch', env('plugin_daemon', 'S3_ENDPOINT', ''), []],
    [
      'the machine by the name of Docker Desktop',
      env('api', 'OTHER_URL', 'http://host.docker.internal:11434'),
      ['config/value/machine'],
      /extra_hosts for host\.docker\.internal in api; api:OTHER_URL/,
    ],
    [
      'the address of a vector store that is not used',
      env('api', 'MILVUS_URI', 'http://host.docker.internal:19530'),
      [],
    ],
    [
      'the same with extra_hosts',
      (stack) => {
        env('api', 'OTHER_URL', 'http://host.docker.internal:11434')(stack);
        service(stack, 'api').extra_hosts = ['host.docker.internal:host-gateway'];
      },
      [],
    ],
    [
      'worker lacks the address of the daemon',
      (stack) => {
        Reflect.deleteProperty(service(stack, 'worker').environment, 'PLUGIN_DAEMON_URL');
        env('worker', 'PLUGIN_API_URL', 'http://plugin_daemon:5002')(stack);
      },
      ['config/value/siblings'],
      /api has PLUGIN_DAEMON_URL and worker has not; worker alone has PLUGIN_API_URL/,
    ],
    ['what api alone reads', env('api', 'PLUGIN_REMOTE_INSTALL_HOST', 'localhost'), []],
  ])('%s', (row) => expectRed(row));
});

describe('rights on the machine and its ports', () => {
  const mount = (name: string, source: string) => (stack: Parameters<Case[1]>[0]) => {
    const own = service(stack, name);
    own.volumes = [...(own.volumes ?? []), { type: 'bind', source, target: '/mounted' }];
  };
  const key = (name: string, given: Record<string, unknown>) => (stack: Parameters<Case[1]>[0]) => {
    Object.assign(service(stack, name), given);
  };
  test.for<Case>([
    [
      "the engine's socket",
      mount('plugin_daemon', '/var/run/docker.sock'),
      ['config/privilege/plugin_daemon'],
      /has \/var\/run\/docker\.sock/,
    ],
    ['a folder of the machine', mount('sandbox', '/etc'), ['config/privilege/sandbox'], /has \/etc/],
    ['/proc of the machine', mount('api', '/proc/sys'), ['config/privilege/api']],
    ['the time zone', both(mount('api', '/etc/localtime'), mount('db', '/etc/timezone')), []],
    ['a folder for data', mount('api', '/srv/dify/storage'), []],
    ['certificates', mount('api', '/etc/ssl/certs'), []],
    ['privileged', key('sandbox', { privileged: true }), ['config/privilege/sandbox'], /privileged: true/],
    ['all capabilities', key('sandbox', { cap_add: ['ALL'] }), ['config/privilege/sandbox'], /cap_add ALL/],
    ['a capability of its own memory', key('db', { cap_add: ['IPC_LOCK'] }), []],
    ['no profile', key('web', { security_opt: ['seccomp:unconfined'] }), ['config/privilege/web']],
    ['no new privileges', key('web', { security_opt: ['no-new-privileges:true'] }), []],
    ['processes of the host', key('worker', { pid: 'host' }), ['config/privilege/worker'], /pid: host/],
    ['a graphics card', key('worker', { devices: [{ source: '/dev/nvidia0', target: '/dev/nvidia0' }] }), []],
    [
      'a port twice',
      key('web', { ports: [{ target: 3000, published: '80', host_ip: '127.0.0.1' }] }),
      ['config/port/unique'],
      /80 is published by nginx and by web/,
    ],
    [
      'one port at two addresses of the machine',
      both(
        key('nginx', { ports: [{ target: 80, published: '80', host_ip: '10.0.0.1' }] }),
        key('web', { ports: [{ target: 3000, published: '80', host_ip: '127.0.0.1' }] }),
      ),
      [],
    ],
    [
      'replicas of what is published',
      key('nginx', { deploy: { replicas: 2 } }),
      ['config/port/unique'],
      /each of 2 replicas of nginx/,
    ],
  ])('%s', (row) => expectRed(row));
});
