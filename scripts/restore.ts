import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../fixtures/errors.ts';
import { OUTSIDE } from '../fixtures/backup/configuration.ts';
import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import type { Manifest } from '../fixtures/backup/manifest.ts';
import { megabytes } from '../fixtures/restore/part-stream.ts';
import { openProject } from '../fixtures/backup/open-project.ts';
import { readRestoreOptions, RESTORE_USAGE, type RestoreCommand } from '../fixtures/restore/options.ts';
import { restoreChecked, wholeBackup } from '../fixtures/restore/restore.ts';
import { unpackTar } from '../fixtures/restore/unpack.ts';
import { redactorOf } from '../fixtures/report/redact.ts';
import { runLabels } from '../fixtures/engine/labels.ts';
import { ensureImages } from '../fixtures/images/build.ts';
import { RUN_PREFIX } from '../fixtures/stack/sweep.ts';

type Progress = (line: string) => void;

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
  const { dir, made } = stackDirectory(from, manifest, command, progress);
  let target;
  let probe;
  try {
    target = await openProject({
      stack: dir,
      project: command.project,
      files: command.files,
      profiles: command.profiles,
      ...(command.envFile === undefined ? {} : { envFile: command.envFile }),
    });
    maskWith(redactorOf(target.model));
    [probe] = await ensureImages([{ name: 'probe' }], { progress, signal });
    await restoreChecked(from, manifest, target, {
      force: command.force,
      progress,
      signal,
      labels: runLabels(`${RUN_PREFIX}${randomBytes(4).toString('hex')}`),
      image: probe?.ref ?? '',
      ...(made ? { madeDirectory: dir } : {}),
    });
  } catch (error) {
    // Refused before anything was restored: nobody else knows of the folder yet.
    if (made) rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const size = megabytes(manifest.parts.reduce((sum, part) => sum + part.sizeBytes, 0));
  progress(`restored: project ${command.project} runs with the data of ${manifest.startedAt} (${size})`);
  const stack = path.relative(process.cwd(), dir);
  progress(`next: log in and look, then check it: npm run verify -- --stack ${stack || '.'}`);
}

/** The directory to restore with: the one given, made from the backup where it does not exist, else the one backed up. */
function stackDirectory(
  from: string,
  manifest: Manifest,
  { stack }: RestoreCommand,
  progress: Progress,
): { dir: string; made: boolean } {
  const dir = path.resolve(stack ?? manifest.stackDir);
  if (existsSync(dir)) return { dir, made: false };
  if (stack === undefined)
    throw new UsageError(`${dir}, the directory that was backed up, is not here: give --stack DIR (made if it is new)`);
  const configuration = manifest.parts.find((part) => part.kind === 'configuration');
  if (!configuration) throw new UsageError(`--stack ${stack} does not exist, and the backup holds no configuration`);
  try {
    unpackTar(path.join(from, configuration.file), dir, OUTSIDE);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw new UsageError(`--stack ${stack} cannot be made from the backup: ${(error as Error).message}`);
  }
  progress(`${dir}: made from the backup`);
  return { dir, made: true };
}
