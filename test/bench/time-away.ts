import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { waitFor } from '../support/wait-for.ts'

/** @returns ms from the fault until a new owner says that the session is ready */
export async function timeAway(
  redis: Redis,
  session: string,
  fault: () => Promise<void> | void,
): Promise<number> {
  const before = await redis.get(keys.lease(session))
  const since = performance.now()
  await fault()
  await waitFor(
    `${session} to have a new owner that is ready`,
    async () => {
      const lease = await redis.get(keys.lease(session))
      if (lease === null || lease === before) return false
      const [status, token] = await redis.hmget(keys.session(session), 'status', 'token')
      return status === 'ready' && token === lease
    },
    { everyMs: 10, timeoutMs: 60_000 },
  )
  return performance.now() - since
}

/** From now on no lock of the operating system tells whether this worker lives, as if it ran on another host. */
export async function forgetLockOf(dataDir: string, workerPid: number): Promise<void> {
  const locks = join(dataDir, '.wwebjs_auth/.hosts')
  const names = await readdir(locks, { recursive: true }).catch(() => [])
  for (const name of names) {
    if (name.includes(`-${workerPid}-`)) await rm(join(locks, name), { force: true })
  }
}
