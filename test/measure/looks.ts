/**
 * What looking for dead workers costs one host: CPU time of one look at `--workers 50` living owners, of the process
 * that looks and of the short-lived one that it starts.
 */

import { readFileSync } from 'node:fs'
import { resourceUsage } from 'node:process'
import { parseArgs } from 'node:util'
import { probeLocks } from '@wsg/worker/src/host/probe-locks.ts'
import { WorkerLock } from '@wsg/worker/src/host/worker-lock.ts'
import { HostGround } from '../support/host-ground.ts'
import { loadNow } from './figures.ts'

const LOOKS = 100
const LOOKS_PER_SECOND = 2
const TICK_MS = 10

const { values } = parseArgs({ options: { workers: { type: 'string', default: '50' } } })
const ground = await HostGround.create()
const locks: WorkerLock[] = []
try {
  for (let n = 0; n <= Number(values.workers); n++) {
    const lock = await WorkerLock.take(ground.folder.lockOf(`worker-${n}`))
    lock.name(`session-${n}`)
    locks.push(lock)
  }
  const before = cpuMs()
  for (let n = 0; n < LOOKS; n++) await look()
  const perLook = (cpuMs() - before) / LOOKS
  console.log(
    `one look at ${values.workers} owners: ${perLook.toFixed(1)} ms of CPU, ` +
      `${((perLook * LOOKS_PER_SECOND) / 10).toFixed(1)} % of a core for a host · load ${loadNow()}`,
  )
} finally {
  for (const lock of locks) lock.remove()
  await ground.close()
}

async function look(): Promise<void> {
  const [own, ...others] = await ground.folder.list()
  const suspects = others.map(({ workerId, sessionId }) => ({
    workerLock: ground.folder.lockOf(workerId),
    profileLock: ground.profileLockOf(String(sessionId)),
  }))
  const { dead, release } = await probeLocks(ground.folder.lockOf(String(own?.workerId)), suspects)
  await release()
  if (dead.length > 0) throw new Error('a living worker was found dead')
}

/** Of this process and of its children that have ended. */
function cpuMs(): number {
  const { userCPUTime, systemCPUTime } = resourceUsage()
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const [childrenUser, childrenSystem] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15)
  return (userCPUTime + systemCPUTime) / 1_000 + (Number(childrenUser) + Number(childrenSystem)) * TICK_MS
}
