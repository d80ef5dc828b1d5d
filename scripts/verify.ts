import { readOptions, USAGE, UsageError } from '../fixtures/options.ts';
import { githubReport } from '../fixtures/report/github.ts';
import { terminalReport } from '../fixtures/report/terminal.ts';
import { EXIT_CODES } from '../fixtures/report/summary.ts';
import { clearReports, writeReports } from '../fixtures/report/write.ts';
import { verifyStack } from '../fixtures/run.ts';
import { UnreadableStack } from '../fixtures/stack/read.ts';

/**
 * `npm test` and `npm run verify -- [options]`: reads the flags, runs the pipeline, prints. Returns the exit code: 0, 1, 2,
 * or 128 and the number of the signal that ended it. `suitesDir`: see {@link verifyStack}.
 */
export async function main(args: string[], { suitesDir }: { suitesDir?: string } = {}): Promise<never> {
  const started = performance.now();
  const progress = (line: string) =>
    void process.stdout.write(`[${((performance.now() - started) / 1000).toFixed(1).padStart(5)} s] ${line}\n`);
  const cancel = new AbortController();
  let cancelledBy: NodeJS.Signals | null = null;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (cancelledBy === null) process.stderr.write(`\n${signal}: taking the stack down\n`);
      cancelledBy ??= signal;
      cancel.abort();
    });
  }
  const code = await verify(args, { progress, suitesDir }, cancel.signal);
  // Handles of the engine's client may linger; everything that had to end has ended.
  process.exit(cancelledBy === null ? code : signalCode(cancelledBy));
}

async function verify(
  args: string[],
  { progress, suitesDir }: { progress: (line: string) => void; suitesDir: string | undefined },
  signal: AbortSignal,
): Promise<number> {
  try {
    if (args.includes('--help')) {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    const options = readOptions(args, process.env);
    clearReports(options.report);
    const summary = await verifyStack(
      options,
      { progress, onCheck: () => undefined },
      signal,
      suitesDir === undefined ? {} : { suitesDir },
    );
    writeReports(summary, { reportDir: options.report, strict: options.strict });
    process.stdout.write(`\n${terminalReport(summary, { strict: options.strict, reportDir: options.report })}\n`);
    for (const line of githubReport(summary, options.strict, process.env)) process.stdout.write(`${line}\n`);
    return EXIT_CODES[summary.verdict];
  } catch (error) {
    if (signal.aborted) return 2;
    if (error instanceof UnreadableStack) {
      process.stderr.write(`verify: ${error.message}\n`);
      return error.usage ? 2 : 1;
    }
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`verify: ${message.split('\n').join(' | ')}\n`);
    if (process.env['VERIFY_DEBUG'] && !(error instanceof UsageError)) {
      process.stderr.write(`${(error as Error).stack}\n`);
    }
    return 2;
  }
}

/** The shell's convention: 128 and the number of the signal. */
function signalCode(signal: NodeJS.Signals): number {
  return signal === 'SIGTERM' ? 143 : 130;
}
