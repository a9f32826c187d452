import { defineConfig } from 'vitest/config'

/** Stories that keep a machine busy, or watch how soon something is done, have it for themselves. */
const ALONE = 'test/e2e/{bench,drill,kill-switch,many-at-once,pip-redeploy,quickstart,race}.test.ts'

const story = { testTimeout: 300_000, hookTimeout: 300_000 }

/**
 * One test runner for all: small machines (2 cores) run two files at a time; three where engines often wait for a lease
 * or a deadline.
 */
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
      {
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], ...shared(1), maxWorkers: 3 },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], exclude: [ALONE], ...shared(2), ...story },
      },
      {
        extends: true,
        test: { name: 'alone', include: [ALONE], ...shared(3), ...story, fileParallelism: false },
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
