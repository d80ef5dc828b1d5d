import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { failoverFaults } from '../../../../fixtures/mutation/failover.ts';
import { FaultFiles, toTurnRed } from '../../../../fixtures/mutation/fault.ts';

const STACK = fileURLToPath(new URL('../../../../compose', import.meta.url));

test.for(failoverFaults)('$id changes the reference stack', ({ edit, only, ...fault }) => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'verify-failover-fault-'));
  try {
    cpSync(STACK, dir, {
      recursive: true,
      filter: (entry) => path.relative(STACK, entry).split(path.sep)[0] !== 'images',
    });
    edit(new FaultFiles(dir));
    const ids = toTurnRed(fault);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids.every((id) => id.startsWith('failover/'))).toBe(true);
    expect(only).toEqual(['failover']);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test('ids are unique', () => {
  expect(new Set(failoverFaults.map(({ id }) => id)).size).toBe(failoverFaults.length);
});
