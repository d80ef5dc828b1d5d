import { judgeEnv } from '../../../../fixtures/checks/config/env.ts';
import { noEnvFile } from '../../../../fixtures/checks/config/env-lines.ts';
import { judgeAgent } from '../../../../fixtures/checks/config/agent.ts';
import { judgeKept } from '../../../../fixtures/checks/config/mounts-kept.ts';
import { judgeShared, judgeWritable } from '../../../../fixtures/checks/config/mounts-storage.ts';
import { readNginx } from '../../../../fixtures/checks/config/nginx-files.ts';
import { judgeLogin, judgeProtocols } from '../../../../fixtures/checks/config/nginx-front.ts';
import { judgeSiblings } from '../../../../fixtures/checks/config/siblings.ts';
import { judgeAllowed } from '../../../../fixtures/checks/config/squid-allowed.ts';
import { judgeTimeoutChain } from '../../../../fixtures/checks/config/timeouts.ts';
import { configInputs } from '../../../../fixtures/checks/config/judge.ts';
import type { ConfigObligation, Subject } from '../../../../fixtures/checks/config/obligation.ts';
import { configContract } from '../../../../fixtures/checks/config/obligations.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf, soundStack, type SyntheticStack } from '../config/stack.ts';
import type { Row, Rows } from './row.ts';

type Edit = (stack: SyntheticStack) => void;

function inputsAfter(edit: Edit) {
  const stack = soundStack();
  edit(stack);
  return configInputs(modelOf(stack), {});
}

/** An obligation of the sound stack. */
function obligation<S extends Subject>(_subject: S, id: string): ConfigObligation<S> {
  const model = modelOf(soundStack());
  const found = configContract(model, rolesOf(model)).checks.find((each) => each.id === id);
  if (!found) throw new Error(`no obligation ${id}`);
  return found as ConfigObligation<S>;
}

const nobody: Edit = (stack) => {
  stack.services = {};
};
/** The disk has none of the files: only the model is known. */
const noFiles: Edit = () => undefined;
const row = (over: Partial<Row>): Row => ({ empty: null, partial: null, control: null, ...over });

/** The storage of the sound stack is a volume: whether a folder may be written is no question of it. */
const storage = (kind: 'shared' | 'writable'): ConfigObligation<'mount'> => ({
  ...obligation('mount', 'config/mount/db/kept'),
  kind,
  service: 'api',
  facts: { of: 'api worker' },
});

export const handoverRows: Rows = {
  'config/env.ts#judgeEnv': row({
    empty: () => judgeEnv(obligation('env', 'config/env/as-meant'), inputsAfter(nobody)),
    partial: () => judgeEnv(obligation('env', 'config/env/drift'), inputsAfter(noFiles)),
  }),
  'config/timeouts.ts#judgeTimeoutChain': row({
    empty: () => judgeTimeoutChain(obligation('timeouts', 'config/timeouts/nginx/api'), inputsAfter(nobody)),
    // No file of nginx is at hand: how long it waits is not known.
    partial: () => judgeTimeoutChain(obligation('timeouts', 'config/timeouts/nginx/api'), inputsAfter(noFiles)),
  }),
  'config/agent.ts#judgeAgent': row({
    empty: () =>
      judgeAgent(
        { ...obligation('env', 'config/env/drift'), subject: 'agent', kind: 'apart', service: 'local_sandbox' },
        inputsAfter(nobody),
      ),
  }),
  'config/mounts-storage.ts#judgeShared': row({
    empty: () => judgeShared(storage('shared'), inputsAfter(nobody)),
  }),
  'config/mounts-storage.ts#judgeWritable': row({
    empty: () => judgeWritable(storage('writable'), inputsAfter(nobody)),
    // The storage is no folder of the machine.
    partial: () => judgeWritable(storage('writable'), inputsAfter(noFiles)),
  }),
  'config/mounts-kept.ts#judgeKept': row({
    // Nobody knows where such a service keeps data.
    empty: () => {
      const inputs = inputsAfter(noFiles);
      const web = inputs.model.services['web'];
      if (!web) throw new Error('the sound stack has no web');
      return judgeKept(web, inputs);
    },
  }),
  'config/siblings.ts#judgeSiblings': row({
    empty: () => judgeSiblings(obligation('value', 'config/value/siblings'), inputsAfter(nobody)),
    partial: () =>
      judgeSiblings(
        obligation('value', 'config/value/siblings'),
        inputsAfter((stack) => {
          delete stack.services['worker'];
        }),
      ),
  }),
  'config/squid-allowed.ts#judgeAllowed': row({
    empty: () => judgeAllowed('ssrf_proxy', inputsAfter(nobody)),
    partial: () => judgeAllowed('ssrf_proxy', inputsAfter(noFiles)),
  }),
  'config/nginx-front.ts#judgeLogin': row({ empty: () => judgeLogin(readNginx('nginx', inputsAfter(noFiles))) }),
  'config/nginx-front.ts#judgeProtocols': row({
    empty: () => judgeProtocols(readNginx('nginx', inputsAfter(noFiles))),
  }),
  'config/env-lines.ts#noEnvFile': row({ empty: () => noEnvFile(inputsAfter(noFiles)) }),
};
