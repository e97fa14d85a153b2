import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readServerInfo } from '@wsg/shared/redis/connection/server.ts'
import { Problem } from '../http/problem.ts'

const LOOK_EVERY_MS = 1_000
/** The part of `maxmemory` above which nothing is accepted. The rest is for the workers' leases and results. */
const FULL_ABOVE = 0.8

interface MemoryGuardParts {
  redis: RedisClient
  /** True where messages are accepted although Redis may evict them. */
  allowsEviction: boolean
  log: Logger
}

/** Tells whether what Redis accepts is safe in its memory: there is room, and nothing is evicted to make some. */
export class MemoryGuard {
  readonly #parts: MemoryGuardParts
  #lookedAt = Number.NEGATIVE_INFINITY
  /** Null before the first answer. */
  #memory: RedisMemory | null = null

  constructor(parts: MemoryGuardParts) {
    this.#parts = parts
  }

  /** What is known of the memory of Redis. It is asked at most once a second. */
  async look(): Promise<RedisMemory> {
    const now = performance.now()
    if (this.#memory !== null && now - this.#lookedAt < LOOK_EVERY_MS) return this.#memory
    this.#lookedAt = now
    const memory = toRedisMemory(await readServerInfo(this.#parts.redis, 'memory'))
    const { evictionPolicy } = memory
    if (evictionPolicy !== null && evictionPolicy !== this.#memory?.evictionPolicy)
      this.#parts.log.error(
        { evictionPolicy },
        'Redis may evict messages and logins: set maxmemory-policy noeviction',
      )
    this.#memory = memory
    return memory
  }

  /** Why Redis is to take no messages now; null where it may. */
  async refusal(): Promise<Problem | null> {
    const { hasRoom, evictionPolicy } = await this.look()
    if (evictionPolicy !== null && !this.#parts.allowsEviction)
      return new Problem('redis_may_evict', { members: { evictionPolicy } })
    return hasRoom ? null : new Problem('redis_full')
  }
}

export interface RedisMemory {
  hasRoom: boolean
  /** Its `maxmemory-policy`, null for `noeviction`. */
  evictionPolicy: string | null
}

/**
 * @param info Redis' answer to `INFO memory`. A `maxmemory` of 0 means no limit; the buffers for replicas and for the
 *   append-only file do not count towards it.
 */
export function toRedisMemory(info: string): RedisMemory {
  const value = (name: string) => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
  const limit = Number(value('maxmemory') ?? 0)
  const counted = Number(value('used_memory') ?? 0) - Number(value('mem_not_counted_for_evict') ?? 0)
  const policy = value('maxmemory_policy') ?? 'noeviction'
  return {
    hasRoom: limit === 0 || counted < limit * FULL_ABOVE,
    evictionPolicy: policy === 'noeviction' ? null : policy,
  }
}
