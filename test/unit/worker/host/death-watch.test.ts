import { existsSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { createLogger } from '@wsg/shared/logger.ts'
import { DeathWatch, type Owner } from '@wsg/worker/src/host/death-watch.ts'
import { WorkerLock } from '@wsg/worker/src/host/worker-lock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostGround } from '../../../support/host-ground.ts'
import { overload } from '../../../support/overload.ts'
import { listProcesses } from '../../../support/processes.ts'
import { stopwatch } from '../../../support/stopwatch.ts'
import { waitFor } from '../../../support/wait-for.ts'

let ground: HostGround
let released: Owner[]
const watches: DeathWatch[] = []
const locks: WorkerLock[] = []

beforeEach(async () => {
  ground = await HostGround.create()
  released = []
})
afterEach(async () => {
  for (const watch of watches.splice(0)) watch.stop()
  for (const lock of locks.splice(0)) lock.remove()
  await ground.close()
})

async function startWatch(
  workerId = 'watcher',
  release = async (owner: Owner): Promise<void> => void released.push(owner),
): Promise<DeathWatch> {
  locks.push(await WorkerLock.take(ground.folder.lockOf(workerId)))
  const watch = new DeathWatch({
    folder: ground.folder,
    workerId,
    profileLockOf: (id) => ground.profileLockOf(id),
    release,
    logger: createLogger('test', 'silent'),
  })
  watches.push(watch)
  watch.start()
  return watch
}

/** A second death that is found says that the watch has looked at everything before it. */
async function untilItLookedAgain(): Promise<void> {
  const name = `probe-${Math.random()}`
  await (await ground.worker(name, 'probe')).kill()
  await waitFor('the next look', () => released.some(({ workerId }) => workerId === name))
  released = released.filter(({ sessionId }) => sessionId !== 'probe')
}

describe('looking for dead workers of this host', () => {
  it('finds an owner that was killed, long before its lease runs out, and removes its file', async () => {
    const worker = await ground.worker('worker-1', 'sales')
    await startWatch()
    await untilItLookedAgain()
    expect(released).toEqual([])
    await worker.kill()
    const tookMs = stopwatch()
    await waitFor('its burial', () => released.length > 0)
    expect(tookMs()).toBeLessThan(2_500 * overload())
    expect(released).toEqual([{ workerId: 'worker-1', sessionId: 'sales' }])
    await waitFor('its file to go', () => !existsSync(ground.folder.lockOf('worker-1')))
  })

  it('finds at its very first look who died before, though somebody else just looked', async () => {
    const others = setInterval(() => void writeFile(ground.folder.looked, ''), 50)
    await writeFile(ground.folder.looked, '')
    await (await ground.worker('worker-1', 'sales')).kill()
    try {
      await startWatch()
      await waitFor('the burial', () => released.length > 0)
    } finally {
      clearInterval(others)
    }
  })

  it('never takes a paused worker for a dead one', async () => {
    const worker = await ground.worker('worker-1', 'sales')
    await worker.kill('SIGSTOP')
    await startWatch()
    await untilItLookedAgain()
    await untilItLookedAgain()
    expect(released).toEqual([])
  })

  it('waits until the browser of a dead worker is gone as well', async () => {
    const browser = await ground.browser('sales')
    await (await ground.worker('worker-1', 'sales')).kill()
    await startWatch()
    await untilItLookedAgain()
    await untilItLookedAgain()
    expect(released).toEqual([])
    await browser.kill()
    await waitFor('the burial', () => released.length > 0)
  })

  it('takes no notice of a worker that died without a session', async () => {
    await (await ground.worker('worker-1', null)).kill()
    await startWatch()
    await untilItLookedAgain()
    expect(released).toEqual([])
  })

  it('waits for the whole of what a worker writes', async () => {
    await writeFile(ground.folder.lockOf('worker-1'), '{"sessionId":"sal')
    await startWatch()
    await untilItLookedAgain()
    expect(released).toEqual([])
  })

  it('finds the owner again where releasing failed', async () => {
    await (await ground.worker('worker-1', 'sales')).kill()
    let tries = 0
    await startWatch('watcher', async () => {
      tries += 1
      if (tries === 1) throw new Error('Redis is away')
    })
    await waitFor('a second try', () => tries === 2)
    await waitFor('its file to go', () => !existsSync(ground.folder.lockOf('worker-1')))
  })

  it('has an owner released once, though two workers look at the same moment', async () => {
    for (let n = 0; n < 5; n++) await (await ground.worker(`worker-${n}`, `sales-${n}`)).kill()
    await Promise.all([startWatch('watcher-1'), startWatch('watcher-2')])
    await waitFor('the files to go', () =>
      [0, 1, 2, 3, 4].every((n) => !existsSync(ground.folder.lockOf(`worker-${n}`))),
    )
    expect(released.map(({ workerId }) => workerId).toSorted()).toEqual(
      [0, 1, 2, 3, 4].map((n) => `worker-${n}`),
    )
  })

  it('believes no lock once its own can be taken by others', async () => {
    await startWatch()
    await untilItLookedAgain()
    await rm(ground.folder.lockOf('watcher'))
    await writeFile(ground.folder.lockOf('watcher'), '') // free, as every lock were on a volume that keeps none
    await (await ground.worker('worker-1', 'sales')).kill()
    const looks = () => existsSync(ground.folder.looked)
    await rm(ground.folder.looked)
    await waitFor('one look', looks)
    await rm(ground.folder.looked)
    await waitFor('the look after it', looks)
    expect(released).toEqual([])
  })

  it('starts no process while no worker owns a session', async () => {
    await ground.worker('worker-1', null)
    await startWatch()
    for (let n = 0; n < 3; n++) {
      await rm(ground.folder.looked, { force: true })
      await waitFor(
        'a look',
        () => {
          expect(
            listProcesses().filter(({ command, parent }) => parent === process.pid && command[0] === 'perl'),
          ).toEqual([])
          return existsSync(ground.folder.looked)
        },
        { everyMs: 2 },
      )
    }
  })
})
