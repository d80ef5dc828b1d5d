import { expect, test } from 'vitest';
import { DamagedBackup } from '../../fixtures/data/backup/check-backup.ts';
import { StoreFailed } from '../../fixtures/data/backup/store-failed.ts';
import { engineTroubleIn } from '../../fixtures/engine/trouble.ts';
import {
  Cancelled,
  CannotRun,
  exitCodeOf,
  machineWords,
  never,
  StackFailed,
  UnreadableStack,
  UsageError,
} from '../../fixtures/errors.ts';
import { ImageMissing } from '../../fixtures/setup/images/pull.ts';
import { CannotPrepare } from '../../fixtures/setup/machine/say.ts';

test.for([
  [new UsageError('x'), 2],
  [new UnreadableStack('x', { usage: true }), 2],
  [new UnreadableStack('x', { usage: false }), 1],
  [new StackFailed('x'), 1],
  [new StoreFailed('x'), 1],
  [new DamagedBackup('x'), 1],
  [new CannotRun('x'), 2],
  [new ImageMissing('x'), 2],
  [new CannotPrepare('x'), 2],
  [new Cancelled(), 2],
  // What nobody foresaw says nothing about the stack, whatever its words are.
  [new TypeError('the stack is at fault: exit 1'), 2],
  ['a string', 2],
] as const)('the exit code of %s is %i', ([error, code]) => {
  expect(exitCodeOf(error)).toBe(code);
});

test.for<[Error, string]>([
  [
    Object.assign(new Error('ENOSPC: no space left on device, copyfile'), {
      code: 'ENOSPC',
      path: '/a',
      dest: '/tmp/b',
    }),
    'the disk is full at /tmp/b (ENOSPC): make room, or name another disk by TMPDIR, --report or --to',
  ],
  [
    Object.assign(new Error('EDQUOT: quota exceeded, write'), { code: 'EDQUOT' }),
    'the disk is full (EDQUOT): make room, or name another disk by TMPDIR, --report or --to',
  ],
  [Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' }), 'EACCES: permission denied'],
  [new UsageError('--to is empty'), '--to is empty'],
])('a disk without room is said in words, everything else as it is: %s', ([error, words]) => {
  expect([machineWords(error), exitCodeOf(error)]).toEqual([words, 2]);
});

test('a member of a union that a switch left out is named when it comes all the same', () => {
  expect(() => never('new-kind' as never, 'question about ports')).toThrow(/no such question about ports: new-kind/);
});

/** As the programs wrote them: Docker 20.10 to 28, compose 2, containerd, glibc, PostgreSQL, tar. */
test.for([
  ['Error response from daemon: no space left on device', 'disk-full'],
  ['tar: ./x: Cannot write: No space left on device', 'disk-full'],
  ['ERROR:  could not extend file "base/1/2": No space left on device', 'disk-full'],
  ['Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?', 'no-engine'],
  ['connect ENOENT /var/run/docker.sock', 'no-engine'],
  ['error during connect: Get "http://x/v1.45/containers/json": EOF', 'no-engine'],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.45/info": dial unix /var/run/docker.sock: connect: permission denied',
    'no-rights',
  ],
  ['connect EACCES /var/run/docker.sock', 'no-rights'],
  ['Error response from daemon: No such image: nginx:none', 'no-image'],
  ['Error response from daemon: pull access denied for x, repository does not exist', 'no-image'],
  ['Error response from daemon: manifest for nginx:none not found: manifest unknown: manifest unknown', 'no-image'],
  ['Error response from daemon: toomanyrequests: You have reached your pull rate limit', 'registry'],
  ['failed to resolve reference "docker.io/library/x:1": dial tcp: lookup registry: no such host', 'registry'],
  [
    'Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
    'no-address-pool',
  ],
  ['Error response from daemon: all predefined address pools have been fully subnetted', 'no-address-pool'],
  [
    'driver failed programming external connectivity on endpoint x: Bind for 0.0.0.0:80 failed: port is already allocated',
    'port-taken',
  ],
  ['listen tcp4 0.0.0.0:80: bind: address already in use', 'port-taken'],
  ['Conflict. The container name "/x" is already in use by container "1f"', 'name-taken'],
  ['Error response from daemon: No such container: 3f2a', 'removed'],
  [
    'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: waiting for init preliminary setup: read init-p: connection reset by peer: unknown',
    'start-broken-off',
  ],
  ['Error response from daemon: network verify-0_default not found', 'removed'],
  ['dependency failed to start: container verify-0-db-1 is unhealthy', null],
  ["cat: can't open '/etc/app.conf': Permission denied", null],
  ['psql: error: FATAL:  database "dify" does not exist', null],
  ['', null],
] as const)('"%s" speaks of %s', ([said, trouble]) => {
  expect(engineTroubleIn(said)).toBe(trouble);
});
