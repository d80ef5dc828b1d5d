import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { shownData } from '../fixtures/cli/shown.ts';
import { Refusal } from '../fixtures/errors.ts';
import { readOptions, USAGE } from '../fixtures/cli/options.ts';
import { githubReport } from '../fixtures/run/report/github.ts';
import { terminalReport } from '../fixtures/run/report/terminal.ts';
import { EXIT_CODES } from '../fixtures/run/report/summary.ts';
import { claimReport } from '../fixtures/run/report/folder.ts';
import { writeReports } from '../fixtures/run/report/write.ts';
import { verifyStack } from '../fixtures/run/run.ts';

/** `npm test` and `npm run verify -- [options]`: reads the flags, runs the pipeline, prints. `suitesDir`: see {@link verifyStack}. */
export async function main(args: string[], { suitesDir }: { suitesDir?: string } = {}): Promise<never> {
  return runCommand(
    {
      name: 'verify',
      usage: USAGE,
      onSignal: 'taking the stack down',
      run: (given, shell) => verify(given, shell, suitesDir),
    },
    args,
  );
}

async function verify(
  args: readonly string[],
  { progress, print, signal }: Shell,
  suitesDir: string | undefined,
): Promise<number> {
  const options = readOptions(args, process.env);
  const { report, strict } = options;
  const folder = claimReport(report, options.again === undefined ? options.stack : null);
  let summary;
  try {
    const events = { progress, onCheck: () => undefined, onOpened: folder.clear };
    summary = await verifyStack(options, events, signal, suitesDir === undefined ? {} : { suitesDir });
  } catch (error) {
    // A report of before is no answer to a run that ended without a verdict; a slip of the pen takes nothing away.
    if (error instanceof Refusal && error.reason === 'usage') folder.release();
    else folder.clear();
    throw error;
  }
  print(`\n${terminalReport(shownData(summary), { strict, reportDir: report })}`);
  for (const line of githubReport(shownData(summary), strict, process.env)) print(line);
  writeReports(summary, { reportDir: report, strict });
  return EXIT_CODES[summary.verdict];
}
