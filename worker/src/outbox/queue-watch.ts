import type { QueueSettings } from '@wsg/shared/redis/session/queue-settings.ts'

/** How old what is known may be while something is to be sent. */
const EVERY_MS = 1_000

export interface QueueWatchParts {
  look(): Promise<QueueSettings>
  onOrders(orders: QueueSettings): void
  /** Called every second, before a look. @returns whether to look: not where nothing waits */
  tick(): boolean
  onFailed(error: unknown): void
}

/**
 * Knows what the owner was told about its queue, at most a second late: a pause, the pacing, urgent messages. It asks
 * once a second while there is something to send, at once on a hint, and not at all while there is nothing.
 */
export class QueueWatch {
  readonly #parts: QueueWatchParts
  readonly #timer: NodeJS.Timeout
  #askedAt = Number.NEGATIVE_INFINITY
  #asking: Promise<void> = Promise.resolve()
  #next: Promise<void> | null = null
  #stopped = false

  constructor(parts: QueueWatchParts) {
    this.#parts = parts
    this.#timer = setInterval(() => {
      if (parts.tick()) void this.fresh()
    }, EVERY_MS)
  }

  /** Resolves when what is known is not older than a second. */
  async fresh(): Promise<void> {
    if (performance.now() - this.#askedAt < EVERY_MS) await this.#asking
    else await this.now()
  }

  /** Resolves when what is known is not older than this call. */
  async now(): Promise<void> {
    this.#next ??= this.#asking.then(() => {
      this.#next = null
      this.#asking = this.#ask()
      return this.#asking
    })
    await this.#next
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
  }

  async #ask(): Promise<void> {
    if (this.#stopped) return
    this.#askedAt = performance.now()
    try {
      const orders = await this.#parts.look()
      if (!this.#stopped) this.#parts.onOrders(orders)
    } catch (error) {
      this.#parts.onFailed(error)
    }
  }
}
