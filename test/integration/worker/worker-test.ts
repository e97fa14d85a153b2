import { test } from 'vitest'
import { WorkerRig } from './worker-rig.ts'

/** A test with workers in this process, on a Redis that its file has for itself. */
export const workerTest = test
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the pattern, to see what a fixture needs
  .extend('fileRig', { scope: 'file' }, async ({}, { onCleanup }) => {
    const rig = await WorkerRig.start()
    onCleanup(() => rig.close())
    return rig
  })
  /** Stops its workers and forgets everything when the test is over. */
  .extend('rig', ({ fileRig }, { onCleanup }) => {
    onCleanup(() => fileRig.reset())
    return fileRig
  })
