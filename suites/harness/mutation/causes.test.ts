import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configInputs, judgeConfig } from '../../../fixtures/checks/config/judge.ts';
import { configContract } from '../../../fixtures/checks/config/obligations.ts';
import { matchesAny } from '../../../fixtures/checks/select.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { catalogue } from '../../../fixtures/mutation/catalogue.ts';
import { applyFault } from '../../../fixtures/mutation/apply.ts';
import { toTurnRed, type Fault } from '../../../fixtures/mutation/fault.ts';
import { causesOf } from '../../../fixtures/run/causes/causes.ts';
import { causeFacts } from '../../../fixtures/run/causes/facts.ts';
import { CAUSE_KINDS } from '../../../fixtures/run/causes/kinds.ts';
import { partsOf } from '../../../fixtures/run/causes/cause.ts';

/** Faults that touch only files and show in them: `config` alone judges them, without an engine. */
const inFiles = catalogue.filter(
  ({ only, refused }) => refused === undefined && only.every((suite) => suite === 'config'),
);

/** Ids of the causes that the files of the reference stack show with these faults on it; null: one is in the other's way. */
async function causesWith(faults: readonly Fault[]): Promise<string[] | null> {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'fault-'));
  const run = mkdtempSync(path.join(os.tmpdir(), 'fault-run-'));
  try {
    cpSync('compose', dir, { recursive: true, filter: (entry) => !entry.startsWith(path.join('compose', 'images')) });
    try {
      for (const fault of faults) await applyFault(fault, dir);
    } catch {
      return null;
    }
    const model = await readStack({ dir }, run);
    const roles = rolesOf(model);
    const inputs = configInputs(model, { roles });
    const checks = configContract(model, roles).checks.map((obligation) => ({
      ...judgeConfig(obligation, inputs),
      id: obligation.id,
      suite: 'config',
      title: obligation.title,
      level: obligation.level,
      durationMs: 0,
    }));
    return causesOf(checks, causeFacts(model, { roles })).map(({ id }) => id);
  } finally {
    for (const folder of [dir, run]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Each fault is read once, for itself and for the pairs it is in. */
const single = new Map<Fault, Promise<string[]>>();
const causesOfOne = (fault: Fault): Promise<string[]> => {
  const known = single.get(fault) ?? causesWith([fault]).then((ids) => ids ?? []);
  single.set(fault, known);
  return known;
};

/** Reading a stack takes compose about a second; a busy machine needs several. */
const LIMIT_MS = 60_000;

describe('the cause of each fault', () => {
  test('every fault names a class of causes that is known', () => {
    // What no rule knows is its own cause, under the id of its check.
    const known = (fault: Fault, { cause } = fault) =>
      fault.refused !== undefined ||
      toTurnRed(fault).some((id) => matchesAny([cause], id)) ||
      Object.keys(CAUSE_KINDS).some((kind) => matchesAny([partsOf(cause).kind], kind));
    expect(catalogue.filter((fault) => !known(fault)).map(({ id }) => id)).toEqual([]);
  });

  test.for(inFiles.map((fault) => [fault.id, fault] as const))(
    '%s is told first',
    { timeout: LIMIT_MS },
    async ([, fault]) => {
      expect((await causesOfOne(fault))[0]).toBe(fault.cause);
    },
  );

  const PAIRS = 20;
  /** Any two of other causes, by a fixed seed: a pair that fails once fails always. */
  const drawn = fc.sample(fc.tuple(fc.constantFrom(...inFiles), fc.constantFrom(...inFiles)), {
    seed: 20,
    numRuns: 200,
  });
  const pairs = drawn
    .filter(([a, b]) => a.cause !== b.cause && !inEachOthersWay(a, b))
    .filter(([a, b], at, all) => all.findIndex(([c, d]) => [c, d].includes(a) && [c, d].includes(b)) === at)
    .slice(0, PAIRS);

  test('there are as many pairs as are promised', () => {
    expect(pairs).toHaveLength(PAIRS);
  });

  test.for(pairs.map(([a, b]) => [a.id, b.id, a, b] as const))(
    '%s and %s are two causes',
    { timeout: LIMIT_MS },
    async ([, , a, b]) => {
      const told = (await causesWith([a, b])) ?? [];
      const alone = [...(await causesOfOne(a)), ...(await causesOfOne(b))];
      expect(told.filter((id) => matchesAny([a.cause, b.cause], id))).toHaveLength(2);
      expect(told.filter((id) => !alone.includes(id))).toEqual([]);
    },
  );
});

/** A file that is gone shows nothing of what else is wrong in it, and one value cannot be two. */
function inEachOthersWay(a: Fault, b: Fault): boolean {
  const ways = [
    ['config-template-missing', 'config-variables-eaten', 'config-address-without-port'],
    // Without the file nothing says that nginx passes the moved port on.
    ['config-template-missing', 'config-port-without-listener'],
    ['config-tls-switch-misspelt', 'config-certificate-missing'],
  ];
  // The agent's Squid is on that network, too, and there is one only with the agent.
  const shut = [a.id, b.id].includes('config-network-nginx-shut-in');
  if (shut && [a.id, b.id].some((id) => id.startsWith('config-agent-'))) return true;
  return ways.some((way) => way.includes(a.id) && way.includes(b.id));
}
