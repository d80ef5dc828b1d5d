import { ensureImages } from '../fixtures/images/build.ts';
import { catalogue, isComplete } from '../fixtures/images/catalogue.ts';
import { prepareMachine } from '../fixtures/machine/prepare.ts';
import { CannotPrepare } from '../fixtures/machine/say.ts';

/** `npm run setup`: makes this machine ready and says what it did. Returns 0 ready, 2 cannot, 130 or 143 interrupted. */
export async function main(): Promise<number> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const say = (line: string) => console.log(`[${seconds().padStart(7)}] ${line}`);

  // The first Ctrl-C ends builds and stops between two steps, leaving nothing half made; the second ends at once, and
  // the next set-up finishes the job either way.
  const stop = new AbortController();
  let code = 0;
  const interrupted = (signal: NodeJS.Signals) => {
    code = signal === 'SIGINT' ? 130 : 143;
    if (stop.signal.aborted) process.exit(code);
    say('stopping after the current step (again to stop at once)');
    stop.abort();
  };
  process.on('SIGINT', interrupted);
  process.on('SIGTERM', interrupted);

  try {
    const { engine, client } = await prepareMachine(say, stop.signal);
    say(`${engine} (${client})`);
    const requests = catalogue.filter(isComplete).map(({ name }) => ({ name }));
    const images = await ensureImages(requests, { progress: say, signal: stop.signal });
    for (const image of images) if (!image.built) say(`${image.name}: ${image.version}`);
    console.log(`ready in ${seconds()}`);
  } catch (error) {
    if (stop.signal.aborted) return code;
    if (!(error instanceof CannotPrepare)) throw error;
    console.error(`setup: ${error.message}`);
    return 2;
  }
  return code;
}
