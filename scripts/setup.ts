import { ensureImages } from '../fixtures/images/build.ts';
import { catalogue, isComplete } from '../fixtures/images/catalogue.ts';
import { prepareMachine } from '../fixtures/machine/prepare.ts';
import { CannotPrepare } from '../fixtures/machine/say.ts';

const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
const say = (line: string) => console.log(`[${seconds().padStart(7)}] ${line}`);

try {
  const { engine, client } = await prepareMachine(say);
  say(`${engine} (${client})`);
  const images = await ensureImages(
    catalogue.filter(isComplete).map(({ name }) => ({ name })),
    { progress: say },
  );
  for (const image of images) if (!image.built) say(`${image.name}: ${image.version}`);
  console.log(`ready in ${seconds()}`);
} catch (error) {
  if (!(error instanceof CannotPrepare)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 2;
}
