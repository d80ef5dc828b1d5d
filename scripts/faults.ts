import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { matchesAny } from '../fixtures/check/select.ts';
import { catalogue } from '../fixtures/faults/catalogue.ts';
import { Cancelled, CannotRun, UsageError } from '../fixtures/errors.ts';
import { parseFlags } from '../fixtures/flags.ts';
import { gate, runFault, type FaultResult } from '../fixtures/faults/run-fault.ts';

/** `npm run faults -- [--only ID,…] [--stack DIR]`: every fault must be killed by the checks that are there for it. */
const REPORT = 'reports/faults';

const USAGE = `npm run faults -- [--only ID,…] [--stack DIR]
  --only ID,…    faults by id, globs allowed, repeatable; default all
  --stack DIR    the stack to break (default compose/)`;

export async function main(args: string[]): Promise<never> {
  return runCommand({ name: 'faults', usage: USAGE, onSignal: 'ending the fault that is on', run: killAll }, args);
}

async function killAll(args: readonly string[], { print, signal }: Shell): Promise<number> {
  const values = parseFlags(args, { only: { type: 'string', multiple: true }, stack: { type: 'string' } });
  const stack = path.resolve(values.stack ?? 'compose');
  const wanted = (values.only ?? []).flatMap((text) => text.split(',')).filter((id) => id !== '');
  const faults = wanted.length === 0 ? catalogue : catalogue.filter((fault) => matchesAny(wanted, fault.id));
  const unknown = wanted.filter((glob) => !catalogue.some((fault) => matchesAny([glob], fault.id)));
  if (unknown.length > 0)
    throw new UsageError(`no fault ${unknown.join(', ')} (there are ${catalogue.map((fault) => fault.id).join(', ')})`);
  if (faults.length === 0) throw new UsageError('no faults selected');

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
