import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { shownData } from '../fixtures/cli/shown.ts';
import { readOptions, USAGE } from '../fixtures/options.ts';
import { githubReport } from '../fixtures/report/github.ts';
import { terminalReport } from '../fixtures/report/terminal.ts';
import { EXIT_CODES } from '../fixtures/report/summary.ts';
import { clearReports, writeReports } from '../fixtures/report/write.ts';
import { verifyStack } from '../fixtures/run.ts';

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
  clearReports(options.report);
  const summary = await verifyStack(
    options,
    { progress, onCheck: () => undefined },
    signal,
    suitesDir === undefined ? {} : { suitesDir },
  );
  writeReports(summary, { reportDir: options.report, strict: options.strict });
  print(`\n${terminalReport(shownData(summary), { strict: options.strict, reportDir: options.report })}`);
  for (const line of githubReport(shownData(summary), options.strict, process.env)) print(line);
  return EXIT_CODES[summary.verdict];
}
