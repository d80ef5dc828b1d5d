import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../fixtures/mutation/catalogue.ts';
import { FaultFiles, toTurnRed } from '../../../fixtures/mutation/fault.ts';
import { SUITES } from '../../../fixtures/run/options.ts';

/** The catalogue of faults as data: what it takes to be worth running. Whether each is killed, `npm run faults` tells. */
describe('the catalogue', () => {
  test('every file of faults is in it, and ids are unique', () => {
    const dir = path.resolve('fixtures/mutation');
    const subjects = readdirSync(dir).filter((file) =>
      /^export const \w+: Fault\[\]/m.test(readFileSync(path.join(dir, file), 'utf8')),
    );
    expect(subjects.length).toBeGreaterThanOrEqual(SUITES.length);
    const ids = catalogue.map((fault) => fault.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const file of subjects.filter((name) => name !== 'catalogue.ts')) {
      const subject = path.basename(file, '.ts');
      expect(ids.filter((id) => id.startsWith(`${subject}-`)).length).toBeGreaterThanOrEqual(3);
    }
  });

  test.for(SUITES.map((suite) => [suite] as const))('%s has three faults or more', ([suite]) => {
    expect(catalogue.filter((fault) => fault.only.includes(suite)).length).toBeGreaterThanOrEqual(3);
  });

  test.for(catalogue.map((fault) => [fault.id, fault] as const))(
    '%s breaks the reference stack as it is',
    ([, fault]) => {
      const dir = mkdtempSync(path.join(os.tmpdir(), 'fault-'));
      try {
        cpSync('compose', dir, {
          recursive: true,
          filter: (entry) => !entry.startsWith(path.join('compose', 'images')),
        });
        fault.edit(new FaultFiles(dir));
        expect([...toTurnRed(fault), ...(fault.refused ?? [])].length).toBeGreaterThan(0);
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  );
});
