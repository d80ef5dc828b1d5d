import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { datapathContract, type HopObligation } from '../../../../fixtures/checks/datapath/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import type { Answer } from '../../../../fixtures/checks/datapath/front-door.ts';
import type { HopObservation } from '../../../../fixtures/checks/datapath/hop-observation.ts';
import { hopVerdict } from '../../../../fixtures/checks/datapath/hop-verdicts.ts';
import type { UseRows } from '../../../../fixtures/checks/datapath/database-observation.ts';
import type { BrokerObservation } from '../../../../fixtures/checks/datapath/observe-redis.ts';
import { STEPS, type StepObservation, type StepsObservation } from '../../../../fixtures/checks/datapath/steps.ts';
import { planUse } from '../../../../fixtures/checks/datapath/use.ts';
import { sampleModel } from '../isolation/samples.ts';

const model = sampleModel();
export const contract = datapathContract(model, rolesOf(model), { nginx: {} });
export const use = planUse();
use.tenantId = '11111111-1111-4111-8111-111111111111';
use.workflow.target = { url: 'http://198.51.100.2/verify', mark: 'mark' };

export const answered: Answer = {
  call: { method: 'POST', path: '/x', status: 200, contentType: 'application/json', bodyStart: '', ms: 1, error: null },
  status: 200,
  headers: {},
  text: '',
};
export const failed = (call: Partial<Answer['call']>, problem: string): StepObservation => ({
  state: 'failed',
  answer: { ...answered, call: { ...answered.call, ...call } },
  problem,
});
export const done = Object.fromEntries(
  STEPS.map(({ name }) => [name, { state: 'done', answer: answered }]),
) as StepsObservation;

export const reached = { where: 'there', problem: null };
export const rows: UseRows = {
  account: { password: 'aGFzaA==', salt: 'c2FsdA==' },
  tenant: { publicKey: '-----BEGIN PUBLIC KEY-----' },
  app: { tenantId: use.tenantId },
  run: 'succeeded',
  file: { key: `upload_files/${use.tenantId}/x.txt`, size: Buffer.byteLength(use.file.text) },
  document: 'completed',
  segments: [{ content: use.file.text, status: 'completed' }],
  keywords: `{"table": {"${use.dataset.query}": ["x"]}}`,
  environments: [environment(Buffer.from('HYBRID:ciphertext').toString('base64'))],
};

/** Environment variables of a workflow as a row holds them. */
export function environment(value: string): string {
  return JSON.stringify({ [use.workflow.secretName]: { name: use.workflow.secretName, value, value_type: 'secret' } });
}

export const broker = (change: Partial<BrokerObservation> = {}): BrokerObservation => ({
  ...reached,
  waiting: {},
  declared: ['dataset'],
  consumes: ['dataset', 'mail'],
  ...change,
});

/** The verdict on a hop of the sample stack. */
export function judgedHop(id: string, seen: HopObservation, steps: StepsObservation = done): Verdict {
  const hop = contract.hops.find((candidate) => candidate.id === `datapath/hop/${id}`) as HopObligation;
  const { steps: all, hops } = contract;
  return hopVerdict(hop, seen, { record: { steps, use }, steps: all, hops, api: 'api', worker: 'worker' });
}
