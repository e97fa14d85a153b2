import { defineConfig } from 'vitest/config'

/** The container suite, apart from `npm test` because it needs Docker. One file after the other: the machine is small. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['containers/**/*.test.ts'],
    globalSetup: ['containers/build-images.ts'],
    // The reaper of testcontainers is an image of its own, which not every registry has; the tests clean up themselves.
    env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
    // When one is taken to hang: longer than any wait in it, so that the wait says what it waited for.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    pool: 'forks',
  },
})
