import { describe, expect, test } from 'vitest';
import type { KeyObligation } from '../../../../fixtures/checks/isolation/obligations-keys.ts';
import type { PairObligation } from '../../../../fixtures/checks/isolation/obligations.ts';
import { listening } from '../../../../fixtures/engine/probe/agent/sockets.ts';
import type { ConnectOutcome } from '../../../../fixtures/engine/probe/protocol.ts';
import {
  Demanded,
  httpAnswer,
  keyVerdict,
  postgresAnswer,
  redisAnswer,
} from '../../../../fixtures/checks/isolation/keys.ts';
import type { KeyAnswer } from '../../../../fixtures/checks/isolation/key-answer.ts';
import type { Attempt, PairObservation } from '../../../../fixtures/checks/isolation/matrix.ts';
import { tryShut } from '../../../../fixtures/checks/isolation/shut.ts';
import {
  allowedVerdict,
  apartVerdict,
  deniedVerdict,
  gatewayVerdict,
  internalVerdict,
  noDefaultRouteVerdict,
  outsideByAddressVerdict,
  outsideByNameVerdict,
  outsideOnHostVerdict,
  publishedVerdict,
} from '../../../../fixtures/checks/isolation/verdicts.ts';
import { answer, noAnswer } from './samples.ts';

const base = { id: '', title: 'ssrf_proxy refuses it', level: 'must' as const };
const attempt = (from: string, host: string, port: number, outcome: ConnectOutcome): Attempt => ({
  from,
  host,
  port,
  connected: { outcome, address: host, error: null, durationMs: 1 },
});

describe('a denied pair', () => {
  const pair: PairObligation = { ...base, from: 'sandbox', to: 'db', port: 5432, shared: [], controls: ['api'] };
  const targets = [{ name: 'p-db-1', state: 'running', addresses: ['172.19.0.7'] }];
  const shut = [attempt('sandbox', '172.19.0.7', 5432, 'unreachable'), attempt('sandbox', 'db', 5432, 'no-name')];
  const control = [attempt('api', '172.19.0.7', 5432, 'open')];

  test.for([
    ['shut, and open for the control', { targets, attempts: shut, controls: control }, 'pass'],
    [
      'shut for the control, too',
      { targets, attempts: shut, controls: [attempt('api', '172.19.0.7', 5432, 'refused')] },
      'error',
    ],
    ['no control', { targets, attempts: shut, controls: [] }, 'error'],
    ['nothing runs', { targets: [], attempts: [], controls: [] }, 'error'],
    ['nothing was tried', { targets, attempts: [], controls: control }, 'error'],
    [
      'one address not tried',
      { targets, attempts: [attempt('sandbox', 'db', 5432, 'no-name')], controls: control },
      'error',
    ],
    ['open by name', { targets, attempts: [attempt('sandbox', 'db', 5432, 'open')], controls: control }, 'fail'],
    [
      'open at another port',
      { targets, attempts: [...shut, attempt('sandbox', '172.19.0.7', 9100, 'open')], controls: control },
      'fail',
    ],
    [
      'another port that nobody opens',
      {
        targets,
        attempts: [...shut, attempt('sandbox', '172.19.0.7', 9100, 'timeout')],
        controls: [...control, attempt('api', '172.19.0.7', 9100, 'refused')],
      },
      'pass',
    ],
    [
      'one of two replicas without a control',
      {
        targets: [...targets, { name: 'p-db-2', state: 'running', addresses: ['172.19.0.8'] }],
        attempts: shut,
        controls: control,
      },
      'error',
    ],
  ] as [string, PairObservation, string][])('%s', ([, seen, status]) => {
    expect(deniedVerdict(pair, seen).status).toBe(status);
  });

  test('open for a moment, while the engine rewrote its rules: passes and is told', () => {
    const once = { ...attempt('sandbox', '172.19.0.7', 5432, 'timeout'), once: true };
    const { status, message } = deniedVerdict(pair, { targets, attempts: [once], controls: control });
    expect([status, message]).toEqual(['pass', expect.stringMatching(/^172\.19\.0\.7:5432: open at first/)]);
  });

  test.for([
    ['open', { targets, attempts: control, controls: [] }, ['default'], 'pass'],
    [
      'one replica is shut',
      { targets, attempts: [...control, attempt('api', '172.19.0.8', 5432, 'refused')], controls: [] },
      ['default'],
      'fail',
    ],
    [
      'one of two replicas not tried',
      { targets: [...targets, ...targets], attempts: control, controls: [] },
      ['default'],
      'error',
    ],
    ['no network in common', { targets, attempts: [], controls: [] }, [], 'fail'],
    ['no address', { targets, attempts: [], controls: [] }, ['default'], 'error'],
    ['nothing runs', { targets: [], attempts: [], controls: [] }, ['default'], 'fail'],
  ] as [string, PairObservation, string[], string][])('an allowed pair: %s', ([, seen, shared, status]) => {
    expect(allowedVerdict({ ...pair, from: 'api', shared }, seen).status).toBe(status);
  });
});

