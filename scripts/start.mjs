/**
 * Starts a command of this folder: `node -- scripts/start.mjs verify --stack …`. Where node cannot load our TypeScript
 * (before 24: node 22 strips types but does not know `await using`), esbuild bundles the command's own modules first, which
 * takes 0.1 s of processor time; a loader that takes each module by itself needed a second for every process we start
 * (measured on node 20). --max-semi-space-size=1 (package.json) spares 50 MB. The `--` before the file keeps node 20 from
 * taking our --env-file for its own flag.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// The heap is collected when it has grown by this much, not by a multiple that V8 chooses for a machine with much memory:
// the drill with 100 times the data peaks at 165 MiB in place of 285, in the same time (measured).
setFlagsFromString('--heap-growing-percent=30');

const [, , name = '', ...args] = process.argv;
const module = new URL(`${name}.ts`, import.meta.url);
const typescript = process.features.typescript && Number(process.versions.node.split('.')[0]) >= 24;
const { main } = await (typescript ? import(module.href) : bundled(module));
process.exitCode = await main(args);

/** The module, loaded from a bundle of its own. Packages stay what they are: each is loaded when it is asked for. */
async function bundled(module) {
  const { buildSync } = await import('esbuild');
  // Beside the packages that it imports; the process's own, since another tree may share them by a link.
  const bundle = new URL(`../node_modules/.verify/${name.replaceAll('/', '-')}-${process.pid}.mjs`, import.meta.url);
  // Two folders below the root, as every module of ours that asks where it is.
  const place = new URL('../fixtures/run/bundle.mjs', import.meta.url);
  const remove = () => rmSync(bundle, { force: true });
  try {
    buildSync({
      entryPoints: [fileURLToPath(module)],
      outfile: fileURLToPath(bundle),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      define: {
        'import.meta.url': JSON.stringify(place.href),
        'import.meta.dirname': JSON.stringify(fileURLToPath(new URL('.', place))),
      },
      logLevel: 'silent',
    });
    const loaded = await import(bundle.href);
    remove();
    return loaded;
  } catch (error) {
    remove();
    process.stderr.write(`${name}: cannot be loaded: ${error.message.trim().split('\n').at(-1)}\n`);
    process.exit(2);
  }
}
