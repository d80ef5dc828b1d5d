import { describe, expect, test } from 'vitest';
import type { TargetsObligation } from '../../../../fixtures/checks/dns/obligations.ts';
import { endpointVerdict, hostsVerdict, recreatedVerdict } from '../../../../fixtures/checks/dns/endpoint-verdict.ts';
import { firstFileOf } from '../../../../fixtures/checks/dns/container-file.ts';
import type { NamesObservation } from '../../../../fixtures/checks/dns/observation.ts';
import {
  hiddenVerdict,
  ipv6Verdict,
  isExactly,
  resolvesVerdict,
  resolverVerdict,
  searchDomainsVerdict,
  unknownVerdict,
} from '../../../../fixtures/checks/dns/verdicts.ts';
import type { Connected, Resolved } from '../../../../fixtures/engine/probe/protocol.ts';
import { containerOf } from '../../../../fixtures/testing/container-of.ts';
import { hostBefore, nowhere } from '../../../../fixtures/model/outside/nowhere.ts';
import { answer, noAnswer } from '../isolation/samples.ts';

const API = containerOf('api', 1, { default: '172.19.0.4', inner: '172.20.0.4' });
const DB = [containerOf('db', 1, { default: '172.19.0.7' }), containerOf('db', 2, { default: '172.19.0.8' })];
const WEB = containerOf('web', 1, { default: '172.19.0.9' });
const containers = [API, ...DB, WEB];
const BOTH = ['172.19.0.7', '172.19.0.8'];

type Asked = NamesObservation['names'][string];
const same = (resolved: Resolved): Asked => ({ lookup: resolved, ipv4: resolved, ipv6: noAnswer('ENODATA') });

function view(more: Partial<NamesObservation> = {}): NamesObservation {
  return {
    service: 'api',
    container: 'p-api-1',
    network: {
      defaultGateways: ['172.19.0.1'],
      addresses: [{ interface: 'eth0', address: '172.19.0.4', prefix: 16 }],
      resolvConf: 'nameserver 127.0.0.11\noptions ndots:0\n',
      hosts: '127.0.0.1\tlocalhost\n172.19.0.4\tc0ffee\n',
    },
    names: {
      db: same(answer(...BOTH)),
      'p-db-1': same(answer('172.19.0.7')),
      'p-db-2': same(answer('172.19.0.8')),
    },
    madeUp: { name: 'nobody-1', lookup: noAnswer('ENOTFOUND'), ipv4: noAnswer('ENOTFOUND') },
    connected: {},
    ...more,
  };
}

const resolvesDb: TargetsObligation = {
  id: 'dns/api/resolves/db',
  title: '',
  level: 'must',
  from: 'api',
  targets: [{ service: 'db', networks: ['default'], names: [{ name: 'db', services: ['db'] }] }],
};
/** The resolver behind the engine's is away. */
/** Behind the engine's name server is somebody who does not answer, or nobody at all. */
const away = (more = '', error = 'ETIMEOUT'): NamesObservation =>
  view({
    network: { ...view().network, resolvConf: `nameserver 127.0.0.11\n${more}` },
    madeUp: { name: 'x', lookup: noAnswer('EAI_AGAIN'), ipv4: noAnswer(error) },
  });
const named = (name: string, asked: Asked): NamesObservation => view({ names: { ...view().names, [name]: asked } });

describe('exactly its own addresses', () => {
  test.for([
    ['all replicas', BOTH, [BOTH], true],
    ['in another order', BOTH.toReversed(), [BOTH], true],
    ['one replica is missing', ['172.19.0.7'], [BOTH], false],
    ['one address too many', [...BOTH, '10.0.0.1'], [BOTH], false],
    ['nothing', [], [BOTH], false],
    ['the first of two shared networks', ['a'], [['a'], ['b']], true],
    ['the second of them', ['b'], [['a'], ['b']], true],
    ['both', ['a', 'b'], [['a'], ['b']], true],
    ['half of one of them', ['a1'], [['a1', 'a2'], ['b']], false],
  ] as [string, string[], string[][], boolean][])('%s', ([, seen, networks, expected]) => {
    expect(isExactly(seen, networks)).toBe(expected);
  });
});

