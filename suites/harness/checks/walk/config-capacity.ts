import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import { judgeLog } from '../../../../fixtures/checks/config/log-rotation.ts';
import { judgeMemory } from '../../../../fixtures/checks/config/memory-limit.ts';
import {
  obligationsOf,
  type ConfigObligation,
  type Holder,
  type Subject,
} from '../../../../fixtures/checks/config/obligation.ts';
import { configContract } from '../../../../fixtures/checks/config/obligations.ts';
import { judgeRedis } from '../../../../fixtures/checks/config/redis.ts';
import { judgeSentinels } from '../../../../fixtures/checks/config/sentinels.ts';
import { judgeReplicas } from '../../../../fixtures/checks/config/replicas.ts';
import { judgeUploads } from '../../../../fixtures/checks/config/uploads.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf, service, soundStack, type SyntheticStack } from '../config/stack.ts';
import type { Row, Rows } from './row.ts';

type Edit = (stack: SyntheticStack) => void;

function modelAfter(edit: Edit) {
  const stack = soundStack();
  service(stack, 'api').environment['UPLOAD_FILE_SIZE_LIMIT'] = '1';
  edit(stack);
  return modelOf(stack);
}

const inputsAfter = (edit: Edit) => configInputs(modelAfter(edit), {});

/** An obligation of the stack before the edit. */
function obligation<S extends Subject>(_subject: S, id: string): ConfigObligation<S> {
  const model = modelAfter(() => undefined);
  const found = configContract(model, rolesOf(model)).checks.find((each) => each.id === id);
  if (!found) throw new Error(`no obligation ${id}`);
  return found as ConfigObligation<S>;
}

/** Nobody in the sound stack asks a sentinel. */
const sentinels = (holders: Holder[]): ConfigObligation<'redis'> =>
  obligationsOf('redis')('sentinels', 'sentinels', 'sentinels lead to a Redis', 'must', { holders });
const nobody: Edit = (stack) => {
  stack.services = {};
};
const noEnvironment: Edit = (stack) => {
  for (const own of Object.values(stack.services)) own.environment = {};
};
const row = (over: Partial<Row>): Row => ({ empty: null, partial: null, control: null, ...over });

export const capacityRows: Rows = {
  'config/replicas.ts#judgeReplicas': row({
    empty: () => judgeReplicas(obligation('replicas', 'config/replicas/db'), inputsAfter(nobody)),
  }),
  // No file of the stack is read here: nginx has no route that could take an upload.
  'config/uploads.ts#judgeUploads': row({
    empty: () => judgeUploads(obligation('uploads', 'config/uploads/limits'), inputsAfter(nobody)),
    partial: () => judgeUploads(obligation('uploads', 'config/uploads/limits'), inputsAfter(noEnvironment)),
  }),
  'config/redis.ts#judgeRedis': row({
    empty: () => judgeRedis(obligation('redis', 'config/redis/db'), inputsAfter(nobody)),
    partial: () => judgeRedis(obligation('redis', 'config/redis/db'), inputsAfter(noEnvironment)),
    // Its settings are in a file that is not at hand.
    control: () =>
      judgeRedis(
        obligation('redis', 'config/redis/redis/eviction'),
        inputsAfter((stack) => (service(stack, 'redis').command = ['redis-server', '/etc/redis.conf'])),
      ),
  }),
  'config/sentinels.ts#judgeSentinels': row({
    empty: () => judgeSentinels(sentinels([]), inputsAfter(nobody)),
    // Those who asked a sentinel ask none any more.
    partial: () =>
      judgeSentinels(
        sentinels([{ service: 'api', key: 'REDIS_SENTINEL_SERVICE_NAME' }]),
        inputsAfter(() => undefined),
      ),
  }),
  'config/log-rotation.ts#judgeLog': row({
    empty: () => judgeLog(obligation('log', 'config/log/rotation'), inputsAfter(nobody)),
  }),
  'config/memory-limit.ts#judgeMemory': row({
    empty: () => judgeMemory(obligation('memory', 'config/memory/limit'), inputsAfter(nobody)),
  }),
};
