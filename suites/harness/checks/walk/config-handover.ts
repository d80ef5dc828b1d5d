import { judgeEnv } from '../../../../fixtures/checks/config/env.ts';
import { noEnvFile } from '../../../../fixtures/checks/config/env-lines.ts';
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

export const handoverRows: Rows = {
  'config/env.ts#judgeEnv': row({
    empty: () => judgeEnv(obligation('env', 'config/env/as-meant'), inputsAfter(nobody)),
    partial: () => judgeEnv(obligation('env', 'config/env/drift'), inputsAfter(noFiles)),
  }),
  'config/env-lines.ts#noEnvFile': row({ empty: () => noEnvFile(inputsAfter(noFiles)) }),
};
