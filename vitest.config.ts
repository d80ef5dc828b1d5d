import { defineConfig } from 'vitest/config';

/** What commands print is compared in English, whatever the locale of whoever runs the tests. */
const ENGLISH = { VERIFY_LANG: 'en' };

/**
 * `harness` holds the tests of this suite itself, `engine` those of them that need a Docker engine, `nightly` those that
 * run the whole gate on an engine, minutes each; `stack` the checks of a Dify compose directory.
 * The pipeline (fixtures/run/run.ts) drives `stack`; `npx vitest --project stack` in an editor goes through the same
 * pipeline by its global set-up.
 */
export default defineConfig({
  test: {
    // What vite makes of our modules is kept on disk, by content: a run spares 1.7 s of processor time and 40 MB (measured).
    experimental: { fsModuleCache: true },
    projects: [
      {
        test: {
          name: 'harness',
          env: ENGLISH,
          include: ['suites/harness/**/*.test.ts'],
          exclude: ['suites/harness/engine/**', 'suites/harness/nightly/**'],
          testTimeout: 60_000,
          // What all files import is loaded once a worker (634 s became 330 s on two cores); who keeps something in a module
          // of the project begins with `vi.resetModules()`.
          isolate: false,
          server: { deps: { inline: ['@actions/workflow-parser'] } },
        },
      },
      {
        test: {
          name: 'engine',
          env: ENGLISH,
          include: ['suites/harness/engine/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'nightly',
          env: ENGLISH,
          include: ['suites/harness/nightly/*.test.ts'],
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'stack',
          include: ['suites/*.test.ts'],
          globalSetup: ['fixtures/cli/vitest-setup.ts'],
          // One worker in this very process: the probes are started once and shared by all suites, a signal to the
          // process group finds no worker to kill, and the memory of a second process is saved.
          pool: 'threads',
          isolate: false,
          maxWorkers: 1,
          fileParallelism: false,
          maxConcurrency: 64,
        },
      },
    ],
  },
});
