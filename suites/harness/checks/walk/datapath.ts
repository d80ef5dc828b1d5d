import type { HopObligation, StepName } from '../../../../fixtures/checks/datapath/obligations.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import type { HopObservation } from '../../../../fixtures/checks/datapath/hop-observation.ts';
import {
  agentCommandVerdict,
  agentRunVerdict,
  agentStubVerdict,
} from '../../../../fixtures/checks/datapath/agent-verdicts.ts';
import { proxyLogVerdict } from '../../../../fixtures/checks/datapath/proxy-log-verdict.ts';
import { afterStep, stepVerdict } from '../../../../fixtures/checks/datapath/step-verdicts.ts';
import type { StepsObservation } from '../../../../fixtures/checks/datapath/steps.ts';
import { broker, contract, done, judgedHop, reached, use } from '../datapath/samples.ts';
import type { Rows } from './row.ts';

const nobody = { where: '', problem: null };
const noBroker = broker({ ...nobody, declared: [], consumes: null });
const noCommand = { ...nobody, output: null, due: 'x-42', wrong: null, callback: null };
const files = { ...nobody, files: {}, privateKey: null };

/** What an observer that asked nobody would give, for each hop of the sample stack. */
const UNASKED: Record<HopObservation['kind'], HopObservation> = {
  database: { kind: 'database', seen: { ...nobody, rows: null } },
  'secret-at-rest': { kind: 'secret-at-rest', seen: { ...nobody, rows: null } },
  'plugin-database': { kind: 'plugin-database', seen: { ...nobody, tables: [], installed: null } },
  cache: { kind: 'cache', seen: { ...nobody, session: null } },
  broker: { kind: 'broker', seen: { api: noBroker, worker: noBroker } },
  storage: { kind: 'storage', seen: files },
  'private-key': { kind: 'private-key', seen: files },
  'vector-store': { kind: 'vector-store', seen: { store: null, written: nobody, queried: null, due: '1' } },
  'plugin-daemon': { kind: 'plugin-daemon', seen: { ...nobody, right: null, wrong: null } },
  'agent-backend': { kind: 'agent-backend', seen: { ...nobody, ended: null, wrong: null } },
  'agent-sandbox': { kind: 'agent-sandbox', seen: noCommand },
  'agent-stub': { kind: 'agent-stub', seen: noCommand },
  'proxy-log': { kind: 'proxy-log', seen: null },
  'way-out': { kind: 'way-out', seen: [] },
};
/** Let in, and then nothing was asked. */
const ONLY_IN: Partial<Record<HopObservation['kind'], HopObservation>> = {
  database: { kind: 'database', seen: { ...reached, rows: null } },
  'secret-at-rest': { kind: 'secret-at-rest', seen: { ...reached, rows: null } },
  'plugin-database': { kind: 'plugin-database', seen: { ...reached, tables: [], installed: null } },
  broker: { kind: 'broker', seen: { api: broker({ declared: [] }), worker: broker({ declared: [] }) } },
  storage: { kind: 'storage', seen: { ...files, ...reached } },
  'private-key': { kind: 'private-key', seen: { ...files, ...reached } },
  'plugin-daemon': { kind: 'plugin-daemon', seen: { ...reached, right: null, wrong: { status: 401, body: '' } } },
  'agent-backend': { kind: 'agent-backend', seen: { ...reached, ended: 'failed', wrong: null } },
  'agent-sandbox': { kind: 'agent-sandbox', seen: { ...noCommand, ...reached, output: 'x-42', wrong: null } },
  'agent-stub': { kind: 'agent-stub', seen: { ...noCommand, ...reached, output: 'x-42' } },
};

const id = (full: string) => full.replace('datapath/hop/', '');
function hops(seen: Partial<Record<HopObservation['kind'], HopObservation>>, steps: StepsObservation): Verdict {
  const judged = contract.hops.flatMap((hop) => {
    const its = seen[hop.kind];
    return its ? [judgedHop(id(hop.id), its, steps)] : [];
  });
  return judged.find(({ status }) => status === 'pass') ?? (judged.at(-1) as Verdict);
}

/** All of a first use waited for a login that was refused. */
const noLogin = Object.fromEntries(
  contract.steps.map(({ step }) => [step, { state: 'not-tried', because: 'login' }]),
) as StepsObservation;
/** Hops that prove what the first use left, whole as on a sound stack. */
const LEFT: Partial<Record<HopObservation['kind'], HopObservation>> = {
  storage: { kind: 'storage', seen: { ...files, ...reached } },
  'private-key': { kind: 'private-key', seen: { ...files, ...reached, privateKey: '-----BEGIN PRIVATE KEY-----' } },
};
const [step] = contract.steps;
const proxyLog = contract.hops.find(({ kind }) => kind === 'proxy-log');
if (!step || !proxyLog) throw new Error('the sample stack owes no step or no log of the proxy');
const command: HopObligation = {
  id: 'datapath/hop/a-agent-sandbox',
  title: '',
  level: 'must',
  kind: 'agent-sandbox',
  from: 'a',
  to: 'b',
};
const unrun = { ...nobody, ended: null, wrong: null };
const log = { lines: [], logged: 0, addresses: [], configured: 'http://ssrf_proxy:3128' };
const record = (steps: StepsObservation) => ({ steps, use, release: null });
const must = (verdict: Verdict | null): Verdict => verdict ?? { status: 'pass' };

export const datapathRows: Rows = {
  'datapath/hop-verdicts.ts#hopVerdict': {
    empty: () => hops(UNASKED, done),
    partial: () => hops(ONLY_IN, done),
    control: () => hops(LEFT, noLogin),
  },
  'datapath/agent-verdicts.ts#agentRunVerdict': {
    empty: () => agentRunVerdict(command, unrun),
    partial: () => agentRunVerdict(command, { ...unrun, ...reached, ended: 'failed' }),
    control: () => agentRunVerdict(command, { ...unrun, ...reached, wrong: { status: 401, body: '' } }),
  },
  'datapath/agent-verdicts.ts#agentCommandVerdict': {
    empty: () => agentCommandVerdict(command, noCommand),
    partial: () => agentCommandVerdict(command, { ...noCommand, ...reached, output: noCommand.due }),
    control: () => agentCommandVerdict(command, { ...noCommand, ...reached, wrong: { status: 401, body: '' } }),
  },
  'datapath/agent-verdicts.ts#agentStubVerdict': {
    empty: () => agentStubVerdict(command, noCommand),
    partial: () => agentStubVerdict(command, { ...noCommand, ...reached, output: noCommand.due }),
    control: () => agentStubVerdict(command, { ...noCommand, ...reached, problem: '401' }),
  },
  'datapath/proxy-log-verdict.ts#proxyLogVerdict': {
    empty: () => proxyLogVerdict(proxyLog, null, use),
    partial: () => proxyLogVerdict(proxyLog, log, use),
    control: () => proxyLogVerdict(proxyLog, { ...log, logged: 4 }, use),
  },
  'datapath/step-verdicts.ts#stepVerdict': {
    empty: () => stepVerdict(step, record({}), [], contract),
    partial: () => stepVerdict(step, record(noLogin), [], contract),
    control: null,
  },
  'datapath/step-verdicts.ts#afterStep': {
    empty: () => must(afterStep('login' satisfies StepName, { steps: {} }, contract.steps)),
    partial: () => must(afterStep('upload', { steps: noLogin }, contract.steps)),
    control: null,
  },
};
