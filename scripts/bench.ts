import { parseArgs } from 'node:util';
import { measureFloor, measureGate } from '../fixtures/bench/measure.ts';

/** `npm run bench -- [--stack DIR]`: what the gate costs beside compose alone, from one run. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: { stack: { type: 'string' } } });
    const stack = values.stack ?? 'compose';
    process.stdout.write('floor: docker compose up -d --wait and down -v of the staged copy …\n');
    const floor = await measureFloor(stack);
    const floorMs = floor.upMs + floor.downMs;
    process.stdout.write('gate: npm test …\n');
    const gate = await measureGate(stack);
    const row = (name: string, ms: number) =>
      process.stdout.write(`  ${name.padEnd(24)} ${(ms / 1000).toFixed(1).padStart(6)} s\n`);
    process.stdout.write(`\n${'measured'.padEnd(26)} ${'time'.padStart(8)}\n`);
    row('floor: up -d --wait', floor.upMs);
    row('floor: down -v', floor.downMs);
    row('gate', gate.wallMs);
    row('  read and contract', gate.summary.timing.readMs);
    row('  boot', gate.summary.timing.bootMs);
    for (const suite of gate.summary.suites) row(`  suite ${suite.name}`, suite.durationMs);
    row('  tear-down', gate.summary.timing.teardownMs);
    process.stdout.write(`  ratio ${(gate.wallMs / floorMs).toFixed(2)} (gate / floor, goal under 3.5)\n`);
    process.stdout.write(`  peak memory of the harness ${gate.peakMiB} MiB (goal under 300)\n`);
    process.stdout.write(
      `  verdict ${gate.summary.verdict}, ${gate.summary.checks.length} checks, exit ${gate.exitCode ?? 'none'}\n`,
    );
    return gate.exitCode === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}
