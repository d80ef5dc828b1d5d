import { judgeConfig, configInputs } from '../../../../fixtures/checks/config/judge.ts';
import type { ConfigObligation } from '../../../../fixtures/checks/config/obligation.ts';
import { configContract } from '../../../../fixtures/checks/config/obligations.ts';
import { judgeAgree, judgeHookId } from '../../../../fixtures/checks/config/urls-agree.ts';
import { judgeCookies } from '../../../../fixtures/checks/config/urls-cookies.ts';
import { judgeFiles, judgePluginFiles } from '../../../../fixtures/checks/config/urls-files.ts';
import { judgeNoProxy } from '../../../../fixtures/checks/config/hosts-no-proxy.ts';
import { judgeDns } from '../../../../fixtures/checks/config/squid-dns.ts';
import { squidLines, type SquidRequest } from '../../../../fixtures/checks/config/squid-rules.ts';
import { judgeTimeouts } from '../../../../fixtures/checks/config/squid-timeouts.ts';
import type { Verdict } from '../../../../fixtures/checks/verdict.ts';
import { rolesOf } from '../../../../fixtures/model/roles.ts';
import { modelOf, service, soundStack, type SyntheticStack } from '../config/stack.ts';
import type { Row, Rows } from './row.ts';

const REQUEST: SquidRequest = {
  source: '172.19.0.5',
  target: '93.184.216.34',
  host: '93.184.216.34',
  port: 80,
  method: 'GET',
  localPort: 3128,
  portName: null,
};

type Edit = (stack: SyntheticStack) => void;

/** A sound stack that has all that these rules ask of. */
const asked: Edit = (stack) => {
  for (const name of ['api', 'worker'])
    Object.assign(service(stack, name).environment, {
      INTERNAL_FILES_URL: 'http://api:5001',
      ENDPOINT_URL_TEMPLATE: 'https://dify.example.org/e/{hook_id}',
      HTTP_PROXY: 'http://proxy.example.org:3128',
      NO_PROXY: 'plugin_daemon,sandbox,weaviate,api',
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
  'config/worker.ts#judgeWorker': row({
    empty: () => judged('config/worker/queues', nobody),
    // It names a list, and the release that says what belongs into it is not known.
    partial: () =>
      judged('config/worker/queues', (stack) => {
        service(stack, 'api').image = 'langgenius/dify-api:99.0.0';
        service(stack, 'worker').environment['CELERY_QUEUES'] = 'dataset,mail,ops_trace,app_deletion';
      }),
  }),
  'config/database.ts#judgeDatabase': row({
    empty: () => judged('config/database/connections', nobody),
    partial: () => judged('config/database/connections', noEnvironment),
    // What it lets in is in a file that is not read.
    control: () =>
      judged(
        'config/database/connections',
        (stack) => (service(stack, 'db').command = ['postgres', '-c', 'config_file=/x']),
      ),
  }),
  'config/hosts-no-proxy.ts#judgeNoProxy': row({
    empty: () =>
      judgeNoProxy({ ...(obligation('config/host/no-proxy') as Of<'host'>), holders: [] }, inputsOf(nobody).inputs),
    partial: () => judged('config/host/no-proxy', nobody),
  }),
  'config/squid-timeouts.ts#judgeTimeouts': row({
    // Nobody sends anything through it.
    empty: () => judgeTimeouts('ssrf_proxy', [], inputsOf(nobody).inputs),
    partial: () =>
      judgeTimeouts('ssrf_proxy', squidLines('read_timeout soon', 'squid.conf'), inputsOf(() => undefined).inputs),
  }),
  'config/squid-dns.ts#judgeDns': row({ empty: () => judgeDns([], REQUEST) }),
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
