import { redisTime } from '@wsg/shared/redis/connection/redis-time.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

/** Entries that Redis looks at in one call. */
const LOOKED_AT_ONCE = 500

export interface WorkerFigures {
  total: number
  idle: number
  /** What those that live have said of themselves. */
  memory: { workerId: string; memoryMb: number }[]
}

/** The workers whose word still holds, by Redis' clock. */
export async function readWorkers(redis: Redis): Promise<WorkerFigures> {
  const nowMs = await redisTime(redis)
  const validUntil = await readScores(redis, keys.workers)
  const living = new Set([...validUntil].flatMap(([id, until]) => (until > nowMs ? [id] : [])))
  const said = await readScores(redis, keys.workerMemory)
  return {
    total: living.size,
    idle: await redis.zcount(keys.idleWorkers, nowMs, '+inf'),
    memory: [...said].flatMap(([workerId, memoryMb]) =>
      living.has(workerId) ? [{ workerId, memoryMb }] : [],
    ),
  }
}

/** By scanning: workers change their places while it is read, and none must be missed or met twice. */
async function readScores(redis: Redis, key: string): Promise<Map<string, number>> {
  const scores = new Map<string, number>()
  let cursor = '0'
  do {
    const [next, found] = await redis.zscan(key, cursor, 'COUNT', LOOKED_AT_ONCE)
    for (let i = 0; i < found.length; i += 2) {
      scores.set(found[i] as string, Number((found[i + 1] as string).replace('inf', 'Infinity')))
    }
    cursor = next
  } while (cursor !== '0')
  return scores
}