describe('resolves', () => {
  test.for([
    ['as it should', view(), 'pass', ''],
    ['a replica is missing', named('db', same(answer('172.19.0.7'))), 'fail', 'expected 172.19.0.7, 172.19.0.8 for db'],
    [
      'another container has the name, too',
      named('db', same(answer(...BOTH, '172.19.0.9'))),
      'fail',
      '172.19.0.9 (p-web-1)',
    ],
    ['no answer', named('db', same(noAnswer('ENOTFOUND'))), 'fail', 'got ENOTFOUND'],
    [
      'the hosts file says otherwise',
      {
        ...named('db', { ...same(answer(...BOTH)), lookup: answer('10.0.0.1') }),
        network: { ...view().network, hosts: '10.0.0.1  DB # old\n' },
      },
      'fail',
      'from the line "10.0.0.1 DB # old" of its /etc/hosts',
    ],
    [
      'applications are told otherwise',
      named('db', { ...same(answer(...BOTH)), lookup: answer('8.8.8.8') }),
      'fail',
      'the embedded DNS itself answered rightly',
    ],
    [
      'applications are told nothing in time, and nothing but the machine is in their way',
      named('db', { ...same(answer(...BOTH)), lookup: noAnswer('ETIMEOUT') }),
      'error',
      'got ETIMEOUT',
    ],
    [
      'applications wait for a search domain',
      {
        ...named('db', { ...same(answer(...BOTH)), lookup: noAnswer('ETIMEOUT') }),
        network: { ...view().network, resolvConf: 'nameserver 127.0.0.11\nsearch corp.test\n' },
      },
      'fail',
      'got ETIMEOUT',
    ],
    ['the name of a container leads elsewhere', named('p-db-2', same(answer('172.19.0.7'))), 'fail', 'for p-db-2'],
    [
      'a name that was not asked for',
      view({ names: { db: same(answer(...BOTH)) } }),
      'error',
      'was not asked for p-db-1',
    ],
  ] as [string, NamesObservation, string, string][])('%s', ([, seen, status, message]) => {
    const verdict = resolvesVerdict(resolvesDb, { containers, seen: [seen] });
    expect(verdict.status).toBe(status);
    expect(verdict.message ?? '').toContain(message);
  });

  test('the state comes before the name: a restart loop has none', () => {
    const looping = [containerOf('db', 1, { default: '' }, { running: true, state: 'restarting', exitCode: 1 })];
    const verdict = resolvesVerdict(resolvesDb, { containers: [API, ...looping], seen: [view()] });
    expect(verdict).toMatchObject({ status: 'fail', reference: 'F010' });
    expect(verdict.message).toContain('p-db-1: restarting, exit code 1');
  });

  test('one replica of api that sees something else is enough', () => {
    const stale = named('db', same(answer('172.19.0.7')));
    expect(resolvesVerdict(resolvesDb, { containers, seen: [view(), stale] }).status).toBe('fail');
  });

  test('nobody to look from is no verdict', () => {
    expect(resolvesVerdict(resolvesDb, { containers, seen: [] }).status).toBe('error');
  });
});