describe('what must be shut', () => {
  test.for([
    ['shut: tried once', ['timeout'], 1, false],
    ['open for a moment', ['open', 'timeout'], 2, true],
    ['open for two moments: many networks are made on the host', ['open', 'open', 'timeout'], 3, true],
    ['open', ['open', 'open', 'open', 'open'], 4, false],
  ] as const)('%s', async ([, outcomes, tries, once]) => {
    let tried = 0;
    const ended = await tryShut(
      async () => outcomes[tried++],
      (outcome) => outcome === 'open',
      0,
    );
    expect(tried).toBe(tries);
    expect(ended).toEqual({ seen: outcomes.at(-1), once: once ? 'open' : null });
  });
});

describe('out of the network', () => {
  const it = { ...base, service: 'sandbox', control: { service: 'api', network: 'default' } };
  const both = (service: ConnectOutcome, control: ConnectOutcome) => ({
    service: attempt('sandbox', '172.19.0.20', 8080, service),
    control: attempt('api', '172.19.0.20', 8080, control),
  });

  test.for([
    ['unreachable', 'open', 'pass'],
    ['open', 'open', 'fail'],
    ['timeout', 'timeout', 'error'],
    ['open', 'refused', 'error'],
  ] as const)('by address: %s, control %s', ([service, control, status]) => {
    const byName = { ...both('no-name', 'open'), resolved: noAnswer('ENOTFOUND') };
    expect(outsideByAddressVerdict(it, { byName, byAddress: [both(service, control)] }).status).toBe(status);
  });

  test.for([
    [[both('unreachable', 'open')], 'pass', ''],
    [[both('open', 'open')], 'fail', 'sandbox opened'],
    [[both('open', 'timeout')], 'error', ''],
    [[both('timeout', 'timeout')], 'skip', 'its firewall'],
    [[], 'error', 'no gateway'],
  ] as const)('what the host alone has: %#', ([byAddress, status, says]) => {
    const verdict = outsideOnHostVerdict(it, { byAddress: [...byAddress] });
    expect(verdict.status).toBe(status);
    expect(verdict.message ?? '').toContain(says);
  });

  test('each address needs its control, and one that leaks is enough', () => {
    const byName = { ...both('no-name', 'open'), resolved: noAnswer('ENOTFOUND') };
    const shut = both('unreachable', 'open');
    const deaf = both('timeout', 'timeout');
    expect(outsideByAddressVerdict(it, { byName, byAddress: [shut, deaf] }).status).toBe('error');
    expect(outsideByAddressVerdict(it, { byName, byAddress: [shut, both('open', 'open')] }).status).toBe('fail');
  });

  test.for([
    ['no-name', 'open', noAnswer('ENOTFOUND'), 'pass'],
    ['unreachable', 'open', answer('172.19.0.20'), 'fail'],
    ['open', 'open', answer('172.19.0.20'), 'fail'],
    ['no-name', 'no-name', noAnswer('ENOTFOUND'), 'error'],
  ] as const)('by name: %s, control %s', ([service, control, resolved, status]) => {
    expect(outsideByNameVerdict(it, { byName: { ...both(service, control), resolved }, byAddress: [] }).status).toBe(
      status,
    );
  });

  test.for([
    [[], ['172.19.0.1'], 'pass'],
    [['172.20.0.1'], ['172.19.0.1'], 'fail'],
    [[], [], 'error'],
  ] as [string[], string[], string][])('default routes %j, control %j', ([own, control, status]) => {
    const seen = { service: [{ container: 'a', gateways: own }], control: [{ container: 'b', gateways: control }] };
    expect(noDefaultRouteVerdict(it, seen).status).toBe(status);
  });

  test('the gateway is advice on what was really tried', () => {
    const gateway = { ...base, network: 'inner', from: 'sandbox' };
    const at = { gateway: '172.20.0.1', listening: 3, open: [] };
    expect(gatewayVerdict(gateway, { ...at, tried: [22, 80] }).status).toBe('pass');
    expect(gatewayVerdict(gateway, { ...at, tried: [] }).status).toBe('skip');
    expect(gatewayVerdict(gateway, { ...at, listening: 0, tried: [] }).status).toBe('error');
    expect(gatewayVerdict(gateway, { ...at, gateway: null, tried: [] }).status).toBe('pass');
    expect(gatewayVerdict(gateway, { ...at, tried: [22], open: [22] })).toMatchObject({
      status: 'fail',
      reference: 'H4',
    });
  });
});

