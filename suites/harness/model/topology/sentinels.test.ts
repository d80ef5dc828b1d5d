import { expect, test } from 'vitest';
import { usualPort } from '../../../../fixtures/model/topology/endpoints.ts';
import { isReplica, monitoredIn, sentinelPassword } from '../../../../fixtures/model/topology/sentinels.ts';
import { modelOf } from '../../../../fixtures/testing/model-of.ts';

const redis = (command: string[], environment: Record<string, string> = {}) => {
  const [service] = Object.values(modelOf({ it: { image: 'redis:8', command, environment } }).services);
  if (!service) throw new Error('no service');
  return service;
};

test.for<[string, object[]]>([
  [
    'port 26379\nsentinel monitor mymaster redis-master 6379 2\n',
    [{ name: 'mymaster', host: 'redis-master', port: 6379 }],
  ],
  [`printf '%s\\n' 'sentinel monitor m db.example 6380 1' "x"`, [{ name: 'm', host: 'db.example', port: 6380 }]],
  ['# sentinel monitor old gone 1 1\nsentinel auth-pass m secret', []],
  [
    'sentinel monitor a one 1 2\nsentinel monitor b two 2 2',
    [
      { name: 'a', host: 'one', port: 1 },
      { name: 'b', host: 'two', port: 2 },
    ],
  ],
  ['', []],
])('what %o watches', ([text, watched]) => expect(monitoredIn(text)).toEqual(watched));

test.for<[string[], Record<string, string>, number, string | undefined]>([
  [['redis-sentinel', '/etc/sentinel.conf'], {}, 26379, undefined],
  [['redis-server', '/s.conf', '--sentinel', '--port', '26380', '--requirepass', 'p'], {}, 26380, 'p'],
  [['sh', '-c', `printf 'port 26381\\n' "requirepass $$P" >/s && redis-sentinel /s`], { P: 'of its own' }, 26381, 'of'],
  [['sh', '-c', 'echo "requirepass $$NOWHERE" >/s && exec redis-sentinel /s'], {}, 26379, undefined],
])('%o with %o listens on %s and demands %s', ([command, environment, port, password]) => {
  const sentinel = redis(command, environment);
  expect([usualPort(sentinel, 'sentinel'), sentinelPassword(sentinel)]).toEqual([port, password]);
});

test.for<[string[], boolean]>([
  [['redis-server', '--appendonly', 'yes'], false],
  [['redis-server', '--replicaof', 'redis-master', '6379'], true],
  [['sh', '-c', 'exec redis-server --slaveof redis 6379'], true],
])('%o follows another: %s', ([command, follows]) => expect(isReplica(redis(command))).toBe(follows));
