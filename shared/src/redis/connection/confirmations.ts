import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RedisClient } from './redis-client.ts'
import { commandsOf } from './redis-commands.ts'

/**
 * How long a `WAIT` goes on at most. It holds up every other command of its connection, so it is far below what a
 * caller waits, and far above what a replica in good health takes.
 */
const CONFIRM_WITHIN_MS = 500

/**
 * A write was carried out by the primary, but not confirmed by enough replicas: a failover may undo it. Who gets this
 * must take the write back, or repeat it until it is confirmed.
 */
export class NotReplicated extends Error {
  override readonly name = 'NotReplicated'
}

/** The connection on which a write is made; see `Confirmations.mark`. */
export type Mark = number & { readonly __brand: 'mark' }

/**
 * Confirms that writes of one connection are on enough replicas to survive a failover. One `WAIT` at a time covers all
 * that came before it, and whoever comes later joins the next one.
 */
export class Confirmations {
  readonly redis: RedisClient
  readonly #minReplicas: number
  /** Counts the connections that were made: another one may lead to another primary, which knows nothing of the write. */
  #connection = 0
  #asking: Promise<unknown> = Promise.resolve()
  #next: Promise<number> | null = null

  /** @param minReplicas with 0 nothing is asked for, and everything is confirmed */
  constructor(redis: RedisClient, minReplicas: number) {
    this.redis = redis
    this.#minReplicas = minReplicas
    redis.on('close', () => {
      this.#connection += 1
    })
  }

  /** False where nothing needs to be asked for, or waited for. */
  get isOn(): boolean {
    return this.#minReplicas > 0
  }

  /** To be taken in the turn in which the write is given to `redis`. */
  mark(): Mark {
    return this.#connection as Mark
  }

  /**
   * Resolves when all that was answered on the connection of `mark` is on enough replicas: what it wrote, and what it
   * found written by others.
   * @throws NotReplicated within about a second
   */
  async confirm(mark: Mark): Promise<void> {
    if (!this.isOn) return
    if (this.#next === null) {
      this.#next = this.#ask(this.#asking)
      this.#asking = this.#next.catch(() => {})
    }
    const replicas = await this.#next.catch((error: unknown) => {
      throw new NotReplicated('replicas could not be asked', { cause: error })
    })
    if (mark !== this.#connection) throw new NotReplicated('the connection was lost after a write')
    if (replicas < this.#minReplicas) throw new NotReplicated(`confirmed by ${replicas} replicas only`)
  }

  async #ask(earlier: Promise<unknown>): Promise<number> {
    await earlier
    // Answers that Redis held back meanwhile arrive in one turn: who hears of its write in it may still join.
    await nextTurn()
    this.#next = null
    return await commandsOf(this.redis).wait(this.#minReplicas, CONFIRM_WITHIN_MS)
  }
}
