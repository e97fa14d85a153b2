import { defineConfig } from 'vitest/config'

interface Project {
  testTimeout: number
  /** How many files run side by side. */
  maxWorkers: number
  /** False where all files of one worker share their modules, which saves loading them again and again. */
  isolate?: boolean
}

/** One project per kind of real part a test needs, so that the quick ones can run alone. */
const project = (name: string, groupOrder: number, { testTimeout, maxWorkers, isolate = true }: Project) => ({
  test: {
    name,
    root: import.meta.dirname,
    include: [`${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    maxWorkers,
    isolate,
    sequence: { groupOrder },
    pool: 'forks' as const,
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', 1, { testTimeout: 10_000, maxWorkers: 2, isolate: false }),
      project('integration', 2, { testTimeout: 30_000, maxWorkers: 1 }),
      project('simulator-walk', 3, { testTimeout: 60_000, maxWorkers: 1 }),
      project('contract', 4, { testTimeout: 60_000, maxWorkers: 1 }),
      project('system', 5, { testTimeout: 120_000, maxWorkers: 1 }),
    ],
  },
})
