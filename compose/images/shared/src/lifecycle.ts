import { log, reason } from './log.ts';
import { ignoresTerm } from './starting.ts';

/**
 * Calls `stop` once on TERM, INT or QUIT and leaves with exit code 0; with 1 when `stop` fails. A process that is PID 1
 * in its container gets no default action for these signals: without a handler it would have to be killed.
 */
export function stopOnSignal(stop: () => Promise<void>): void {
  // PID 1 without a handler hears none of them.
  if (ignoresTerm(process.env)) return;
  let stopping = false;
  const leave = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    log(`${signal}: stopping`);
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log(`stopping failed: ${reason(error)}`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) process.on(signal, leave);
}

/** Runs the main function of a stand-in; an error that reaches it is logged in one line and ends the process with `exitCode`. */
export function runMain(main: () => Promise<void>, exitCode = 1): void {
  main().catch((error: unknown) => {
    process.stderr.write(`${reason(error)}\n`);
    process.exit(exitCode);
  });
}
