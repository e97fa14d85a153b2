import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readLease } from '@wsg/shared/redis/session/lease.ts'
import type { PoolWorker } from './pool-worker.ts'

/** A worker that gives its session up lets the lease go first and says so next: that much is no lapse. */
const GRACE_MS = 2_000
/** A worker that lives fences itself before so little of its lease is left; one that has not cannot any more. */
const LEFT_SHARE = 0.2

/**
 * Finds workers that are there although they let their lease run out: a paused process cannot fence itself, and
 * its browser holds the profile against the next owner.
 */
export class LeaseWatch {
  readonly #redis: RedisClient
  readonly #leftMs: number
  readonly #missedSince = new Map<string, number>()

  constructor(redis: RedisClient, leaseTtlMs: number) {
    this.#redis = redis
    this.#leftMs = leaseTtlMs * LEFT_SHARE
  }

  /** @throws what ioredis throws while Redis is away, when nothing can be said */
  async lapsed(workers: Iterable<PoolWorker>): Promise<PoolWorker[]> {
    const found: PoolWorker[] = []
    const tokens = new Set<string>()
    for (const worker of workers) {
      if (worker.owned === null) continue
      const { sessionId, token } = worker.owned
      tokens.add(token)
      const lease = await readLease(this.#redis, sessionId)
      if (lease.token === token) {
        this.#missedSince.delete(token)
        if (lease.leftMs < this.#leftMs) found.push(worker)
      } else if (this.#isMissedForLong(token)) found.push(worker)
    }
    for (const token of this.#missedSince.keys()) {
      if (!tokens.has(token)) this.#missedSince.delete(token)
    }
    return found
  }

  #isMissedForLong(token: string): boolean {
    const now = performance.now()
    const since = this.#missedSince.get(token) ?? now
    this.#missedSince.set(token, since)
    return now - since >= GRACE_MS
  }
}
