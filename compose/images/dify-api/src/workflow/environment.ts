import { randomUUID } from 'node:crypto';
import { pythonJson } from '../../../shared/src/python-json.ts';
import { apiError, type ApiError } from '../http/errors.ts';
import type { Stores } from '../stores/stores.ts';
import type { Workflow } from '../stores/workflow-stores.ts';
import { decryptForTenant, encryptForTenant, PrivateKeyMissing } from '../tenant-keys.ts';

/** What a console sends for a secret that it was shown masked and does not change. */
const unchanged = '[__HIDDEN__]';
const valueTypes = ['string', 'number', 'secret'];

/** An environment variable of a workflow. A secret's value is encrypted in the store and plain here. */
export interface EnvironmentVariable {
  id: string;
  name: string;
  valueType: string;
  value: unknown;
}

/** What Dify makes of Python's ValueError. */
export function invalidValue(message: string): ApiError {
  return apiError(400, 'invalid_param', message);
}

/** The variables of a workflow, secrets decrypted. Throws the api's 400 when one cannot be, any other error without a key. */
export async function environmentOf(stores: Stores, workflow: Workflow): Promise<EnvironmentVariable[]> {
  const kept = Object.values(JSON.parse(workflow.environmentVariables || '{}') as Record<string, unknown>);
  return await Promise.all(
    kept.map(async (entry) => {
      const variable = readVariable(entry);
      if (variable.valueType !== 'secret') return variable;
      try {
        return { ...variable, value: await decryptForTenant(stores.files, workflow.tenantId, String(variable.value)) };
      } catch (error) {
        if (error instanceof PrivateKeyMissing || !(error instanceof Error)) throw error;
        throw invalidValue(error.message);
      }
    }),
  );
}

/** The variables of a request as they are kept: by name, secrets encrypted for the tenant. */
export async function keptEnvironment(
  stores: Stores,
  tenantId: string,
  sent: readonly unknown[],
  before: Workflow | null,
): Promise<string> {
  const variables = sent.map(readVariable);
  const known = before ? await environmentOf(stores, before) : [];
  const publicKey = (await stores.accounts.publicKey(tenantId)) ?? '';
  const entries = variables.map((variable): [string, unknown] => {
    const same = known.find(({ id }) => id === variable.id);
    const value = variable.value === unchanged && same ? same.value : variable.value;
    return [
      variable.name,
      {
        value_type: variable.valueType,
        value: variable.valueType === 'secret' ? encryptForTenant(publicKey, String(value)) : value,
        id: variable.id,
        name: variable.name,
        description: '',
        selector: ['env', variable.name],
      },
    ];
  });
  return pythonJson(Object.fromEntries(entries));
}

/** The variables as the console is shown them: of a secret only its ends, of a short one nothing. */
export function shownEnvironment(variables: readonly EnvironmentVariable[]): Record<string, unknown>[] {
  return variables.map(({ id, name, value, valueType }) => ({
    id,
    name,
    value: valueType === 'secret' ? masked(String(value)) : value,
    value_type: valueType,
  }));
}

function masked(secret: string): string {
  if (secret === '') return secret;
  if (secret.length <= 8) return '*'.repeat(20);
  return `${secret.slice(0, 6)}${'*'.repeat(12)}${secret.slice(-2)}`;
}

function readVariable(entry: unknown): EnvironmentVariable {
  const given = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
  const { id, name, value_type: valueType, value } = given;
  if (typeof name !== 'string' || name === '') throw invalidValue('missing name');
  if (typeof valueType !== 'string') throw invalidValue('missing value type');
  if (value === undefined || value === null) throw invalidValue('missing value');
  if (!valueTypes.includes(valueType)) throw invalidValue(`not supported value type ${valueType}`);
  return { id: typeof id === 'string' && id !== '' ? id : randomUUID(), name, valueType, value };
}
