import {
  configurationVerdict,
  ownerVerdict,
  redirectVerdict,
} from '../../../../fixtures/checks/routes/live-verdicts.ts';
import { askKey, type LiveObservation, type LiveAnswer } from '../../../../fixtures/checks/routes/live.ts';
import type { OwnerCheck } from '../../../../fixtures/checks/routes/obligations.ts';
import type {
  EchoAnswer,
  MirrorObservation,
  MirrorAnswers,
} from '../../../../fixtures/checks/routes/mirror-observe.ts';
import {
  atMirror,
  bodyVerdict,
  headersVerdict,
  hookVerdict,
  streamVerdict,
  targetVerdict,
  upgradeVerdict,
} from '../../../../fixtures/checks/routes/mirror-verdicts.ts';
import {
  belowVerdict,
  limitVerdict,
  portVerdict,
  schemeVerdict,
  uploadVerdict,
} from '../../../../fixtures/checks/routes/wide-verdicts.ts';
import { ownerByMarks } from '../../../../fixtures/checks/routes/marks-verdict.ts';
import { pass } from '../../../../fixtures/checks/verdict.ts';
import type { DirectCheck } from '../../../../fixtures/checks/routes/direct.ts';
import type { ThroughCheck } from '../../../../fixtures/checks/routes/through.ts';
import { throughVerdict } from '../../../../fixtures/checks/routes/through-verdict.ts';
import { directVerdict } from '../../../../fixtures/checks/routes/direct-verdict.ts';
import { ENTRY as entry, LOCATION as location } from '../routes/samples.ts';
import type { Rows } from './row.ts';

const must = { id: 'routes/x', title: '', level: 'must' as const };
const ask = { entry, method: 'GET', target: '/x' };
const owner: OwnerCheck = { ...must, ask, unreached: null, owner: location.owner, taker: null, path: '/x', lost: null };
const answered: LiveAnswer = {
  answer: { status: 200, headers: { 'x-version': '1', 'x-env': 'P' }, body: '', continued: false, error: null },
  sentTo: { host: '127.0.0.1', port: 32768 },
  // nginx's log says nothing of it: who answered is not known.
  logged: null,
};
const live = (seen: LiveAnswer | null, logWorks = true): LiveObservation => ({
  seen: new Map(seen ? [[askKey(ask), seen]] : []),
  addresses: { plugin_daemon: ['10.0.0.4'] },
  logWorks,
});
/** A page of web that has no mark: anybody may have given it. */
const directAsk = { method: 'GET', target: '/signin' } as const;
const direct: DirectCheck = {
  ...must,
  service: 'web',
  role: 'web',
  port: 3000,
  published: false,
  networks: ['default'],
  asks: [directAsk],
};
const site = { host: null, port: 80, tls: false };
const byCaddy: ThroughCheck = {
  ...must,
  gateway: 'caddy',
  networks: ['default'],
  sites: [site],
  service: 'web',
  role: 'web',
  port: 3000,
  asks: [{ ...directAsk, path: '/signin', lost: '' }],
};
const unmarked = { ...answered.answer, headers: {} };
const refused = { ...answered, answer: { ...answered.answer, status: 413 } };

const headers = { host: ['127.0.0.1:1'], 'x-forwarded-proto': ['https'] };
const echoed = { mark: 'e', port: 5002, method: 'GET', target: '/e/x', headers, bodyBytes: 0, bodySha256: '' };
/** A request that reached the echo server, and one that did not. */
export const arrived: EchoAnswer = { status: 200, continued: false, error: null, echoed };
export const lost: EchoAnswer = { status: 502, continued: false, error: null, echoed: null };
const stream = {
  framing: 'stream-chunked' as const,
  status: 200,
  error: null,
  begun: true,
  oneByOne: 5,
  total: 5,
};
/** What was seen of one location through the mirror: nothing, but what is given. */
export const through = (more: Partial<MirrorAnswers> = {}): MirrorAnswers => ({
  planned: { targets: 2, methods: 2, streams: 2 },
  targets: [],
  methods: [],
  sent: { target: '/e/x', host: '127.0.0.1:1', authorization: '', cookie: '' },
  plain: lost,
  forwarded: lost,
  streams: [],
  upgrade: null,
  atLimit: { bytes: 1024, whole: false, sha256: '', answer: lost },
  ...more,
});
const target = { what: 'it', target: '/e/x', answer: arrived };
const method = { method: 'GET', bytes: 0, sha256: '', answer: arrived };
const mirrors = (seen: MirrorAnswers | null, failure?: string): MirrorObservation => ({
  seen: new Map(seen ? [['/e/', seen]] : []),
  failures: new Map(failure === undefined ? [] : [['nginx', failure]]),
});
const reached = { targets: [target] };
const all = { ...must, entry, locations: [location] };
const limit = { ...must, location, above: ask };
/** Of two locations one was not sent anything. */
const both = { ...all, locations: [location, { ...location, label: '/other' }] };
const whole = through({ ...reached, plain: arrived, forwarded: arrived });

