import { defineConfig } from 'vitest/config'

/** One project per kind of real part a test needs, so that the quick ones can run alone. */
const project = (name: string, testTimeout: number, serial: boolean) => ({
  test: {
    name,
    root: import.meta.dirname,
    include: [`${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: Math.max(testTimeout, 60_000),
    fileParallelism: !serial,
    pool: 'forks' as const,
  },
})

export default defineConfig({
  test: {
    projects: [
      project('unit', 10_000, false),
      project('integration', 30_000, false),
      project('simulator-walk', 60_000, true),
      project('contract', 60_000, true),
      project('system', 120_000, true),
    ],
  },
})
