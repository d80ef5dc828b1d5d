/**
 * Starts a command of this folder: `node -- scripts/start.mjs verify --stack …`. TypeScript is loaded by tsx where node
 * does not strip types itself (before 22.18), and only for our own modules: tsx left active while vitest and vite are
 * loaded costs 150 MB and a second (measured on node 20). The `--` before the file keeps node 20 from taking our
 * --env-file for its own flag.
 */
const [, , name = '', ...args] = process.argv;
const module = new URL(`${name}.ts`, import.meta.url);
let unregister = async () => {};
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  unregister = register();
}
const { main } = await import(module.href);
await unregister();
process.exitCode = await main(args);
