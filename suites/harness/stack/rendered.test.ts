import { describe, expect, test } from 'vitest';
import { dumpOf, optionsInForce } from '../../../fixtures/stack/rendered.ts';

const nginx = (number: number, running = true) => ({ service: 'nginx', name: `v-nginx-${number}`, running });
const ran = (exitCode: number, stdout: string) => ({ exitCode, stdout, stderr: '', timedOut: false, durationMs: 1 });
const restarting = Object.assign(new Error('(HTTP code 409) Container a1 is restarting, wait until it is running'), {
  statusCode: 409,
});

test.for<[string, { exitCode: number; stdout: string }, string[]]>([
  ['another file', ran(0, 'nginx: master process nginx -c /own.conf'), ['-c', '/own.conf']],
  [
    'behind an init and a script',
    ran(
      0,
      '/sbin/docker-init -- sh -c nginx -c /x.conf\nnginx: master process nginx -c /own.conf\nnginx: worker process\n',
    ),
    ['-c', '/own.conf'],
  ],
  ['its default', ran(0, 'sh -c nginx -c /x.conf\nnginx: master process nginx -g daemon off;\n'), []],
  ['an image without a shell', ran(127, 'exec failed: nginx -c /own.conf'), []],
])('the options in force: %s', async ([, answer, options]) => {
  expect(await optionsInForce(() => Promise.resolve(answer))).toEqual(options);
});

describe('the configuration that a running nginx tells', () => {
  test('one that restarts between the look and the question tells nothing, and ends no run', async () => {
    expect(await dumpOf([nginx(1)], () => Promise.reject(restarting))).toBeNull();
  });

  test('another one of the service tells it', async () => {
    const asked: string[] = [];
    const dump = await dumpOf([nginx(1, false), nginx(2), nginx(3)], ({ name }) => {
      asked.push(name);
      return name === 'v-nginx-2' ? Promise.reject(restarting) : Promise.resolve(ran(0, 'events {}'));
    });
    expect([dump, asked]).toEqual(['events {}', ['v-nginx-2', 'v-nginx-3']]);
  });

  test('a configuration that nginx refuses is none', async () => {
    expect(await dumpOf([nginx(1)], () => Promise.resolve(ran(1, 'half of it')))).toBeNull();
  });

  test('trouble of the engine is thrown', async () => {
    const trouble = Object.assign(new Error('(HTTP code 500) no space left on device'), { statusCode: 500 });
    await expect(dumpOf([nginx(1)], () => Promise.reject(trouble))).rejects.toThrow('no space left');
  });
});