export const routesRows: Rows = {
  'routes/marks-verdict.ts#ownerByMarks': {
    empty: () =>
      ownerByMarks(owner, { ...answered, answer: { ...answered.answer, status: null } }, 'GET /x') ??
      pass('null hands on'),
    partial: () =>
      ownerByMarks(owner, { ...answered, answer: { ...answered.answer, headers: {} } }, 'GET /x') ??
      pass('null hands on'),
    control: null,
  },
  'routes/live-verdicts.ts#configurationVerdict': {
    empty: () => configurationVerdict({ ...must, nginx: 'nginx', locations: 0, problem: null }),
    partial: null,
    control: () => configurationVerdict({ ...must, nginx: null, locations: 1, problem: 'not read' }),
  },
  'routes/direct-verdict.ts#directVerdict': {
    empty: () => directVerdict({ ...direct, asks: [] }, []),
    partial: () => directVerdict(direct, []),
    control: () => directVerdict(direct, [{ ...directAsk, answer: { ...answered.answer, headers: {} } }]),
  },
  'routes/through-verdict.ts#throughVerdict': {
    empty: () => throughVerdict(byCaddy, []),
    partial: () => throughVerdict(byCaddy, [{ site, answers: [] }]),
    control: () =>
      throughVerdict(byCaddy, [{ site, answers: [{ target: '/signin', answer: unmarked, itself: null }] }]),
  },
  'routes/live-verdicts.ts#ownerVerdict': {
    empty: () => ownerVerdict(owner, live(null)),
    partial: () => ownerVerdict(owner, live(answered)),
    control: () => ownerVerdict({ ...owner, owner: { kind: 'nginx' } }, live(answered, false)),
  },
  'routes/live-verdicts.ts#redirectVerdict': {
    empty: () => redirectVerdict({ ...must, ask, owner: null, where: null }, live(null)),
    partial: () => redirectVerdict({ ...must, ask, owner: null, where: null }, live(answered)),
    control: null,
  },
  'routes/mirror-verdicts.ts#atMirror': {
    empty: () => atMirror({ location }, mirrors(null), () => pass()),
    partial: () => atMirror({ location }, mirrors(through({ targets: [{ ...target, answer: lost }] })), () => pass()),
    control: () => atMirror({ location }, mirrors(null, 'it does not start'), () => pass()),
  },
  'routes/mirror-verdicts.ts#targetVerdict': {
    empty: () => targetVerdict(location, through()),
    partial: () => targetVerdict(location, through({ targets: [target] })),
    control: null,
  },
  'routes/mirror-verdicts.ts#bodyVerdict': {
    empty: () => bodyVerdict(location, through()),
    partial: () => bodyVerdict(location, through({ methods: [method] })),
    control: null,
  },
  'routes/mirror-verdicts.ts#headersVerdict': {
    empty: () => headersVerdict(location, through()),
    partial: () => headersVerdict(location, through({ plain: { ...arrived, echoed: { ...echoed, headers: {} } } })),
    control: null,
  },
  'routes/mirror-verdicts.ts#hookVerdict': {
    empty: () => hookVerdict(location, through()),
    partial: () => hookVerdict(location, through({ plain: arrived })),
    control: null,
  },
  'routes/mirror-verdicts.ts#streamVerdict': {
    empty: () => streamVerdict(location, through()),
    partial: () => streamVerdict(location, through({ streams: [stream] })),
    control: () =>
      streamVerdict(
        location,
        through({
          streams: [
            { ...stream, begun: false },
            { ...stream, begun: false },
          ],
        }),
      ),
  },
  'routes/mirror-verdicts.ts#upgradeVerdict': {
    empty: () => upgradeVerdict(location, through()),
    partial: () => upgradeVerdict(location, through({ upgrade: { status: 101, error: null, bothWays: false } })),
    control: null,
  },
  'routes/wide-verdicts.ts#limitVerdict': {
    empty: () => limitVerdict(limit, live(null), mirrors(null)),
    // From above it is refused, from below nothing was tried.
    partial: () => limitVerdict(limit, live(refused), mirrors(null)),
    control: () => limitVerdict(limit, live(refused, false), mirrors(null, 'it does not start')),
  },
  'routes/wide-verdicts.ts#belowVerdict': {
    empty: () => belowVerdict(location, through()),
    partial: () =>
      belowVerdict(location, through({ atLimit: { bytes: 1024, whole: true, sha256: 'x', answer: arrived } })),
    control: null,
  },
  'routes/wide-verdicts.ts#uploadVerdict': {
    empty: () => uploadVerdict({ ...must, largest: { bytes: 1, variable: 'X' }, locations: [] }),
    partial: null,
    control: null,
  },
  'routes/wide-verdicts.ts#portVerdict': {
    empty: () => portVerdict({ ...all, locations: [] }, mirrors(null)),
    partial: () => portVerdict(both, mirrors(whole)),
    control: () => portVerdict(all, mirrors(null, 'it does not start')),
  },
  'routes/wide-verdicts.ts#schemeVerdict': {
    empty: () => schemeVerdict({ ...all, locations: [] }, mirrors(null)),
    partial: () => schemeVerdict(both, mirrors(whole)),
    control: () => schemeVerdict(all, mirrors(through({ ...reached, plain: arrived }))),
  },
};
