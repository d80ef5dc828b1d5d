import { defineConfig } from 'vitest/config';

/**
 * Two projects: `harness` holds the tests of this suite itself, `stack` the checks of a Dify compose directory.
 * The pipeline (fixtures/run.ts) drives `stack`; `npx vitest --project stack` in an editor goes through the same
 * pipeline by globalSetup.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'harness',
          include: ['suites/harness/**/*.test.ts'],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
