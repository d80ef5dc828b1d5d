import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { configInputs, judgeConfig } from '../../../fixtures/checks/config/judge.ts';
import { deriveContract } from '../../../fixtures/checks/contract.ts';
import { causeFacts } from '../../../fixtures/run/causes/facts.ts';
import { enclose } from '../../../fixtures/model/outside/enclose.ts';
import { policyFor } from '../../../fixtures/model/policy/policy.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { redactorOf } from '../../../fixtures/run/report/redact.ts';
import { servingContract } from '../../../fixtures/stack/serving/contract.ts';
import { stageStack } from '../../../fixtures/stack/stage.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';

/**
 * A service, network, volume or variable may have the name of what every object of JavaScript has. Whatever is made of a
 * directory is then the same as with a name of no meaning, letter by letter but for the name.
 */
const NAMES = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__');
const PLAIN = 'zzplain';

const dir = mkdtempSync(path.join(os.tmpdir(), 'names-of-objects-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What a service of each kind would be, and who asks for it. */
const KINDS: Record<string, { image: string; asks: Record<string, string> }> = {
  api: { image: 'langgenius/dify-api:1.5.0', asks: { CONSOLE_API_URL: 'http://NAME:5001' } },
  database: { image: 'postgres:15', asks: { DB_HOST: 'NAME', DB_PORT: '5432' } },
  cache: { image: 'redis:6', asks: { REDIS_HOST: 'NAME', REDIS_PORT: '6379' } },
  sandbox: { image: 'langgenius/dify-sandbox:0.2.12', asks: { CODE_EXECUTION_ENDPOINT: 'http://NAME:8194' } },
  nginx: { image: 'nginx:1.28', asks: {} },
  other: { image: 'ollama/ollama:0.9.1', asks: { OLLAMA: 'http://NAME:11434' } },
};

function allOf(
  name: string,
  { image, asks, service = name }: { image: string; asks: Record<string, string>; service?: string },
): string {
  const environment = Object.fromEntries(
    Object.entries(asks).map(([key, value]) => [key, value.replace('NAME', name)]),
  );
  const model = modelOf(
    {
      [service]: {
        image,
        environment: { MODE: 'api', [name]: 'x' },
        networks: { [name]: null },
        volumes: [{ type: 'volume', source: name, target: '/data' }],
        ports: [{ target: 80, published: '8080', protocol: 'tcp' }],
        labels: { [name]: 'x' },
      },
      worker: {
        image: 'langgenius/dify-api:1.5.0',
        environment: { MODE: 'worker', ...environment },
        networks: { [name]: null },
        depends_on: { [service]: { condition: 'service_started', required: true } },
      },
    },
    { dir, networks: { [name]: { name } }, volumes: { [name]: { name } } },
  );
  const roles = rolesOf(model);
  const enclosed = enclose(model, roles, policyFor(undefined, []).outside);
  const contract = deriveContract(enclosed.model, { read: model });
  const serving = servingContract(enclosed.model, roles, {});
  const inputs = configInputs(model);
  const verdicts = contract.config.checks.map((check) => judgeConfig(check, inputs));
  const runDir = mkdtempSync(path.join(dir, 'run-'));
  const staged = stageStack(enclosed.model, {
    runDir,
    project: 'verify-00000000',
    labels: { 'verify.run': 'verify-00000000' },
    roles: contract.roles,
    images: {},
    replicas: {},
  });
  const facts = causeFacts(model, { roles, convergence: [], broken: [], silent: [], ownProcedures: false });
  // What a suite gets is cloned on its way to it: nothing in it may be what an object inherits.
  const made = structuredClone({ roles, contract, serving, verdicts, notes: staged.notes, told: enclosed.said, facts });
  const text = `${JSON.stringify(made)}\n${readFileSync(path.join(runDir, 'compose.json'), 'utf8')}`;
  return redactorOf(model).text(text).replaceAll(runDir, 'RUN').replaceAll(name, PLAIN);
}

/** Where two texts differ, each with what stands around it. */
function differences(one: string, other: string): string[] {
  const at = Array.from(one).findIndex((character, index) => character !== other[index]);
  return one === other ? [] : [one, other].map((text) => text.slice(Math.max(0, at - 80), at + 80));
}

test.for(NAMES.flatMap((name) => Object.keys(KINDS).map((kind) => [name, kind] as const)))(
  '%s as %s',
  ([name, kind]) => {
    const of = KINDS[kind];
    if (of === undefined) throw new Error(`no kind ${kind}`);
    expect(differences(allOf(name, of), allOf(PLAIN, of))).toEqual([]);
  },
);

/** Somebody's host outside, a container or an alias. */
test.for(NAMES.flatMap((name) => Object.keys(KINDS).map((kind) => [name, kind] as const)))(
  '%s as a host where %s is asked for',
  ([name, kind]) => {
    const of = KINDS[kind];
    if (of === undefined) throw new Error(`no kind ${kind}`);
    const other = { ...of, service: 'other' };
    expect(differences(allOf(name, other), allOf(PLAIN, other))).toEqual([]);
  },
);
