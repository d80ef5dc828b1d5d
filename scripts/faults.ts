import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { catalogue } from '../fixtures/mutation/catalogue.ts';
import { Cancelled, CannotRun, UsageError } from '../fixtures/errors.ts';
import { parseFlags } from '../fixtures/cli/flags.ts';
import { gate, runFault, type FaultResult } from '../fixtures/mutation/run-fault.ts';
import { selectFaults } from '../fixtures/mutation/selection.ts';

/**
 * `npm run faults -- [--only ID,…] [--sample N] [--stack DIR]`: every fault must be killed by the checks that are there
 * for it. `--sample N` takes N for each suite that boots a stack, and all that touch only files.
 */
const REPORT = 'reports/faults';

const USAGE = `npm run faults -- [--only ID,…] [--sample N] [--stack DIR]
  --only ID,…    faults by id, globs allowed, repeatable; default all
  --sample N     N faults of each suite that boots a stack, and all that touch only files
  --stack DIR    the stack to break (default compose/)`;

export async function main(args: string[]): Promise<never> {
  return runCommand({ name: 'faults', usage: USAGE, onSignal: 'ending the fault that is on', run: killAll }, args);
}

async function killAll(args: readonly string[], { print, signal }: Shell): Promise<number> {
  const values = parseFlags(args, {
    only: { type: 'string', multiple: true },
    sample: { type: 'string' },
    stack: { type: 'string' },
  });
  const stack = path.resolve(values.stack ?? 'compose');
  const only = (values.only ?? []).flatMap((text) => text.split(',')).filter((id) => id !== '');
  const faults = selectFaults(catalogue, {
    only,
    ...(values.sample === undefined ? {} : { sample: sampleOf(values.sample) }),
  });

  const suites = [...new Set(faults.flatMap((fault) => fault.only))];
  print(`the unbroken stack first, as the control: ${suites.join(', ')}`);
  const control = await gate(stack, { only: suites, checks: [], signal });
  if ('said' in control) throw new CannotRun(`the control could not be run: ${control.said}`);
  // A red of the control is kept with a mark: it is no proof for any fault.
  const green = new Set(control.summary.checks.map((check) => (check.status === 'fail' ? `!${check.id}` : check.id)));

  const results: FaultResult[] = [];
  for (const [index, fault] of faults.entries()) {
    if (signal.aborted) throw new Cancelled();
    const result = await runFault(fault, stack, green, signal);
    results.push(result);
    const by = result.status === 'killed' ? `by ${result.killedBy.slice(0, 3).join(', ')}` : (result.message ?? '');
    print(
      `${String(index + 1).padStart(3)}/${faults.length} ${result.status.padEnd(8)} ${fault.id} (${(result.durationMs / 1000).toFixed(1)} s) ${by}`,
    );
  }
  return report(results, print);
}

function sampleOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text))
    throw new UsageError(`--sample ${text}: a number from 1 (faults for each suite that boots)`);
  return Number(text);
}

function report(results: readonly FaultResult[], print: (text: string) => void): number {
  const number = (status: FaultResult['status']) => results.filter((result) => result.status === status).length;
  const summary = {
    schema: 1,
    killed: number('killed'),
    survived: number('survived'),
    errors: number('error'),
    results,
  };
  mkdirSync(REPORT, { recursive: true });
  writeFileSync(path.join(REPORT, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`);
  print(`${summary.killed} killed, ${summary.survived} survived, ${summary.errors} errors; ${REPORT}/summary.json`);
  if (summary.errors > 0) return 2;
  return summary.survived > 0 ? 1 : 0;
}
