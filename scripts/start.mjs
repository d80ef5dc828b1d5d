/**
 * Starts a command of this folder: `node -- scripts/start.mjs verify --stack …`. TypeScript is loaded by tsx where node
 * cannot do it (before 24: node 22 strips types but does not know `await using`), and only for our own modules: tsx left active while vitest and vite are
 * loaded costs 150 MB and a second (measured on node 20). --max-semi-space-size=1 (package.json) spares another 50. The
 * `--` before the file keeps node 20 from taking our --env-file for its own flag.
 */
const [, , name = '', ...args] = process.argv;
const module = new URL(`${name}.ts`, import.meta.url);
let unregister = async () => {};
if (!process.features.typescript || Number(process.versions.node.split('.')[0]) < 24) {
  const { register } = await import('tsx/esm/api');
  unregister = register();
}
const { main } = await import(module.href);
await unregister();
process.exitCode = await main(args);
