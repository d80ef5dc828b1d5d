import os from 'node:os';
import path from 'node:path';
import { keptRuns, RUN_PREFIX, sweepRun, sweepStale } from '../fixtures/stack/sweep.ts';

/** `npm run clean -- verify-xxxxxxxx …`: removes kept runs; without a name what dead runs left behind, and tells which are kept. */
export async function main(names: string[]): Promise<number> {
  const wrong = names.find((name) => !/^verify-[0-9a-f]{8}$/.test(name));
  if (wrong !== undefined) {
    process.stderr.write(`clean: "${wrong}" is no run (${RUN_PREFIX} and 8 hexadecimal digits)\n`);
    return 2;
  }
  try {
    if (names.length === 0) {
      const stale = await sweepStale();
      process.stdout.write(stale.length === 0 ? 'nothing to remove\n' : `removed ${stale.join(', ')}\n`);
      for (const kept of await keptRuns()) {
        process.stdout.write(`kept: ${kept}; remove it with "npm run clean -- ${kept}"\n`);
      }
      return 0;
    }
    let code = 0;
    for (const name of names) {
      const left = await sweepRun(name, path.join(os.tmpdir(), name), { untilQuiet: false });
      process.stdout.write(left.length === 0 ? `removed ${name}\n` : `${name}: could not remove ${left.join(', ')}\n`);
      if (left.length > 0) code = 2;
    }
    return code;
  } catch (error) {
    process.stderr.write(`clean: ${(error as Error).message}\n`);
    return 2;
  }
}