describe('by the model and by the engine', () => {
  const live = (id: string, internal: boolean) => ({ id, key: id, name: id, internal, gateway: null });

  test.for([
    ['internal in both', true, true, 'pass'],
    ['open in the model', false, true, 'fail'],
    ['open in the engine', true, false, 'fail'],
  ] as const)('%s', ([, model, engine, status]) => {
    const it = { ...base, service: 'sandbox', networks: [{ key: 'inner', internal: model }] };
    expect(internalVerdict(it, [live('inner', engine)]).status).toBe(status);
  });

  test('a network of the model on which it was not seen', () => {
    const networks = ['inner', 'other'].map((key) => ({ key, internal: true }));
    expect(internalVerdict({ ...base, service: 'sandbox', networks }, [live('inner', true)]).status).toBe('error');
  });

  test('no network at all is no verdict', () => {
    expect(internalVerdict({ ...base, service: 'sandbox', networks: [] }, []).status).toBe('error');
    expect(
      apartVerdict({ ...base, store: 'db', sandbox: 'sandbox', shared: [] }, { store: [], sandbox: [] }).status,
    ).toBe('error');
  });

  test('a network that both are on, by the engine alone', () => {
    const it = { ...base, store: 'db', sandbox: 'sandbox', shared: [] };
    expect(apartVerdict(it, { store: [live('a', false)], sandbox: [live('b', true)] }).status).toBe('pass');
    expect(apartVerdict(it, { store: [live('a', false)], sandbox: [live('a', false)] }).status).toBe('fail');
  });

  test('published ports', () => {
    expect(publishedVerdict({ ...base, service: 'db', ports: [] }).status).toBe('pass');
    const ports = [{ target: 5432, published: '5432', hostIp: null, protocol: 'tcp' }];
    expect(publishedVerdict({ ...base, service: 'db', ports }).message).toContain('all interfaces:5432 -> 5432');
  });
});

