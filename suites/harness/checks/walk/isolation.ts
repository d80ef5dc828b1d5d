import { isolationContract } from '../../../../fixtures/checks/isolation/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import type { ConnectOutcome } from '../../../../fixtures/engine/probe/protocol.ts';
import {
  codeDeniedVerdict,
  codeOutsideVerdict,
  codePassesVerdict,
  codeRefusedVerdict,
} from '../../../../fixtures/checks/isolation/code-verdicts.ts';
import type { CodeReport } from '../../../../fixtures/checks/isolation/code-program.ts';
import type { CodeObservation } from '../../../../fixtures/checks/isolation/code.ts';
import type { KeyAnswer } from '../../../../fixtures/checks/isolation/key-answer.ts';
import { keyVerdict } from '../../../../fixtures/checks/isolation/keys.ts';
import type { Attempt } from '../../../../fixtures/checks/isolation/matrix.ts';
import { connectVerdict, passesVerdict, refusesVerdict } from '../../../../fixtures/checks/isolation/proxy-verdicts.ts';
import type { ProxyRequest } from '../../../../fixtures/checks/isolation/proxy.ts';
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
} from '../../../../fixtures/checks/isolation/verdicts.ts';
import { noAnswer, sampleModel } from '../isolation/samples.ts';
import type { Rows } from './row.ts';

const model = sampleModel();
const reach = isolationContract(model, rolesOf(model));

/** The first obligation of a kind on the sample stack. */
function first<T>(all: readonly T[]): T {
  const [it] = all;
  if (!it) throw new Error('the sample stack owes nothing of this kind');
  return it;
}

const attempt = (host: string, port: number, outcome: ConnectOutcome): Attempt => ({
  from: 'api',
  host,
  port,
  connected: { outcome, address: host, error: null, durationMs: 1 },
});
const network = (id: string) => ({ id, key: id, name: id, internal: true, gateway: null });
const denied = first(reach.denied);
const allowed = first(reach.allowed);
const confined = first(reach.outsideByAddress);
const target = (address: string) => ({ name: address, state: 'running', addresses: [address] });
const shut = (port: number) => attempt('10.0.0.2', port, 'timeout');
const outside = (control: ConnectOutcome) => ({
  service: attempt('10.0.0.9', 80, 'timeout'),
  control: attempt('10.0.0.9', 80, control),
});
const key = (answer: KeyAnswer) => ({ answer, said: '' });

const request = (more: Partial<ProxyRequest>): ProxyRequest => ({
  client: 'sandbox',
  method: 'GET',
  url: 'http://127.0.0.1/x',
  status: 403,
  squidError: 'ERR_ACCESS_DENIED 0',
  server: 'squid',
  body: '',
  error: null,
  taken: null,
  ...more,
});
const refuses = first(reach.proxy.refuses);
const hosts = refuses.target.kind === 'hosts' ? refuses.target.hosts : [];
const refusedAll = refuses.party.clients.flatMap((client) =>
  hosts.map((host) => request({ client, url: `http://${host}/x` })),
);
const good = request({ status: 200, squidError: null, server: null, body: 'mark' });

const report = (part: Partial<CodeReport>): CodeReport => ({
  direct: {},
  proxied: {},
  proxy: 'http://p:3128',
  ...part,
});
const code = (part: Partial<CodeReport>, planned: string[]): CodeObservation => ({
  report: report(part),
  refusal: null,
  planned,
});
const answered = (status: number, squid: string | null) => ({ status, squid, server: null, body: 'mark', error: null });
const shutAll = code({ direct: { 'db:5432': 'no-name', 'a:5432': 'timeout' } }, ['db:5432', 'a:5432']);
const shutSome = code({ direct: { 'db:5432': 'no-name' } }, ['db:5432', 'a:5432', 'b:5432', 'c:5432']);
const opens = ['db', 'a', 'b', 'c'].map((host) => attempt(host, 5432, 'open'));
const allowedCode = { seen: code({ proxied: { u: answered(200, null) } }, ['u']), mark: 'mark' };
const codeRefused = first(reach.proxy.codeRefused);

