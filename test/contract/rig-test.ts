import { test } from 'vitest'
import { WorkerRig } from '../integration/worker/worker-rig.ts'
import { simulatorHarness } from './simulator-harness.ts'

/** A test of a worker whose client is the real one, in a browser on the simulator. */
export const rigTest = test
  /** Of the simulator. */
  .extend('settings', {} as Parameters<typeof simulatorHarness>[0])
  .extend('harness', async ({ settings }, { onCleanup }) => {
    const harness = await simulatorHarness(settings)
    onCleanup(() => harness.end())
    return harness
  })
  .extend('rig', async ({ harness: _ }, { onCleanup }) => {
    const rig = await WorkerRig.start()
    onCleanup(() => rig.close())
    return rig
  })
