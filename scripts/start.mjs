/**
 * Starts a command of this folder: `node -- scripts/start.mjs verify --stack …`. Where node cannot load our TypeScript
 * (before 24: node 22 strips types but does not know `await using`), esbuild bundles the command's own modules first, which
 * takes 0.1 s of processor time; a loader that takes each module by itself needed a second for every process we start
 * (measured on node 20). --max-semi-space-size=1 (package.json) spares 50 MB. The `--` before the file keeps node 20 from
 * taking our --env-file for its own flag.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';

// The heap is collected when it has grown by this much, not by a multiple that V8 chooses for a machine with much memory:
// the drill with 100 times the data peaks at 165 MiB in place of 285, in the same time (measured).
setFlagsFromString('--heap-growing-percent=30');

/** Packages by their full address: from elsewhere their names lead nowhere. */
const packagesFromHere = {
  name: 'packages-from-here',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path: specifier, kind }) =>
      kind === 'entry-point' ? undefined : { path: import.meta.resolve(specifier), external: true },
    );
  },
};

const [, , name = '', ...args] = process.argv;
// What nobody foresaw (no memory for a module's WebAssembly, say) is no verdict: one line, and not node's own code 1, which is
// that of a stack at fault. Where the suites run, their driver listens, too, and tells it as a check of its own.
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') > 1) return;
  const [said = ''] = String(error?.message ?? error)
    .trim()
    .split('\n');
  process.stderr.write(`${name}: ended by what nobody foresaw, nothing is said about the stack: ${said}\n`);
  if (process.env['VERIFY_DEBUG']) process.stderr.write(`${error?.stack ?? ''}\n`);
  process.exit(2);
});
const module = new URL(`${name}.ts`, import.meta.url);
const typescript = process.features.typescript && Number(process.versions.node.split('.')[0]) >= 24;
const { main } = await (typescript ? import(module.href) : bundled(module));
process.exitCode = await main(args);

/** The module, loaded from a bundle of its own. Packages stay what they are: each is loaded when it is asked for. */
async function bundled(module) {
  const { build } = await import('esbuild');
  // Two folders below the root, as every module of ours that asks where it is.
  const place = new URL('../fixtures/run/bundle.mjs', import.meta.url);
  const load = async (folder, how) => {
    const bundle = path.join(folder, `${name.replaceAll('/', '-')}-${process.pid}.mjs`);
    try {
      await build({
        entryPoints: [fileURLToPath(module)],
        outfile: bundle,
        bundle: true,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        define: {
          'import.meta.url': JSON.stringify(place.href),
          'import.meta.dirname': JSON.stringify(fileURLToPath(new URL('.', place))),
        },
        logLevel: 'silent',
        ...how,
      });
      return await import(pathToFileURL(bundle).href);
    } finally {
      rmSync(bundle, { force: true });
    }
  };
  try {
    // Beside the packages that it imports; the process's own, since another tree may share them by a link.
    const beside = fileURLToPath(new URL('../node_modules/.verify', import.meta.url));
    return await load(beside, { packages: 'external' }).catch(async (error) => {
      // A checkout that another user owns, or that is read-only.
      if (!/permission denied|read-only file system/i.test(error.message)) throw error;
      const folder = mkdtempSync(path.join(tmpdir(), 'dify-compose-verify-'));
      try {
        return await load(folder, { plugins: [packagesFromHere] });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  } catch (error) {
    process.stderr.write(`${name}: cannot be loaded: ${error.message.trim().split('\n').at(-1)}\n`);
    process.exit(2);
  }
}
