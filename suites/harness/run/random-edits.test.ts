import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { configInputs, judgeConfig } from '../../../fixtures/checks/config/judge.ts';
import { deriveContract } from '../../../fixtures/checks/contract.ts';
import { slowness } from '../../../fixtures/engine/eventually.ts';
import { projectRoot } from '../../../fixtures/engine/project-root.ts';
import { Refusal } from '../../../fixtures/errors.ts';
import { enclose } from '../../../fixtures/model/outside/enclose.ts';
import { policyFor } from '../../../fixtures/model/policy/policy.ts';
import { readStack } from '../../../fixtures/model/read.ts';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { stageStack } from '../../../fixtures/stack/stage.ts';
import { edited, yamlEdits, type YamlEdit } from '../../../fixtures/testing/yaml-edit.ts';

/**
 * Random edits of compose files: whatever a directory holds, it is read, judged by its files and copied, or refused in one
 * line, within the time. The nightly run takes more of them (`VERIFY_EDITS`) and other directories (`VERIFY_EDIT_STACKS`,
 * with commas); a failure prints seed and path, by which it is repeated (`VERIFY_EDIT_SEED`).
 */
const EDITS = Number(process.env['VERIFY_EDITS'] ?? 24);
const SEED = Number(process.env['VERIFY_EDIT_SEED'] ?? 11);
/** Of our own processor time: what else a machine does is no fault of an edit (two were told so under a load of 30). */
const WITHIN_MS = 10_000;
/** By the clock, with the client's own share and whatever else runs: beyond it something hangs. */
const HANGS_MS = 120_000;

const scratch = mkdtempSync(path.join(os.tmpdir(), 'random-edits-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Reads, judges and stages a directory as a run does before its boot. */
async function readAndStage(dir: string, files: string[], runDir: string): Promise<void> {
  const read = await readStack({ dir, files }, runDir);
  const { model } = enclose(read, rolesOf(read), policyFor(undefined, read.files).outside);
  const contract = deriveContract(model, { read });
  const inputs = configInputs(read);
  for (const check of contract.config.checks) judgeConfig(check, inputs);
  stageStack(model, {
    runDir,
    project: 'verify-00000000',
    labels: { 'verify.run': 'verify-00000000' },
    roles: contract.roles,
    images: {},
    replicas: {},
  });
}

/** What is wrong about how an edited directory was taken; null: nothing. */
async function complaint(source: string, file: string, edits: YamlEdit[]): Promise<string | null> {
  const dir = mkdtempSync(path.join(scratch, 'stack-'));
  const runDir = mkdtempSync(path.join(scratch, 'run-'));
  try {
    cpSync(source, dir, { recursive: true, filter: (entry) => path.basename(entry) !== 'images' });
    const main = path.join(dir, 'docker-compose.yaml');
    const target = path.join(dir, file);
    writeFileSync(target, edited(readFileSync(target, 'utf8'), edits));
    const started = performance.now();
    const before = process.cpuUsage();
    try {
      await readAndStage(dir, target === main ? [] : [main, target], runDir);
    } catch (error) {
      if (!(error instanceof Refusal)) return `no refusal: ${(error as Error).stack ?? String(error)}`;
      if (error.message.includes('\n')) return `more than one line: ${error.message}`;
      if (error.message.trim() === '') return 'a refusal without a word';
    }
    const { user, system } = process.cpuUsage(before);
    const workedMs = (user + system) / 1000;
    const tookMs = performance.now() - started;
    if (workedMs > WITHIN_MS * slowness) return `it took ${Math.round(workedMs)} ms of processor time`;
    return tookMs > HANGS_MS * slowness ? `it took ${Math.round(tookMs)} ms` : null;
  } finally {
    rmSync(dir, { recursive: true, force: true });
    rmSync(runDir, { recursive: true, force: true });
  }
}

const REFERENCE = path.join(projectRoot, 'compose');
const others = (process.env['VERIFY_EDIT_STACKS'] ?? '').split(',').filter((dir) => dir !== '');
/** The reference stack, its form with the stores of a stock directory, and what the nightly run names. */
const STACKS: [name: string, dir: string, file: string][] = [
  ['the reference stack', REFERENCE, 'docker-compose.yaml'],
  ['the stores of a stock directory', REFERENCE, 'docker-compose.stock-stores.yaml'],
  ...others.map((dir): [string, string, string] => [path.basename(path.dirname(dir)), dir, 'docker-compose.yaml']),
];

describe('random edits are read, or refused in one line', () => {
  test.for(STACKS)('%s', { timeout: 600_000 + EDITS * HANGS_MS }, async ([, dir, file]) => {
    const numRuns = Math.ceil(EDITS / STACKS.length);
    await fc.assert(
      fc.asyncProperty(yamlEdits, async (edits) => {
        expect(await complaint(dir, file, edits)).toBeNull();
      }),
      { seed: SEED, numRuns, endOnFailure: false },
    );
  });
});

describe('inputs that were found so', () => {
  test('the unchanged directory is read, so that the others mean something', async () => {
    expect(await complaint(REFERENCE, 'docker-compose.yaml', [])).toBeNull();
    const runDir = mkdtempSync(path.join(scratch, 'run-'));
    await expect(readAndStage(REFERENCE, [], runDir)).resolves.toBeUndefined();
  });
});
