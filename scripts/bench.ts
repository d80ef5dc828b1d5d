import { runCommand } from '../fixtures/cli/command.ts';
import { UsageError } from '../fixtures/errors.ts';
import { parseFlags } from '../fixtures/cli/flags.ts';
import { measureDrill } from '../fixtures/testing/bench/drill.ts';
import { measureDrillAside, measureFloor, measureGate, type DrillAside } from '../fixtures/testing/bench/measure.ts';

const USAGE = 'npm run bench -- [--stack DIR] [--times N]   (N times the data for the drill, default 100; 0: no drill)';
const TIMES = 100;

/** What the gate costs beside compose alone, and how the drill grows with the data, each from one run. */
export async function main(args: string[]): Promise<never> {
  return runCommand({ name: 'bench', usage: USAGE, onSignal: 'ending the measurement', graceMs: 0, run: bench }, args);
}

async function bench(args: readonly string[]): Promise<number> {
  const values = parseFlags(args, {
    stack: { type: 'string' },
    times: { type: 'string' },
    drill: { type: 'string' },
  });
  const stack = values.stack ?? 'compose';
  // How the bench calls itself: one drill in a process of its own, whose memory is measured from outside.
  if (values.drill !== undefined) {
    process.stdout.write(`${JSON.stringify(await measureDrill(stack, Number(values.drill)))}\n`);
    return 0;
  }
  const times = Number(values.times ?? TIMES);
  if (!Number.isInteger(times) || times < 0) throw new UsageError(`--times ${values.times}: a whole number (${USAGE})`);
  const gate = await benchGate(stack);
  return gate && (times === 0 || (await benchDrill(stack, times))) ? 0 : 1;
}

async function benchGate(stack: string): Promise<boolean> {
  say('floor: docker compose up -d --wait and down -v of the staged copy …');
  const floor = await measureFloor(stack);
  const floorMs = floor.upMs + floor.downMs;
  say('gate: npm test …');
  const gate = await measureGate(stack);
  const { timing, suites, checks, verdict } = gate.summary;
  say(`\n${'measured'.padEnd(26)} ${'time'.padStart(8)}`);
  row('floor: up -d --wait', floor.upMs);
  row('floor: down -v', floor.downMs);
  row('gate', gate.wallMs);
  row('  read and contract', timing.readMs);
  row('  boot', timing.bootMs);
  for (const suite of suites) row(`  suite ${suite.name}`, suite.durationMs);
  row('  tear-down', timing.teardownMs);
  say(`  ratio ${(gate.wallMs / floorMs).toFixed(2)} (gate / floor, goal under 4)`);
  const drill = suites.find(({ name }) => name === 'backup');
  if (drill) {
    // The drill brings a second stack up and kills the making of a third: what it costs is told apart.
    say(`  without the suite backup ${((gate.wallMs - drill.durationMs) / floorMs).toFixed(2)}`);
  }
  say(`  peak memory of the harness ${gate.peakMiB} MiB (goal under 300)`);
  say(`  verdict ${verdict}, ${checks.length} checks, exit ${gate.exitCode ?? 'none'}`);
  const red = checks.filter(({ level, status }) => status === 'error' || (status === 'fail' && level === 'must'));
  for (const { id, status, message } of red) say(`  ${status} ${id}: ${message}`);
  return gate.exitCode === 0;
}

/** The drill once with the suite's data and once with `times` as much. False when something was lost. */
async function benchDrill(stack: string, times: number): Promise<boolean> {
  const drills: DrillAside[] = [];
  for (const size of times === 1 ? [1] : [1, times]) {
    say(`\ndrill with ${size} times the data …`);
    const drill = await measureDrillAside(stack, size);
    drills.push(drill);
    say(`  ${drill.rows} rows, ${drill.vectors} vectors, ${drill.differences} differences after the restore`);
    row('fill and read', drill.prepareMs);
    row('back up, under load', drill.backupMs);
    row('restore, boot and read', drill.restoreMs);
    say(`  peak memory of the harness ${drill.peakMiB} MiB (goal under 300)`);
  }
  const [small, large] = drills;
  if (small && large) {
    const work = (drill: DrillAside) => drill.backupMs + drill.restoreMs;
    say(
      `  ${(large.rows / small.rows).toFixed(0)} times the rows took ${(work(large) / work(small)).toFixed(1)} times as long`,
    );
  }
  return drills.every(({ differences }) => differences === 0);
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const row = (name: string, ms: number) => say(`  ${name.padEnd(24)} ${(ms / 1000).toFixed(1).padStart(6)} s`);
