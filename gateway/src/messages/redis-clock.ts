import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'

/**
 * How long an answer of Redis tells the time. A Redis that was silent for longer may hang. Then a read goes first, since a
 * lost answer to an acceptance would leave open whether the message was accepted.
 */
const KNOWN_FOR_MS = 1_000

/** Redis' time, reckoned from its latest answer. It may be behind by the time that answer took, and is never ahead. */
export class RedisClock {
  #latest: { nowMs: number; readAt: number } | null = null

  constructor(redis: RedisClient) {
    // The next connection may lead to another Redis.
    redis.on('close', () => this.forget())
  }

  forget(): void {
    this.#latest = null
  }

  /** @param nowMs Redis' time in an answer that has just come */
  note(nowMs: number): void {
    this.#latest = { nowMs, readAt: performance.now() }
  }

  /** @returns epoch ms, null where it is not known */
  now(): number | null {
    if (this.#latest === null) return null
    const agoMs = performance.now() - this.#latest.readAt
    return agoMs > KNOWN_FOR_MS ? null : Math.floor(this.#latest.nowMs + agoMs)
  }
}
