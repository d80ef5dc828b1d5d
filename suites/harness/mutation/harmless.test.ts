import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { configInputs, judgeConfig } from '../../../fixtures/checks/config/judge.ts';
import { configContract } from '../../../fixtures/checks/config/obligations.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { FaultFiles } from '../../../fixtures/mutation/fault.ts';
import { harmlessEdits } from '../../../fixtures/mutation/harmless.ts';
import { copyStack } from '../../../fixtures/mutation/run-fault.ts';
import { redByEdit } from '../../../fixtures/mutation/run-harmless.ts';

describe('harmless edits', () => {
  test('are many, each with an id of its own, and ten go through the whole gate', () => {
    expect(harmlessEdits.length).toBeGreaterThanOrEqual(30);
    expect(new Set(harmlessEdits.map(({ id }) => id)).size).toBe(harmlessEdits.length);
    expect(harmlessEdits.filter(({ id }) => !id.startsWith('harmless-'))).toEqual([]);
    expect(harmlessEdits.filter(({ whole }) => whole).length).toBeGreaterThanOrEqual(10);
  });

  test.for(harmlessEdits.map((edit) => [edit.id, edit] as const))(
    '%s changes the reference stack, and nothing that its files say turns red',
    { timeout: 30_000 * slowness },
    async ([, { edit, folder = 'stack' }]) => {
      const root = mkdtempSync(path.join(os.tmpdir(), 'harmless-'));
      try {
        const dir = path.join(root, folder);
        copyStack('compose', dir);
        edit(new FaultFiles(dir));
        mkdirSync(path.join(root, 'run'));
        const model = await readStack({ dir }, path.join(root, 'run'));
        const inputs = configInputs(model);
        const judged = configContract(model, rolesOf(model)).checks.map((obligation) => ({
          id: obligation.id,
          ...judgeConfig(obligation, inputs),
        }));
        expect(judged.length).toBeGreaterThan(80);
        expect(judged.filter(({ status }) => status !== 'pass' && status !== 'skip')).toEqual([]);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  );
});

describe('what is red of an edited stack', () => {
  const judged = (id: string, status: 'pass' | 'fail' | 'error') => ({ id, status });
  const [gateway, other] = ['isolation/gateway/inner', 'isolation/gateway/default'];
  const own = (red: string[], control: Parameters<typeof redByEdit>[1]) =>
    redByEdit(
      red.map((id) => judged(id, 'fail')),
      control,
    ).map(({ id }) => id);

  test('is the edit’s own where the same check passes without it, or is not there', () => {
    expect(own([gateway], [judged(gateway, 'pass'), judged(other, 'fail')])).toEqual([gateway]);
    expect(own(['backup/apart', gateway], [])).toEqual(['backup/apart', gateway]);
  });

  test('is not where it is red without it, too, under the same name or under that which the edit took away', () => {
    expect(own([gateway], [judged(gateway, 'fail')])).toEqual([]);
    expect(own([gateway], [judged(gateway, 'error')])).toEqual([]);
    expect(own([gateway, 'backup/apart'], [judged(other, 'fail')])).toEqual(['backup/apart']);
  });
});
