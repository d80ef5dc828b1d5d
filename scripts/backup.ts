import { randomBytes } from 'node:crypto';
import { backupProject, inWords } from '../fixtures/data/backup/backup.ts';
import { BACKUP_USAGE, readBackupOptions } from '../fixtures/cli/backup-options.ts';
import { openProject } from '../fixtures/data/backup/open-project.ts';
import { refuseTarget } from '../fixtures/data/backup/write.ts';
import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { runLabels } from '../fixtures/engine/labels.ts';
import { ensureImages } from '../fixtures/setup/images/build.ts';
import { redactorOf } from '../fixtures/run/report/redact.ts';

/**
 * `npm run backup -- --project P --to DIR`: backs a running stack up. 0 when the backup is whole, 1 when the stack does
 * not give its data, 2 when it could not be tried, or 128 and the number of the signal that ended it.
 */
export async function main(args: string[]): Promise<never> {
  const command = { name: 'backup', usage: BACKUP_USAGE, onSignal: 'removing what is unfinished', resultStands: true };
  return runCommand({ ...command, run: backUp }, args);
}

async function backUp(args: readonly string[], { progress, signal, maskWith }: Shell): Promise<number> {
  const { to, ...options } = readBackupOptions(args);
  refuseTarget(to);
  const project = await openProject(options);
  maskWith(redactorOf(project.model));
  progress(`project ${project.project} (${project.model.dir})`);
  const [probe] = await ensureImages([{ name: 'probe' }], { progress, signal });
  const labels = runLabels(`verify-backup-${randomBytes(4).toString('hex')}`);
  const manifest = await backupProject(project, to, { progress, signal, labels, image: probe?.ref ?? '' });
  const sizeBytes = manifest.parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  progress(`${to}: ${manifest.parts.length} parts, ${inWords(sizeBytes)}, whole`);
  return 0;
}
