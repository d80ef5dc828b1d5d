import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { CannotRun, UsageError } from '../fixtures/errors.ts';
import { keptRuns, removeRun, RUN_PREFIX, sweepStale } from '../fixtures/stack/sweep.ts';

const USAGE = `npm run clean                       removes what dead runs left behind, and tells which are kept
npm run clean -- verify-xxxxxxxx …  removes these runs, kept or not`;

/** `npm run clean -- verify-xxxxxxxx …`: removes kept runs; without a name what dead runs left behind. */
export async function main(args: string[]): Promise<never> {
  return runCommand({ name: 'clean', usage: USAGE, onSignal: 'stopping', run: clean }, args);
}

async function clean(names: readonly string[], { print }: Shell): Promise<number> {
  const wrong = names.find((name) => !/^verify-[0-9a-f]{8}$/.test(name));
  if (wrong !== undefined)
    throw new UsageError(`"${wrong}" is no run (${RUN_PREFIX} and 8 hexadecimal digits; see --help)`);
  if (names.length === 0) {
    const stale = await sweepStale();
    print(stale.length === 0 ? 'nothing to remove' : `removed ${stale.join(', ')}`);
    for (const kept of await keptRuns()) print(`kept: ${kept}; remove it with "npm run clean -- ${kept}"`);
    return 0;
  }
  const trouble: string[] = [];
  for (const name of names) {
    const { found, left } = await removeRun(name);
    if (left.length > 0) trouble.push(`${name}: could not remove ${left.join(', ')}`);
    else if (found) print(`removed ${name}`);
    else trouble.push(`${name}: no run of that name on this engine or in this machine's temporary folder`);
  }
  if (trouble.length > 0) throw new CannotRun(trouble.join('; '));
  return 0;
}