describe('does not resolve', () => {
  const hidden: TargetsObligation = {
    ...resolvesDb,
    targets: [{ service: 'web', networks: [], names: [{ name: 'web', services: ['web'] }] }],
  };
  const unknown = { web: same(noAnswer('ENOTFOUND')), 'p-web-1': same(noAnswer('ESERVFAIL')) };

  test.for([
    ['another name did', view({ names: { ...view().names, ...unknown } }), 'pass'],
    ['nothing did', view({ names: unknown }), 'error'],
    ['it was not asked for', view(), 'error'],
    ['it resolves', view({ names: { ...view().names, ...unknown, web: same(answer('172.19.0.9')) } }), 'fail'],
    [
      'nobody answered in time, though the made-up name got its answer',
      view({ names: { ...view().names, ...unknown, web: same(noAnswer('ETIMEOUT')) } }),
      'error',
    ],
    [
      'it is handed on to nobody, as the made-up name is',
      view({
        names: { ...view().names, ...unknown, web: same(noAnswer('ETIMEOUT')) },
        madeUp: { name: 'x', lookup: noAnswer('EAI_AGAIN'), ipv4: noAnswer('ETIMEOUT') },
      }),
      'pass',
    ],
    [
      'by the hosts file alone',
      view({ names: { ...view().names, ...unknown, web: { ...unknown.web, lookup: answer('1.2.3.4') } } }),
      'fail',
    ],
  ] as [string, NamesObservation, string][])('%s', ([, seen, status]) => {
    expect(hiddenVerdict(hidden, { containers, seen: [seen] }).status).toBe(status);
  });

  test.for([
    ['nobody has the name', view(), 'pass'],
    ['nothing resolves at all', view({ names: {} }), 'error'],
    ['nobody is asked for the outside, and there is no search domain', away('', 'ESERVFAIL'), 'pass'],
    ['nobody is asked for it, and a search domain leads there', away('search corp.test\n', 'ESERVFAIL'), 'skip'],
    ['no answer in time is none at all', away(), 'skip'],
    ['no answer in time, with a search domain', away('search corp.test\n'), 'skip'],
    [
      'a wildcard answers',
      view({ madeUp: { name: 'x', lookup: answer('203.0.113.9'), ipv4: noAnswer('ENOTFOUND') } }),
      'fail',
    ],
  ] as [string, NamesObservation, string][])('a made-up name: %s', ([, seen, status]) => {
    expect(unknownVerdict('api', { containers, seen: [seen] }).status).toBe(status);
  });
});

describe('questions for IPv6', () => {
  test.for([
    ['no such record', noAnswer('ENODATA'), 'pass'],
    ['an address', answer('fd00::1'), 'pass'],
    ['no answer', noAnswer('ETIMEOUT'), 'fail'],
    ['no such name, though there is one', noAnswer('ENOTFOUND'), 'fail'],
    ['a failure', noAnswer('ESERVFAIL'), 'fail'],
  ] as [string, Resolved, string][])('%s', ([, ipv6, status]) => {
    const seen = named('db', { ...same(answer(...BOTH)), ipv6 });
    expect(ipv6Verdict('api', { containers, seen: [seen] }).status).toBe(status);
  });

  test('a resolver that answers nothing is no verdict on IPv6', () => {
    expect(ipv6Verdict('api', { containers, seen: [view({ names: { db: same(noAnswer('ETIMEOUT')) } })] }).status).toBe(
      'error',
    );
  });
});

describe('files', () => {
  const withFiles = (files: Partial<NamesObservation['network']>) => view({ network: { ...view().network, ...files } });

  test.for([
    ['nameserver 127.0.0.11\n', 'pass'],
    ['nameserver 127.0.0.11\nnameserver 8.8.8.8\n', 'fail'],
    ['nameserver 192.0.2.53\n', 'fail'],
    ['# nothing\n', 'error'],
  ] as [string, string][])('resolver %j', ([resolvConf, status]) => {
    expect(resolverVerdict('api', { containers, seen: [withFiles({ resolvConf })] }).status).toBe(status);
  });

  test.for([
    ['nameserver 127.0.0.11\n', 'pass'],
    ['nameserver 127.0.0.11\nsearch corp.test\n', 'fail'],
    ['nameserver 127.0.0.11\nsearch .\n', 'pass'],
  ] as [string, string][])('search domains %j', ([resolvConf, status]) => {
    expect(searchDomainsVerdict([{ containers, seen: [withFiles({ resolvConf })] }]).status).toBe(status);
  });

  test.for([
    ['127.0.0.1 localhost\n172.19.0.4 api\n', 'pass'],
    ['127.0.0.1 localhost\n10.0.0.1 db.corp.test\n', 'pass'],
    ['127.0.0.1 localhost\n# 10.0.0.1 db\n', 'pass'],
    ['10.0.0.1 other DB\n', 'fail'],
    ['10.0.0.1 p-db-1\n', 'fail'],
    ['', 'error'],
  ] as [string, string][])('hosts %j', ([hosts, status]) => {
    const it = { id: '', title: '', level: 'must' as const, from: 'api', names: ['api', 'db', 'web'] };
    expect(hostsVerdict(it, { containers, seen: [withFiles({ hosts })] }).status).toBe(status);
  });

  test('the first file of an archive', () => {
    const header = Buffer.alloc(512);
    header.write('resolv.conf');
    header.write('00000000005\0', 124, 'latin1');
    header.write('0', 156, 'latin1');
    const body = Buffer.alloc(512);
    body.write('hello');
    expect(firstFileOf(Buffer.concat([header, body, Buffer.alloc(1024)]))).toBe('hello');
    expect(() => firstFileOf(Buffer.alloc(1024))).toThrow('no file');
  });
});

