import { redisTime } from '@wsg/shared/redis/connection/redis-time.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { forgetWorkers } from '@wsg/shared/redis/worker/forget-workers.ts'
import type { Redis } from 'ioredis'

/** A worker whose word ran out does not count any more; one that only hung may still come back and say it again. */
const KEPT_MS = 60_000
const FORGOTTEN_AT_ONCE = 500

/** Removes the entries of workers that died without taking leave: every restart is a new worker. @returns how many */
export async function forgetDeadWorkers(redis: Redis): Promise<number> {
  const before = (await redisTime(redis)) - KEPT_MS
  const dead = await redis.zrangebyscore(keys.workers, '-inf', before, 'LIMIT', 0, FORGOTTEN_AT_ONCE)
  if (dead.length > 0) await forgetWorkers(redis, dead)
  await forgetStrayFigures(redis)
  return dead.length
}

/** What a worker wrote of its memory while it was taking leave stays behind. Looked for only where there is too much. */
async function forgetStrayFigures(redis: Redis): Promise<void> {
  const [said, known] = await Promise.all([redis.zcard(keys.workerMemory), redis.zcard(keys.workers)])
  if (said <= known) return
  const names = await redis.zrange(keys.workerMemory, 0, '-1')
  const workers = new Set(await redis.zrange(keys.workers, 0, '-1'))
  const strays = names.filter((name) => !workers.has(name)).slice(0, FORGOTTEN_AT_ONCE)
  if (strays.length > 0) await redis.zrem(keys.workerMemory, ...strays)
}