describe('keys', () => {
  const it: KeyObligation = { ...base, service: 'weaviate', kind: 'weaviate', port: 8080, from: 'api', used: true };
  const seen = (without: KeyAnswer, wrong: KeyAnswer, right: KeyAnswer) => ({
    without: { answer: without, said: '' },
    wrong: { answer: wrong, said: '' },
    right: { answer: right, said: '' },
  });

  test.for([
    ['refused', 'refused', 'accepted', 'pass', undefined],
    ['accepted', 'refused', 'accepted', 'fail', 'F097'],
    ['refused', 'accepted', 'accepted', 'fail', 'F097'],
    ['refused', 'refused', 'refused', 'fail', 'F096'],
    ['refused', 'unclear', 'accepted', 'error', undefined],
    ['unclear', 'unclear', 'unclear', 'error', undefined],
  ] as const)('without %s, wrong %s, right %s', ([without, wrong, right, status, reference]) => {
    const verdict = keyVerdict(it, seen(without, wrong, right));
    expect(verdict.status).toBe(status);
    expect(verdict.reference).toBe(reference);
  });

  test('what nothing here can ask is skipped, and not taken for shut', () => {
    const said = 'the image x has no client of MySQL';
    const none = { answer: 'unclear', said, notSupported: true } as const;
    expect(keyVerdict(it, { without: none, wrong: none, right: none })).toMatchObject({
      status: 'skip',
      message: said,
    });
  });

  test('one that does not take the key of who uses it is no open door', () => {
    const refuses = keyVerdict(it, seen('refused', 'refused', 'refused'));
    expect([refuses.status, refuses.cause]).toEqual(['fail', 'vector-store-refuses']);
    expect(keyVerdict(it, seen('accepted', 'refused', 'accepted')).cause).toBeUndefined();
  });

  test.for([
    ['a store that nobody uses refuses', false, 'refused', 'pass'],
    ['a store that nobody uses is open', false, 'accepted', 'fail'],
    ['a store that nobody uses says nothing', false, 'unclear', 'error'],
    ['a store that is used was not asked with its key', true, 'refused', 'error'],
  ] as const)('%s', ([, used, wrong, status]) => {
    expect(keyVerdict({ ...it, used }, { ...seen('refused', wrong, 'accepted'), right: null }).status).toBe(status);
  });

  const WRONG = 'WRONGPASS invalid username-password pair or user is disabled.';
  const NONE = 'NOAUTH Authentication required.';
  test.for([
    ['no key', null, NONE, 'refused'],
    ['a wrong key', WRONG, NONE, 'refused'],
    ['a wrong key, before Redis 6', 'ERR invalid password', NONE, 'refused'],
    ['a key', null, null, 'accepted'],
    ['a key where it wants none', 'ERR AUTH <password> called without any password configured', null, 'accepted'],
    ['while it loads', null, 'LOADING Redis is loading the dataset in memory', 'unclear'],
    ['a key that it cannot take', 'ERR max number of clients reached', NONE, 'unclear'],
  ] as const)('redis: %s', ([, login, ping, expected]) => {
    expect(redisAnswer(login, ping).answer).toBe(expected);
  });

  test.for([
    ['28P01', 'auth_failed', 'refused'],
    ['28000', 'ClientAuthentication', 'refused'],
    ['28000', 'InitializeSessionUserId', 'unclear'],
    ['3D000', 'InitPostgres', 'accepted'],
    ['57P03', 'ProcessStartupPacket', 'unclear'],
    ['ECONNREFUSED', undefined, 'unclear'],
  ] as const)('postgres: %s of %s, in any language', ([code, routine, expected]) => {
    const error = Object.assign(new Error('Passwort-Authentifizierung fehlgeschlagen'), { code });
    expect(postgresAnswer(routine === undefined ? error : Object.assign(error, { routine }))).toBe(expected);
  });

  const RUN = /^(404 .*run not found|500 Internal Server Error)/;
  test.for<[number, string, RegExp | undefined, KeyAnswer]>([
    [200, '[]', undefined, 'accepted'],
    [404, '404 page not found', undefined, 'accepted'],
    [502, '', undefined, 'unclear'],
    [401, '{"detail":"invalid bearer token"}', RUN, 'refused'],
    [404, '{"detail":"run not found"}', RUN, 'accepted'],
    [500, 'Internal Server Error', RUN, 'accepted'],
    [404, '{"detail":"Not Found"}', RUN, 'unclear'],
  ])('http: %i %s', ([status, body, own, expected]) => {
    expect(httpAnswer(status, body, own).answer).toBe(expected);
  });

  test('postgres: a password that is demanded and not there is a refusal, a closed connection is not', () => {
    expect(postgresAnswer(new Demanded())).toBe('refused');
    expect(postgresAnswer(new Error('Connection terminated unexpectedly'))).toBe('unclear');
  });
});

test('listening sockets in /proc/net/tcp and tcp6', () => {
  const table = `  sl  local_address rem_address   st
   0: 00000000:1538 00000000:0000 0A 00000000:00000000
   1: 0B00007F:9C31 00000000:0000 0A 00000000:00000000
   2: 040013AC:A2B4 070013AC:1538 01 00000000:00000000
   3: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A 0:0
   4: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 0:0
   5: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 0:0
`;
  expect(listening(table)).toEqual([
    { port: 5432, loopback: false },
    { port: 39985, loopback: true },
    { port: 8080, loopback: true },
    { port: 8081, loopback: true },
    { port: 8082, loopback: false },
  ]);
});
