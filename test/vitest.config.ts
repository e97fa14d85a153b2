import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Every process that a test starts finds there what earlier ones compiled: half of its start on a busy machine. */
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../node_modules/.cache/node-compile')

/**
 * When a test is taken to hang. It says nothing of how long anything may take: what is promised within a time, the test
 * itself measures, in proportion to how busy the machine is.
 */
const HANGS_AFTER_MS = 300_000

/** One project per kind of real part a test needs, so that the quick ones can run alone. */
const project = (name: string, groupOrder: number, maxWorkers: number) => ({
  test: {
    name,
    root: import.meta.dirname,
    include: [`${name}/**/*.test.ts`],
    setupFiles: ['support/leave-nothing.ts'],
    testTimeout: HANGS_AFTER_MS,
    hookTimeout: HANGS_AFTER_MS,
    /** How many files run side by side. */
    maxWorkers,
    // All files of one worker share their modules, which saves loading them again and again.
    isolate: false,
    sequence: { groupOrder },
    pool: 'forks' as const,
  },
})

/** They wait for Redis and for limits most of the time, and share nothing. */
const WITH_REDIS = 6
/** They wait for a third of their time on two processors. */
const WITH_BROWSERS = 4

/** In the order in which they run, those with the longest files first within a group. */
const projects = [
  project('unit', 1, 2),
  project('integration', 2, WITH_REDIS),
  project('system', 3, WITH_BROWSERS),
  project('contract', 3, WITH_BROWSERS),
  project('simulator-walk', 3, WITH_BROWSERS),
]
const names = projects.map(({ test }) => test.name)

/** Take much longer than their sizes say, by which files are put in order that have not run on this machine yet. */
const LONGEST =
  /\/(crash-table|crashes|memory|host|restore|failover|redis-gone|event-delivery|death-watch)\.test\.ts$/

/** Long files first, so that none of them runs alone in the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification) =>
      names.indexOf(project.name) * 2 + (LONGEST.test(moduleId) ? 0 : 1)
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({ test: { projects, sequence: { sequencer: LongestFirst } } })
