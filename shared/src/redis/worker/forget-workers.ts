import type { Redis } from 'ioredis'
import { keys } from '../keys.ts'

/**
 * Takes workers off the record: what they said of themselves would be counted until it runs out.
 * @throws what ioredis throws while Redis is away
 */
export async function forgetWorkers(redis: Redis, workerIds: readonly string[]): Promise<void> {
  await redis
    .multi()
    .zrem(keys.workers, ...workerIds)
    .zrem(keys.idleWorkers, ...workerIds)
    .zrem(keys.workerMemory, ...workerIds)
    .exec()
}
