import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { docker } from '../../../fixtures/engine/cli.ts';
import { HOST_LABEL, hostIdentity, PID_LABEL, RUN_LABEL, runLabels } from '../../../fixtures/engine/labels.ts';
import { sweepStale } from '../../../fixtures/stack/sweep.ts';

/** A run that lives: its owner is this very process. */
const LIVING = 'verify-0badc0de';
const planted = path.join(os.tmpdir(), LIVING);

beforeAll(async () => {
  const labels = Object.entries(runLabels(LIVING)).flatMap(([name, value]) => ['--label', `${name}=${value}`]);
  const made = await docker(['volume', 'create', ...labels, `${LIVING}-x`]);
  expect(made.stderr).toBe('');
});

afterAll(async () => {
  await docker(['volume', 'rm', '--force', `${LIVING}-x`]);
  rmSync(planted, { recursive: true, force: true });
});

test.for([0o755, 0o700])(
  'a folder of mode %o that calls the owner of a living run dead takes nothing away',
  async (mode) => {
    rmSync(planted, { recursive: true, force: true });
    mkdirSync(planted, { mode });
    const dead = { [RUN_LABEL]: LIVING, [HOST_LABEL]: hostIdentity(), [PID_LABEL]: '999999999@1' };
    writeFileSync(path.join(planted, 'owner.json'), JSON.stringify(dead));
    expect(await sweepStale()).not.toContain(LIVING);
    const seen = await docker(['volume', 'ls', '--quiet', '--filter', `label=${RUN_LABEL}=${LIVING}`]);
    expect(seen.stdout.trim()).toBe(`${LIVING}-x`);
  },
);
