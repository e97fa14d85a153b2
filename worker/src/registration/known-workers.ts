import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

/** @returns those of `workerIds` that said not long ago that they live: gateways forget who no longer does */
export async function knownWorkers(redis: Redis, workerIds: string[]): Promise<Set<string>> {
  const validUntil = await redis.zmscore(keys.workers, ...workerIds)
  return new Set(workerIds.filter((_, n) => validUntil[n] !== null))
}
