import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readMemoryInfo } from '@wsg/shared/redis/connection/server.ts'

const LOOK_EVERY_MS = 1_000
/** The part of `maxmemory` above which nothing is accepted. The rest is for the workers' leases and results. */
const FULL_ABOVE = 0.8

/** Tells whether Redis has room for more messages. It asks Redis at most once a second. */
export class MemoryGuard {
  readonly #redis: RedisClient
  #lookedAt = Number.NEGATIVE_INFINITY
  #room = true

  constructor(redis: RedisClient) {
    this.#redis = redis
  }

  async hasRoom(): Promise<boolean> {
    const now = performance.now()
    if (now - this.#lookedAt < LOOK_EVERY_MS) return this.#room
    this.#lookedAt = now
    this.#room = isBelowLimit(await readMemoryInfo(this.#redis))
    return this.#room
  }
}

/**
 * @param info Redis' answer to `INFO memory`. A `maxmemory` of 0 means no limit; the buffers for replicas and for the
 *   append-only file do not count towards it.
 */
export function isBelowLimit(info: string): boolean {
  const figure = (name: string): number => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)
  const limit = figure('maxmemory')
  const counted = figure('used_memory') - figure('mem_not_counted_for_evict')
  return limit === 0 || counted < limit * FULL_ABOVE
}
