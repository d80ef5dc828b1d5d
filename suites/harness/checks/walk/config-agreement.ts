import { judgeConfig, configInputs } from '../../../../fixtures/checks/config/judge.ts';
import type { ConfigObligation } from '../../../../fixtures/checks/config/obligation.ts';
import { configContract } from '../../../../fixtures/checks/config/obligations.ts';
import { judgeAgree, judgeHookId } from '../../../../fixtures/checks/config/urls-agree.ts';
import { judgeCookies } from '../../../../fixtures/checks/config/urls-cookies.ts';
import { judgeFiles, judgePluginFiles } from '../../../../fixtures/checks/config/urls-files.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf, service, soundStack, type SyntheticStack } from '../config/stack.ts';
import type { Row, Rows } from './row.ts';

type Edit = (stack: SyntheticStack) => void;

/** A sound stack that has all that these rules ask of. */
const asked: Edit = (stack) => {
  for (const name of ['api', 'worker'])
    Object.assign(service(stack, name).environment, {
      INTERNAL_FILES_URL: 'http://api:5001',
      ENDPOINT_URL_TEMPLATE: 'https://dify.example.org/e/{hook_id}',
    });
};

const inputsOf = (edit: Edit) => {
  const stack = soundStack();
  asked(stack);
  edit(stack);
  const model = modelOf(stack);
  return { model, roles: rolesOf(model), inputs: configInputs(model, {}) };
};

/** The obligation of the stack before the edit, over what is left of it. */
function obligation(id: string): ConfigObligation {
  const { model, roles } = inputsOf(() => undefined);
  const found = configContract(model, roles).checks.find((each) => each.id === id);
  if (!found) throw new Error(`no obligation ${id}`);
  return found;
}

type Of<S extends ConfigObligation['subject']> = ConfigObligation<S>;
const nobody: Edit = (stack) => {
  stack.services = {};
};
const noEnvironment: Edit = (stack) => {
  for (const own of Object.values(stack.services)) own.environment = {};
};
const row = (over: Partial<Row>): Row => ({ empty: null, partial: null, control: null, ...over });
const judged = (id: string, edit: Edit): Verdict => judgeConfig(obligation(id), inputsOf(edit).inputs);

export const agreementRows: Rows = {
  'config/urls.ts#judgeUrls': row({ empty: () => judged('config/urls/files', nobody) }),
  'config/urls-files.ts#judgeFiles': row({
    empty: () =>
      judgeFiles({ ...(obligation('config/urls/files') as Of<'urls'>), holders: [] }, inputsOf(nobody).inputs),
    partial: () => judged('config/urls/files', noEnvironment),
  }),
  'config/urls-files.ts#judgePluginFiles': row({
    empty: () => judgePluginFiles(obligation('config/urls/plugin-files') as Of<'urls'>, inputsOf(nobody).inputs),
    partial: () => judged('config/urls/plugin-files', noEnvironment),
  }),
  'config/urls-agree.ts#judgeAgree': row({
    empty: () => judgeAgree(inputsOf(nobody).inputs),
    partial: () => judgeAgree(inputsOf(noEnvironment).inputs),
  }),
  'config/urls-agree.ts#judgeHookId': row({
    empty: () =>
      judgeHookId({ ...(obligation('config/urls/agree/hook-id') as Of<'urls'>), holders: [] }, inputsOf(nobody).inputs),
    partial: () => judged('config/urls/agree/hook-id', noEnvironment),
  }),
  'config/urls-cookies.ts#judgeCookies': row({ empty: () => judgeCookies(inputsOf(nobody).inputs) }),
  'config/release.ts#judgeReleaseOf': row({
    empty: () => judged('config/release/plugin_daemon', nobody),
    // A release that no row is of.
    partial: () =>
      judged('config/release/vector_store', (stack) => (service(stack, 'api').image = 'langgenius/dify-api:99.0.0')),
    control: () =>
      judged(
        'config/release/plugin_daemon',
        (stack) => (service(stack, 'plugin_daemon').image = 'langgenius/dify-plugin-daemon:latest'),
      ),
  }),
};
