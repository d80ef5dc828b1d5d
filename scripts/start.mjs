/**
 * Starts a command of this folder: `node -- scripts/start.mjs verify --stack …`. Where node cannot load our TypeScript
 * (before 24: node 22 strips types but does not know `await using`), esbuild bundles the command's own modules first, which
 * takes 0.1 s of processor time; a loader that takes each module by itself needed a second of processor time for every process we start
 * (measured on node 20). --max-semi-space-size=1 (package.json) spares 50 MB. The `--` before the file keeps node 20 from
 * taking our --env-file for its own flag.
 */
import { renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [, , name = '', ...args] = process.argv;
const { main } = await import(await loadable(new URL(`${name}.ts`, import.meta.url)));
process.exitCode = await main(args);

/** What node can load of a module of ours. Packages stay what they are: each is loaded when it is asked for. */
async function loadable(module) {
  if (process.features.typescript && Number(process.versions.node.split('.')[0]) >= 24) return module.href;
  const { buildSync } = await import('esbuild');
  // Two folders below the root, as every module of ours: what one finds by its own place is found from here, too.
  const bundle = new URL(`../node_modules/.verify/${name.replaceAll('/', '-')}.mjs`, import.meta.url);
  const written = `${fileURLToPath(bundle)}.${process.pid}`;
  try {
    buildSync({
      entryPoints: [fileURLToPath(module)],
      outfile: written,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      logLevel: 'silent',
    });
    // Another process may be reading the last one.
    renameSync(written, bundle);
  } catch (error) {
    process.stderr.write(`${name}: cannot be made ready to run: ${error.message.split('\n').at(-1)}\n`);
    process.exit(2);
  }
  return bundle.href;
}
