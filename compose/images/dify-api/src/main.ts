import { runMain } from '../../shared/src/lifecycle.ts';

/**
 * One bundle for the server and for the command that health checks call. Each part is loaded only when it is wanted: the
 * command runs every few seconds, and what it need not load it need not pay for.
 */
async function main(): Promise<void> {
  const [command, ...rest] = process.argv.slice(2);
  if (command === 'celery') {
    const { celeryCommand } = await import('./celery/command.ts');
    return await celeryCommand(rest, process.env);
  }
  const { startMode } = await import('./start.ts');
  await startMode();
}

runMain(main);