describe('a host in the environment', () => {
  const it = (port: number | null, service: string | null = 'db') => ({
    id: '',
    title: '',
    level: 'must' as const,
    from: 'api',
    endpoint: { variable: 'DB_HOST', host: 'db', written: 'db', port, service },
  });
  const connected = (outcome: Connected['outcome']): NamesObservation =>
    view({ connected: { 'db:5432': { outcome, address: '172.19.0.7', error: null, durationMs: 1 } } });

  test.for([
    ['open', it(5432), connected('open'), 'pass', undefined],
    ['refused', it(5432), connected('refused'), 'fail', 'F090'],
    ['no name', it(5432), connected('no-name'), 'fail', 'F009'],
    ['nobody of that name', it(5432, null), connected('no-name'), 'fail', 'F007'],
    ['time-out', it(5432), connected('timeout'), 'fail', undefined],
    ['not tried', it(5432), view(), 'error', undefined],
    ['no port: it resolves', it(null), view(), 'pass', undefined],
  ] as const)('%s', ([, obligation, seen, status, reference]) => {
    const verdict = endpointVerdict(obligation, { containers, seen: [seen] });
    expect(verdict.status).toBe(status);
    expect(verdict.reference).toBe(reference);
  });
});

describe('recreated elsewhere', () => {
  const it = { id: '', title: '', level: 'must' as const, service: 'worker', from: 'api', network: 'default' };
  const told = (held: boolean, ...addresses: string[]) => ({
    held,
    last: answer(...addresses),
    attempts: 3,
    elapsedMs: 5000,
  });

  test.for([
    ['found', { before: 'a', after: ['b'], told: told(true, 'b') }, 'pass'],
    ['the old address is told', { before: 'a', after: ['b'], told: told(false, 'a') }, 'fail'],
    ['it kept its address', { before: 'a', after: ['a'], told: told(true, 'a') }, 'error'],
    ['it did not come back', { before: 'a', after: [], told: told(false) }, 'error'],
  ] as const)('%s', ([, seen, status]) => {
    expect(recreatedVerdict(it, { ...seen, after: [...seen.after] }).status).toBe(status);
  });
});

describe('a host that the copy was cut off from', () => {
  const cut = (host: string) =>
    endpointVerdict(
      {
        id: '',
        title: '',
        level: 'must',
        from: 'api',
        endpoint: { variable: 'PLUGIN_DAEMON_URL', host, written: hostBefore(host), port: 5002, service: null },
      },
      {
        containers,
        seen: [
          view({
            connected: { [`${host}:5002`]: { outcome: 'no-name', error: 'ENOTFOUND', address: null } as Connected },
          }),
        ],
      },
    );

  test.for(['10.0.0.5', 'fd00::1', 'host.docker.internal', 'plugins.example.com'])('%s is not verified', (host) => {
    const verdict = cut(nowhere(host));
    expect(verdict.status).toBe('skip');
    expect(verdict.message).toMatch(/ is outside the stack \(PLUGIN_DAEMON_URL\) and has no double: not verified$/);
  });

  test('a word that nobody answers to stays a defect', () => {
    expect(cut(nowhere('plugin_daemom')).status).toBe('fail');
  });
});
