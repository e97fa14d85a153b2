import type { Redis } from 'ioredis'

/**
 * A Redis that gave no answer for longer may hang, or its clock may have been set. It is asked something first then
 * whose answer may be lost: of a message nobody would know whether it was accepted.
 */
const KNOWN_FOR_MS = 1_000

/**
 * What Redis' clock says, told from its latest answer instead of by asking. It is never ahead of Redis, and behind by
 * what that answer took to be read.
 */
export class RedisClock {
  #latest: { nowMs: number; readAt: number } | null = null

  constructor(redis: Redis) {
    // Another connection may lead to another Redis.
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
