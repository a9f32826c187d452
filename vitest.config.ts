import { defineConfig } from 'vitest/config'

/** One test runner for all: small machines (2 cores) run two files at a time, and stories end to end one after another. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/{e2e,conformance}/**'], ...shared(0) },
      },
      { extends: true, test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], ...shared(1) } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          ...shared(2),
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})

function shared(groupOrder: number) {
  return {
    setupFiles: ['test/helpers/setup.ts'],
    globalSetup: ['test/helpers/postgres-server.ts'],
    sequence: { groupOrder },
  }
}
