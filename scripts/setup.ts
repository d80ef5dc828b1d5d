import { runCommand, type Shell } from '../fixtures/cli/command.ts';
import { UsageError } from '../fixtures/errors.ts';
import { ensureImages } from '../fixtures/setup/images/build.ts';
import { catalogue, isComplete } from '../fixtures/setup/images/catalogue.ts';
import { prepareMachine } from '../fixtures/setup/machine/prepare.ts';

const USAGE = `npm run setup
makes this machine ready and says what it did: engine and compose plugin (installed as root on Debian and Ubuntu), base
image, stand-in images. A second call changes nothing.`;

/**
 * `npm run setup`. The first Ctrl-C ends builds and stops between two steps, leaving nothing half made; the second ends
 * at once, and the next set-up finishes the job either way.
 */
export async function main(args: string[]): Promise<never> {
  const onSignal = 'stopping after the current step';
  return runCommand({ name: 'setup', usage: USAGE, onSignal, graceMs: Infinity, run: setup }, args);
}

async function setup(args: readonly string[], { progress, print, signal }: Shell): Promise<number> {
  if (args.length > 0) throw new UsageError(`setup takes no ${args[0]} (see --help)`);
  const started = performance.now();
  const { engine, client } = await prepareMachine(progress, signal);
  progress(`${engine} (${client})`);
  const requests = catalogue.filter(isComplete).map(({ name }) => ({ name }));
  const images = await ensureImages(requests, { progress, signal });
  for (const image of images) if (!image.built) progress(`${image.name}: ${image.version}`);
  print(`ready in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return 0;
}
