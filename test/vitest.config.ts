import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Every process that a test starts finds there what earlier ones compiled: half of its start on a busy machine. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/node-compile')

interface Project {
  testTimeout: number
  /** How many files run side by side. */
  maxWorkers: number
}

/** One project per kind of real part a test needs, so that the quick ones can run alone. */
const project = (name: string, groupOrder: number, { testTimeout, maxWorkers }: Project) => ({
  test: {
    name,
    root: import.meta.dirname,
    include: [`${name}/**/*.test.ts`],
    setupFiles: ['support/leave-nothing.ts'],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    maxWorkers,
    // All files of one worker share their modules, which saves loading them again and again.
    isolate: false,
    sequence: { groupOrder },
    pool: 'forks' as const,
  },
})

/** Tests with a browser of their own. On two processors each waits for about a third of its time. */
const withBrowsers = { maxWorkers: 3 }

export default defineConfig({
  test: {
    projects: [
      project('unit', 1, { testTimeout: 10_000, maxWorkers: 2 }),
      // They wait for Redis and for limits most of the time, and share nothing.
      project('integration', 2, { testTimeout: 60_000, maxWorkers: 6 }),
      project('simulator-walk', 3, { testTimeout: 120_000, ...withBrowsers }),
      project('contract', 3, { testTimeout: 120_000, ...withBrowsers }),
      project('system', 3, { testTimeout: 240_000, ...withBrowsers }),
    ],
  },
})
