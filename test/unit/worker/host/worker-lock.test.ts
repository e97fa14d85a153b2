import { closeSync, openSync, statSync } from 'node:fs'
import { lockOpenFile, WorkerLock } from '@wsg/worker/src/host/worker-lock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HostGround } from '../../../support/host-ground.ts'
import { descendants, listProcesses } from '../../../support/processes.ts'
import { waitFor } from '../../../support/wait-for.ts'

let ground: HostGround
beforeEach(async () => {
  ground = await HostGround.create()
})
afterEach(() => ground.close())

async function isFree(path: string): Promise<boolean> {
  const descriptor = openSync(path, 'r+')
  try {
    return await lockOpenFile(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

describe("a worker's lock", () => {
  it('is held as long as the worker lives, by no other process, and free when it is killed', async () => {
    const path = ground.folder.lockOf('worker-1')
    const { child, kill } = await ground.worker('worker-1', 'sales')
    expect(await isFree(path)).toBe(false)
    expect(descendants(listProcesses(), [child.pid as number])).toEqual([])
    await kill('SIGSTOP')
    expect(await isFree(path)).toBe(false)
    await kill()
    expect(await isFree(path)).toBe(true)
  })

  it('is not passed on to a child that outlives the worker', async () => {
    const path = ground.folder.lockOf('worker-1')
    const worker = await ground.run(`
      const { spawn } = await import('node:child_process')
      const { WorkerLock } = await import(${JSON.stringify(new URL('../../../../worker/src/host/worker-lock.ts', import.meta.url).href)})
      await WorkerLock.take(${JSON.stringify(path)})
      spawn('sleep', ['30'], { stdio: 'ignore', detached: true })`)
    const [orphan] = descendants(listProcesses(), [worker.child.pid as number])
    await worker.kill()
    expect(await isFree(path)).toBe(true)
    process.kill(orphan?.pid as number, 'SIGKILL')
  })

  it('names one session after the other in the same file', async () => {
    const { folder } = ground
    const lock = await WorkerLock.take(folder.lockOf('worker-1'))
    const { ino } = statSync(lock.path)
    for (const sessionId of ['a-session-with-a-long-name', 'b', null, 'c']) {
      lock.name(sessionId)
      expect(await folder.sessionOf('worker-1')).toBe(sessionId)
    }
    expect(statSync(lock.path).ino).toBe(ino)
    lock.remove()
    await waitFor('the file to go', async () => (await folder.list()).length === 0)
  })
})
