import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { megabytes } from '../fixtures/data/restore/part-stream.ts';
import { openProject } from '../fixtures/data/backup/open-project.ts';
import { afterwards } from '../fixtures/data/restore/afterwards.ts';
import { refuseMountsThroughLinks, stackDirectory } from '../fixtures/data/restore/directory.ts';
import { readRestoreOptions, RESTORE_USAGE, type RestoreCommand } from '../fixtures/cli/restore-options.ts';
import { restoreChecked, wholeBackup } from '../fixtures/data/restore/restore.ts';
import { redactorOf } from '../fixtures/run/report/redact.ts';
import { runLabels } from '../fixtures/engine/labels.ts';
import { ensureImages } from '../fixtures/setup/images/build.ts';
import { RUN_PREFIX } from '../fixtures/stack/sweep.ts';

/** `npm run restore -- --from DIR --project P …`. The exit code as in its usage; 128 and its number for a signal. */
export async function main(args: string[]): Promise<never> {
  const command = { name: 'restore', usage: RESTORE_USAGE, onSignal: 'undoing', resultStands: true };
  return runCommand({ ...command, run: restore }, args);
}

async function restore(args: readonly string[], shell: Shell): Promise<number> {
  await restoreInto(readRestoreOptions(args), shell);
  return 0;
}

async function restoreInto(command: RestoreCommand, { progress, signal, maskWith }: Shell): Promise<void> {
  const from = path.resolve(command.from);
  const manifest = await wholeBackup(from, { progress, signal });
  const stack = await stackDirectory(from, manifest, command, progress);
  const { dir, made } = stack;
  let target;
  let probe;
  try {
    target = await openProject({
      stack: dir,
      project: command.project,
      files: stack.files,
      profiles: command.profiles,
      ...(stack.envFile === undefined ? {} : { envFile: stack.envFile }),
    });
    maskWith(redactorOf(target.model));
    if (made !== null) refuseMountsThroughLinks(dir, target.model);
    [probe] = await ensureImages([{ name: 'probe' }], { progress, signal });
    await restoreChecked(from, manifest, target, {
      force: command.force,
      progress,
      signal,
      labels: runLabels(`${RUN_PREFIX}${randomBytes(4).toString('hex')}`),
      image: probe?.ref ?? '',
      ...(made === null ? {} : { madeDirectory: made }),
    });
  } catch (error) {
    // Refused before anything was restored: nobody else knows of the folder yet.
    if (made !== null) rmSync(made, { recursive: true, force: true });
    throw error;
  }
  const size = megabytes(manifest.parts.reduce((sum, part) => sum + part.sizeBytes, 0));
  progress(`restored: project ${command.project} runs with the data of ${manifest.startedAt} (${size})`);
  for (const line of afterwards(stack, command, target.model)) progress(line);
}
