import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { rolesOf } from '../../../fixtures/model/roles.ts';
import { modelOf } from '../../../fixtures/testing/model-of.ts';
import { stageStack } from '../../../fixtures/stack/stage.ts';

export interface StagedFile {
  services: Record<string, Record<string, unknown> & { volumes?: { type: string; source: string; target: string }[] }>;
  networks: Record<string, Record<string, unknown>>;
  volumes?: Record<string, Record<string, unknown>>;
}

const made: string[] = [];

/** A stack directory and a run's folder, both empty; {@link removeFolders} removes them. */
export function freshFolders(): { dir: string; runDir: string } {
  const [dir, runDir] = [
    mkdtempSync(path.join(os.tmpdir(), 'stage-stack-')),
    mkdtempSync(path.join(os.tmpdir(), 'stage-run-')),
  ];
  made.push(dir, runDir);
  return { dir, runDir };
}

export function removeFolders(): void {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** The copy of services (and more) as `docker compose config` prints them: the written file as text and as data, and what is told. */
export function stagedOf(
  { dir, runDir, wayOut = false, processors }: { dir: string; runDir: string; wayOut?: boolean; processors?: number },
  services: Record<string, unknown>,
  more: Record<string, unknown> = {},
): { text: string; staged: StagedFile; notes: string; dropped: Record<string, string[]> } {
  const model = modelOf(services, { dir, ...more });
  const { notes, dropped } = stageStack(model, {
    runDir,
    project: 'verify-00000000',
    labels: { 'verify.run': 'verify-00000000' },
    roles: rolesOf(model),
    images: {},
    replicas: {},
    wayOut,
    ...(processors === undefined ? {} : { processors }),
  });
  const text = readFileSync(path.join(runDir, 'compose.json'), 'utf8');
  return { text, staged: JSON.parse(text) as StagedFile, notes: notes.join('\n'), dropped };
}
