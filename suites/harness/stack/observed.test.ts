import { describe, expect, test } from 'vitest';
import { hostIdentity, ownerIsDead, runLabels } from '../../../fixtures/engine/labels.ts';
import { eventually } from '../../../fixtures/engine/eventually.ts';
import { worst, cannotJudge, fail, pass, skip } from '../../../fixtures/checks/verdict.ts';
import { defaultGateways } from '../../../fixtures/engine/probe/agent/network.ts';
import { logText } from '../../../fixtures/stack/containers.ts';
import { parseVerifyLog } from '../../../fixtures/engine/probe/nginx-log.ts';

describe('nginx’s own words', () => {
  const line = (upstream: string, status: string) =>
    `verify {"id":"a1","request_id":"r","time":"1764000000.250","method":"GET","uri":"/v1/x?y=%2F","status":"200","upstream_addr":"${upstream}","upstream_status":"${status}","upstream_time":"0.1","request_time":"1.005","host":"h","server_port":"80"}`;

  test.for([
    ['172.18.0.4:5001', '200', ['172.18.0.4:5001'], [200]],
    ['172.18.0.4:5001, 172.18.0.5:5001', '504, 200', ['172.18.0.4:5001', '172.18.0.5:5001'], [504, 200]],
    ['172.18.0.4:5001', '-', ['172.18.0.4:5001'], [null]],
    ['', '', [], []],
  ] as const)('upstream "%s" with "%s"', ([upstream, status, addresses, statuses]) => {
    const [seen] = parseVerifyLog(`other line\n${line(upstream, status)}\nverify {"cut off`);
    expect(seen).toMatchObject({ id: 'a1', uri: '/v1/x?y=%2F', status: 200, timeMs: 1764000000250 });
    expect(seen?.upstreamAddr).toEqual(addresses);
    expect(seen?.upstreamStatus).toEqual(statuses);
  });
});

describe('owners of runs', () => {
  test('this process is alive, another start of its pid is not it, another host is not judged', () => {
    const own = runLabels('verify-00000000');
    expect(ownerIsDead(own)).toBe(false);
    expect(ownerIsDead({ ...own, 'verify.pid': `${process.pid}@1` })).toBe(true);
    expect(ownerIsDead({ ...own, 'verify.pid': '4194304@1' })).toBe(true);
    expect(ownerIsDead({ ...own, 'verify.pid': '4194304@1', 'verify.host': 'elsewhere' })).toBe(false);
    expect(ownerIsDead({})).toBe(false);
    expect(hostIdentity()).not.toBe('unknown');
  });
});

test('the log of a container without frames is taken as it is, with frames both streams in order', () => {
  const frame = (stream: number, text: string) => {
    const head = Buffer.alloc(8);
    head[0] = stream;
    head.writeUInt32BE(Buffer.byteLength(text), 4);
    return Buffer.concat([head, Buffer.from(text)]);
  };
  expect(logText(Buffer.concat([frame(1, 'out\n'), frame(2, 'err ü\n')]))).toBe('out\nerr ü\n');
  expect(logText(Buffer.from('plain terminal\n'))).toBe('plain terminal\n');
});

test('default routes are read from the kernel’s table', () => {
  const table =
    'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\neth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\n';
  expect(defaultGateways(table)).toEqual(['172.18.0.1']);
  expect(defaultGateways('Iface\tDestination\n')).toEqual([]);
});

describe('waiting', () => {
  test('keeps the last observation when the limit is over', async () => {
    let calls = 0;
    const waited = await eventually(
      () => ++calls,
      () => false,
      { withinMs: 30, everyMs: 5 },
    );
    expect(waited.held).toBe(false);
    expect(waited.last).toBe(calls);
    expect(calls).toBeGreaterThan(1);
  });

  test('an observation that throws ends it', async () => {
    await expect(
      eventually(
        () => Promise.reject(new Error('gone')),
        () => true,
        { withinMs: 1000 },
      ),
    ).rejects.toThrow('gone');
  });
});

test('the worst of several verdicts, and nothing observed is an error', () => {
  expect(worst([pass(), fail('a'), fail('b')])).toMatchObject({ status: 'fail', message: 'a; b' });
  expect(worst([fail('a'), cannotJudge('b')])).toMatchObject({ status: 'error', message: 'b' });
  expect(worst([skip('x'), pass()]).status).toBe('pass');
  expect(worst([]).status).toBe('error');
});
