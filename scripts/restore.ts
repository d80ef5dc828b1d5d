import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { megabytes } from '../fixtures/restore/part-stream.ts';
import { openProject } from '../fixtures/backup/open-project.ts';
import { afterwards } from '../fixtures/restore/afterwards.ts';
import { refuseMountsThroughLinks, stackDirectory } from '../fixtures/restore/directory.ts';
import { RestoreRefused } from '../fixtures/restore/refused.ts';
import { readRestoreOptions, RESTORE_USAGE, type RestoreCommand } from '../fixtures/restore/options.ts';
import { restoreChecked, wholeBackup } from '../fixtures/restore/restore.ts';
import { runLabels } from '../fixtures/engine/labels.ts';
import { ensureImages } from '../fixtures/images/build.ts';
import { UnreadableStack } from '../fixtures/stack/read.ts';
import { RUN_PREFIX } from '../fixtures/stack/sweep.ts';

type Progress = (line: string) => void;

/** `npm run restore -- --from DIR --project P …`. Returns the exit code; 128 and its number for a signal. */
export async function main(args: string[]): Promise<never> {
  const started = performance.now();
  const progress = (line: string) =>
    void process.stdout.write(`[${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s] ${line}\n`);
  const cancel = new AbortController();
  let cancelledBy: NodeJS.Signals | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (cancelledBy === null) process.stderr.write(`\n${signal}: undoing\n`);
      cancelledBy ??= signal;
      cancel.abort();
    });
  }
  const code = await restore(args, progress, cancel.signal);
  // Handles of the engine's client may linger; everything that had to end has ended.
  process.exit(cancelledBy === null || code === 0 ? code : cancelledBy === 'SIGTERM' ? 143 : 130);
}

async function restore(args: string[], progress: Progress, signal: AbortSignal): Promise<number> {
  try {
    if (args.includes('--help')) {
      process.stdout.write(`${RESTORE_USAGE}\n`);
      return 0;
    }
    await restoreInto(readRestoreOptions(args), progress, signal);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`restore: ${message.trim().split(/\n\s*/).join(' | ')}\n`);
    if (process.env['VERIFY_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    if (error instanceof RestoreRefused) return error.exitCode;
    return error instanceof UnreadableStack && !error.usage ? 1 : 2;
  }
}

async function restoreInto(command: RestoreCommand, progress: Progress, signal: AbortSignal): Promise<void> {
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
