import { describe, expect, test } from 'vitest';
import { both, env, expectSingle, judgedAfter, type Single } from './cases.ts';
import { service, type SyntheticStack } from './stack.ts';

type Edit = (stack: SyntheticStack) => void;

describe('the storage of api and worker', () => {
  const SHARED = 'config/mount/shared';
  const WRITABLE = 'config/mount/api/writable';
  const at =
    (name: string, type: string, source: string, target = '/app/api/storage'): Edit =>
    (stack) => {
      service(stack, name).volumes = [{ type, source, target }];
    };
  const all = (type: string, source: string): Edit => both(at('api', type, source), at('worker', type, source));
  const release =
    (tag: string): Edit =>
    (stack) => {
      for (const name of ['api', 'worker']) service(stack, name).image = `langgenius/dify-api:${tag}`;
    };
  const BIND = '/stack/volumes/app/storage';
  const initialized =
    ({
      condition = 'service_completed_successfully',
      source = BIND,
      command = ['chown', '-R', '1001:1001', '/app/api/storage'],
    } = {}): Edit =>
    (stack) => {
      stack.services['init'] = {
        image: 'busybox:1.36',
        environment: {},
        networks: {},
        command,
        volumes: [{ type: 'bind', source, target: '/app/api/storage' }],
      };
      for (const name of ['api', 'worker']) service(stack, name).depends_on = { init: { condition } };
    };
  const readOnly: Edit = (stack) => {
    for (const volume of service(stack, 'api').volumes ?? []) volume.read_only = true;
  };
  const runsAs =
    (user: string): Edit =>
    (stack) => {
      service(stack, 'api').user = user;
    };
  /** A folder that is there; without an owner, on a disk that tells none. */
  const onDisk = (...owner: [] | [uid: number, gid: number, mode: number]): Edit =>
    both(release('1.11.1'), all('bind', BIND), (stack) => {
      const folder = 'volumes/app/storage';
      stack.files[`${folder}/upload_files/kept`] = '';
      const [uid, gid, mode] = owner;
      if (uid !== undefined && gid !== undefined && mode !== undefined) stack.owners = { [folder]: { uid, gid, mode } };
    });

  test.for<Single>([
    ['one volume', all('volume', 'storage'), SHARED, 'pass'],
    ['one folder', all('bind', BIND), SHARED, 'pass'],
    [
      'two volumes',
      both(at('api', 'volume', 'a'), at('worker', 'volume', 'b')),
      SHARED,
      'fail',
      /api has a, worker has b/,
    ],
    [
      'none at worker',
      both(at('api', 'volume', 'a'), at('worker', 'volume', 'a', '/else')),
      SHARED,
      'fail',
      /worker has nothing mounted/,
    ],
    [
      'one folder by the folder above',
      both(at('api', 'bind', BIND), at('worker', 'bind', '/stack/volumes/app', '/app/api')),
      SHARED,
      'pass',
    ],
    [
      'another folder by a variable',
      both(all('volume', 'a'), env('worker', 'OPENDAL_FS_ROOT', '/data')),
      SHARED,
      'fail',
      /nothing mounted at \/data/,
    ],
    [
      "a folder that is the engine's to make",
      both(release('1.11.1'), all('bind', BIND)),
      WRITABLE,
      'fail',
      /volumes\/app\/storage does not exist/,
    ],
    ['before the image had a user', both(release('1.9.1'), all('bind', BIND)), WRITABLE, 'skip'],
    ['a release nobody knows', both(release('mine'), all('bind', BIND)), WRITABLE, 'skip'],
    ['a one-shot gives it', both(release('1.11.1'), all('bind', BIND), initialized()), WRITABLE, 'pass'],
    [
      'a one-shot that is not waited for',
      both(release('1.11.1'), all('bind', BIND), initialized({ condition: 'service_started' })),
      WRITABLE,
      'fail',
      /does not exist/,
    ],
    [
      'a one-shot of another folder',
      both(release('1.11.1'), all('bind', BIND), initialized({ source: '/stack/volumes/plugins' })),
      WRITABLE,
      'fail',
      /does not exist/,
    ],
    [
      'a one-shot that only looks',
      both(release('1.11.1'), all('bind', BIND), initialized({ command: ['ls', '/app/api/storage'] })),
      WRITABLE,
      'fail',
      /does not exist/,
    ],
    [
      'mounted read-only',
      both(release('1.11.1'), all('bind', BIND), readOnly, initialized()),
      WRITABLE,
      'fail',
      /is mounted read-only/,
    ],
    [
      'another user of its own',
      both(release('1.11.1'), all('bind', BIND), runsAs('0:0')),
      WRITABLE,
      'skip',
      /runs as 0:0/,
    ],
    ['that user, named', both(release('1.11.1'), all('bind', BIND), runsAs('1001:1001')), WRITABLE, 'fail'],
    ['a user whose number begins alike', both(release('1.11.1'), all('bind', BIND), runsAs('10012')), WRITABLE, 'skip'],
    ["root's folder", onDisk(0, 0, 0o755), WRITABLE, 'fail', /belongs to user 0/],
    ['its own folder', onDisk(1001, 1001, 0o755), WRITABLE, 'pass'],
    ["root's folder, for all to write", onDisk(0, 0, 0o777), WRITABLE, 'pass'],
    ["root's folder, for its group to write", onDisk(0, 1001, 0o775), WRITABLE, 'pass'],
    ["root's folder, for its group to read", onDisk(0, 1001, 0o755), WRITABLE, 'fail', /belongs to user 0/],
    ["another group's to write", onDisk(0, 0, 0o775), WRITABLE, 'fail', /belongs to user 0/],
    ['a folder whose owner nobody tells', onDisk(), WRITABLE, 'skip', /owner of .*storage is not known/],
  ])('%s', (row) => expectSingle(row));

  test('files in an object store are no folder', () => {
    const edit = both(env('api', 'STORAGE_TYPE', 's3'), env('worker', 'STORAGE_TYPE', 's3'));
    expect([...judgedAfter(edit).keys()]).not.toContain(SHARED);
  });
});
