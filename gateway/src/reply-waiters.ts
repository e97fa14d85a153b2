import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { subscribe } from '@wsg/shared/redis/connection/subscribe.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import { isRedisAway } from './http/redis-fault.ts'

/** Pub/sub keeps nothing, so a wake can be lost: whoever waits also looks by itself. */
const LOOK_EVERY_MS = 2_000

/**
 * The requests of this gateway that wait for something in Redis: a reply, or the outcome of a message. One pub/sub
 * connection wakes them, and may tell what happened.
 */
export class ReplyWaiters {
  readonly #waiters = new Map<string, Set<Waiter>>()
  #released = false

  /** @param subscriber a connection of its own */
  constructor(subscriber: RedisClient, gatewayId: string) {
    subscribe(subscriber, keys.wake(gatewayId), {
      onMessage: (text) => {
        const [key = '', told] = text.split(/ (.*)/s, 2)
        this.wake(key, told)
      },
    })
  }

  /**
   * Looks at once, whenever `key` is woken, every `lookEveryMs` (2 s) and at the end, until `look` finds something. While
   * Redis is away nothing is found; it may be back before the time is over.
   * @param look gets what came with the wake, null where nothing did
   * @returns what was found, null after `timeoutMs` or when the gateway shuts down
   * @throws what else `look` throws
   */
  async wait<T>(
    key: string,
    look: (told: string | null) => Promise<T | null>,
    timeoutMs: number,
    lookEveryMs: number = LOOK_EVERY_MS,
  ): Promise<T | null> {
    const deadline = performance.now() + timeoutMs
    const waiter = new Waiter()
    this.#register(key, waiter)
    try {
      for (;;) {
        const { told, woken, wake } = waiter.next()
        const found = await look(told).catch(nothingWhileAway)
        if (found !== null) return found
        const leftMs = deadline - performance.now()
        if (leftMs <= 0 || this.#released) return null
        const timer = setTimeout(wake, Math.min(leftMs, lookEveryMs))
        await woken
        clearTimeout(timer)
      }
    } finally {
      this.#unregister(key, waiter)
    }
  }

  /** Lets whoever waits for `key` look again at once. */
  wake(key: string, told: string | null = null): void {
    for (const waiter of this.#waiters.get(key) ?? []) waiter.wake(told)
  }

  /** Ends every wait with one last look: for the shutdown. */
  release(): void {
    this.#released = true
    for (const key of this.#waiters.keys()) this.wake(key)
  }

  #register(key: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(key) ?? new Set()
    this.#waiters.set(key, waiters.add(waiter))
  }

  #unregister(key: string, waiter: Waiter): void {
    const waiters = this.#waiters.get(key)
    waiters?.delete(waiter)
    if (waiters?.size === 0) this.#waiters.delete(key)
  }
}

function nothingWhileAway(error: unknown): null {
  if (isRedisAway(error)) return null
  throw error
}

class Waiter {
  #told: string | null = null
  #resolve: () => void = () => {}

  wake(told: string | null): void {
    this.#told = told
    this.#resolve()
  }

  /** @returns what came with the latest wake so far, and a promise of the first one from now on, which `wake` resolves */
  next(): { told: string | null; woken: Promise<void>; wake: () => void } {
    const told = this.#told
    this.#told = null
    const { promise: woken, resolve } = Promise.withResolvers<void>()
    this.#resolve = resolve
    return { told, woken, wake: resolve }
  }
}