export const reachRows: Rows = {
  'isolation/verdicts.ts#apartVerdict': {
    empty: () => apartVerdict(first(reach.apart), { store: [], sandbox: [] }),
    partial: () => apartVerdict(first(reach.apart), { store: [network('a')], sandbox: [] }),
    control: null,
  },
  'isolation/verdicts.ts#internalVerdict': {
    empty: () => internalVerdict(first(reach.internal), []),
    partial: () => internalVerdict(first(reach.internal), [network('another')]),
    control: null,
  },
  'isolation/verdicts.ts#noDefaultRouteVerdict': {
    empty: () => noDefaultRouteVerdict(confined, { service: [], control: [] }),
    partial: () =>
      noDefaultRouteVerdict(confined, { service: [], control: [{ container: 'b', gateways: ['10.0.0.1'] }] }),
    control: () =>
      noDefaultRouteVerdict(confined, {
        service: [{ container: 'a', gateways: [] }],
        control: [{ container: 'b', gateways: [] }],
      }),
  },
  'isolation/verdicts.ts#outsideByNameVerdict': {
    empty: () =>
      outsideByNameVerdict(confined, {
        byName: { ...outside('no-name'), resolved: noAnswer('ETIMEOUT') },
        byAddress: [],
      }),
    partial: null,
    control: () =>
      outsideByNameVerdict(confined, {
        byName: { ...outside('timeout'), resolved: noAnswer('ENOTFOUND') },
        byAddress: [],
      }),
  },
  'isolation/verdicts.ts#outsideByAddressVerdict': {
    empty: () =>
      outsideByAddressVerdict(confined, {
        byName: { ...outside('open'), resolved: noAnswer('ENOTFOUND') },
        byAddress: [],
      }),
    partial: () =>
      outsideByAddressVerdict(confined, {
        byName: { ...outside('open'), resolved: noAnswer('ENOTFOUND') },
        byAddress: [outside('open'), outside('timeout')],
      }),
    control: () =>
      outsideByAddressVerdict(confined, {
        byName: { ...outside('open'), resolved: noAnswer('ENOTFOUND') },
        byAddress: [outside('timeout')],
      }),
  },
  'isolation/verdicts.ts#outsideOnHostVerdict': {
    empty: () => outsideOnHostVerdict(confined, { byAddress: [] }),
    partial: null,
    control: () => outsideOnHostVerdict(confined, { byAddress: [outside('timeout')] }),
  },
  'isolation/verdicts.ts#gatewayVerdict': {
    empty: () => gatewayVerdict(first(reach.gateway), { gateway: '10.0.0.1', listening: 0, tried: [], open: [] }),
    partial: () => gatewayVerdict(first(reach.gateway), { gateway: '10.0.0.1', listening: 4, tried: [], open: [] }),
    control: () => gatewayVerdict(first(reach.gateway), { gateway: '10.0.0.1', listening: 0, tried: [22], open: [] }),
  },
  'isolation/verdicts.ts#allowedVerdict': {
    empty: () => allowedVerdict(allowed, { targets: [], attempts: [], controls: [] }),
    partial: () =>
      allowedVerdict(allowed, {
        targets: [target('10.0.0.2'), target('10.0.0.3')],
        attempts: [attempt('10.0.0.2', allowed.port, 'open')],
        controls: [],
      }),
    control: null,
  },
  'isolation/verdicts.ts#deniedVerdict': {
    empty: () => deniedVerdict(denied, { targets: [], attempts: [], controls: [] }),
    partial: () =>
      deniedVerdict(denied, {
        targets: [target('10.0.0.2'), target('10.0.0.3')],
        attempts: [shut(denied.port)],
        controls: ['10.0.0.2', '10.0.0.3'].map((host) => attempt(host, denied.port, 'open')),
      }),
    control: () =>
      deniedVerdict(denied, {
        targets: [target('10.0.0.2')],
        attempts: [shut(denied.port)],
        controls: [attempt('10.0.0.2', denied.port, 'refused')],
      }),
  },
  'isolation/keys.ts#keyVerdict': {
    empty: () =>
      keyVerdict(first(reach.keys), { without: key('unclear'), wrong: key('unclear'), right: key('unclear') }),
    partial: () =>
      keyVerdict(first(reach.keys), { without: key('refused'), wrong: key('unclear'), right: key('accepted') }),
    control: () =>
      keyVerdict(first(reach.keys), { without: key('refused'), wrong: key('refused'), right: key('unclear') }),
  },
  'isolation/proxy-verdicts.ts#passesVerdict': {
    empty: () => passesVerdict(first(reach.proxy.passes), { requests: [], planned: 0, mark: 'mark', owners: {} }),
    partial: () => passesVerdict(first(reach.proxy.passes), { requests: [good], planned: 2, mark: 'mark', owners: {} }),
    control: null,
  },
  'isolation/proxy-verdicts.ts#refusesVerdict': {
    empty: () => refusesVerdict(refuses, { requests: [], hosts: [], control: [], owners: {} }),
    partial: () => refusesVerdict(refuses, { requests: refusedAll.slice(1), hosts, control: [good], owners: {} }),
    control: () => refusesVerdict(refuses, { requests: refusedAll, hosts, control: [request({})], owners: {} }),
  },
  'isolation/proxy-verdicts.ts#connectVerdict': {
    empty: () => connectVerdict(first(reach.proxy.connect), { ports: [], tunnels: {} }),
    partial: () => connectVerdict(first(reach.proxy.connect), { ports: [443, 8443], tunnels: { 443: good } }),
    control: () =>
      connectVerdict(first(reach.proxy.connect), {
        ports: [443, 8443],
        tunnels: { 443: request({}), 8443: request({}) },
      }),
  },
  'isolation/code-verdicts.ts#codePassesVerdict': {
    empty: () => codePassesVerdict(first(reach.proxy.codePasses), code({}, []), 'mark'),
    partial: () =>
      codePassesVerdict(
        first(reach.proxy.codePasses),
        code({ proxied: { u: answered(200, null) } }, ['u', 'v']),
        'mark',
      ),
    control: null,
  },
  'isolation/code-verdicts.ts#codeOutsideVerdict': {
    empty: () => codeOutsideVerdict(first(reach.proxy.codeOutside), { seen: code({}, []), controls: [] }),
    partial: () => codeOutsideVerdict(first(reach.proxy.codeOutside), { seen: shutSome, controls: opens }),
    control: () => codeOutsideVerdict(first(reach.proxy.codeOutside), { seen: shutAll, controls: [] }),
  },
  'isolation/code-verdicts.ts#codeDeniedVerdict': {
    empty: () => codeDeniedVerdict(first(reach.proxy.codeDenied), { seen: code({}, []), controls: [] }),
    partial: () => codeDeniedVerdict(first(reach.proxy.codeDenied), { seen: shutSome, controls: opens }),
    control: () => codeDeniedVerdict(first(reach.proxy.codeDenied), { seen: shutAll, controls: opens.slice(0, 1) }),
  },
  'isolation/code-verdicts.ts#codeRefusedVerdict': {
    empty: () => codeRefusedVerdict(codeRefused, { seen: code({}, []), allowed: allowedCode }),
    partial: () =>
      codeRefusedVerdict(codeRefused, {
        seen: code({ proxied: { x: answered(403, 'ERR_ACCESS_DENIED 0') } }, ['x', 'y']),
        allowed: allowedCode,
      }),
    control: () =>
      codeRefusedVerdict(codeRefused, {
        seen: code({ proxied: { x: answered(403, 'ERR_ACCESS_DENIED 0') } }, ['x']),
        allowed: { seen: code({ proxied: { u: answered(403, 'ERR_ACCESS_DENIED 0') } }, ['u']), mark: 'mark' },
      }),
  },
};
