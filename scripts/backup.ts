import { randomBytes } from 'node:crypto';
import { backupProject, inWords } from '../fixtures/backup/backup.ts';
import { BACKUP_USAGE, readBackupOptions } from '../fixtures/backup/options.ts';
import { openProject } from '../fixtures/backup/open-project.ts';
import { StoreFailed } from '../fixtures/backup/store-failed.ts';
import { refuseTarget } from '../fixtures/backup/write.ts';
import { runLabels } from '../fixtures/engine/labels.ts';
import { ensureImages } from '../fixtures/images/build.ts';
import { UnreadableStack } from '../fixtures/stack/read.ts';

/**
 * `npm run backup -- --project P --to DIR`: backs a running stack up. Returns 0 when the backup is whole, 1 when the stack
 * does not give its data, 2 when it could not be tried, or 128 and the number of the signal that ended it.
 */
export async function main(args: string[]): Promise<never> {
  const cancel = new AbortController();
  let cancelledBy: NodeJS.Signals | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (cancelledBy === null) process.stderr.write(`\n${signal}: removing what is unfinished\n`);
      cancelledBy ??= signal;
      cancel.abort();
    });
  }
  const code = await backUp(args, cancel.signal);
  // Handles of the engine's client may linger; everything that had to end has ended.
  process.exit(cancelledBy === null || code === 0 ? code : cancelledBy === 'SIGTERM' ? 143 : 130);
}

async function backUp(args: string[], signal: AbortSignal): Promise<number> {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  const progress = (line: string) => void process.stdout.write(`[${seconds().padStart(5)} s] ${line}\n`);
  try {
    if (args.includes('--help')) {
      process.stdout.write(`${BACKUP_USAGE}\n`);
      return 0;
    }
    const { to, ...options } = readBackupOptions(args);
    refuseTarget(to);
    const project = await openProject(options);
    progress(`project ${project.project} (${project.model.dir})`);
    const [probe] = await ensureImages([{ name: 'probe' }], { progress, signal });
    const labels = runLabels(`verify-backup-${randomBytes(4).toString('hex')}`);
    const manifest = await backupProject(project, to, { progress, signal, labels, image: probe?.ref ?? '' });
    const sizeBytes = manifest.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    progress(`${to}: ${manifest.parts.length} parts, ${inWords(sizeBytes)}, whole`);
    return 0;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`backup: ${message.split('\n').join(' | ')}\n`);
    if (process.env['VERIFY_DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    const atFault = error instanceof StoreFailed || (error instanceof UnreadableStack && !error.usage);
    return atFault ? 1 : 2;
  }
}
