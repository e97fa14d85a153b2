import type { Logger } from '@wsg/shared/logger.ts'
import type { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { type LeaseToken, type Renewal, renewLease } from '@wsg/shared/redis/session/lease.ts'
import type { OwnedStatus } from '@wsg/shared/sessions/session-lifecycle.ts'
import { Fence } from './fence.ts'

const RENEW_SHARE = 0.3
const RETRY_SHARE = 0.1

export interface LeaseKeeperOptions {
  redis: RedisClient
  confirmations: Pick<Confirmations, 'mark' | 'confirm'>
  sessionId: string
  token: LeaseToken
  ttlMs: number
  fence: Fence
  logger: Logger
  /** What the owner says of the session at the moment: the renewal prolongs its place in that state's set. */
  status(): OwnedStatus
  /** It is wanted. Called at every renewal that says so. @param wishedAt its place in the desired set, epoch ms by Redis' clock */
  onWanted(wishedAt: number): void
  /** Nobody wants the session to run any more. Called at every renewal that says so. */
  onUnwanted(): void
  /** The session is to be logged out. Called at every renewal that says so. */
  onLoggingOut(): void
  /** The session is to be logged out and removed. Called at every renewal that says so. */
  onDeleting(): void
  /** The lease is gone, or cannot be counted on. Called once; the browser must die in the same turn. */
  onLost(why: 'lease_lost' | 'lease_unconfirmed'): void
}

/**
 * Renews a lease until it is told to stop, and watches the fence on the way: two timers, one that asks Redis every
 * 0.3 of the time to live, one that fires when the fence closes. After a pause of the process (SIGSTOP, a sleeping
 * machine, a blocked event loop) the second one is overdue and fires before the first can ask again.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions
  #renewal: NodeJS.Timeout | undefined
  #watch: NodeJS.Timeout | undefined
  #asking: Promise<void> | null = null
  #stopped = false

  constructor(options: LeaseKeeperOptions) {
    this.#options = options
  }

  start(): void {
    this.#watchFence()
    this.#renewAfter(this.#options.ttlMs * RENEW_SHARE)
  }

  /** Asks Redis at once. Resolves when it answered, or did not. */
  async checkNow(): Promise<void> {
    await this.#asking
    if (!this.#stopped) await this.#ask()
  }

  /** No renewal is asked for any more. The fence stays as it is and closes by itself. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#renewal)
    clearTimeout(this.#watch)
  }

  #watchFence(): void {
    const { fence } = this.#options
    this.#watch = setTimeout(
      () => {
        if (fence.isOpen()) this.#watchFence()
        else this.#lose('lease_unconfirmed')
      },
      Math.max(0, Math.ceil(fence.remainingMs())),
    )
  }

  #renewAfter(ms: number): void {
    clearTimeout(this.#renewal)
    this.#renewal = setTimeout(() => void this.#ask(), ms)
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #renew(): Promise<void> {
    const { redis, confirmations, sessionId, token, ttlMs, fence, logger, status } = this.#options
    if (!fence.isOpen()) {
      this.#lose('lease_unconfirmed')
      return
    }
    const askedAt = Fence.now()
    const mark = confirmations.mark()
    try {
      const answer = await renewLease(redis, { sessionId, token, ttlMs, status: status() })
      if (this.#stopped) return
      // First: whether it is still wanted does not wait for replicas.
      this.#react(answer)
      if (this.#stopped) return
      await confirmations.confirm(mark)
      if (this.#stopped) return
      fence.confirm(askedAt)
      this.#renewAfter(Math.max(0, ttlMs * RENEW_SHARE - (Fence.now().monotonic - askedAt.monotonic)))
    } catch (error) {
      if (this.#stopped) return
      logger.warn({ err: error }, 'the lease could not be renewed; trying again')
      this.#renewAfter(ttlMs * RETRY_SHARE)
    }
  }

  #react(answer: Renewal): void {
    if (typeof answer === 'object') this.#options.onWanted(answer.wishedAt)
    if (answer === 'unwanted') this.#options.onUnwanted()
    if (answer === 'logging_out') this.#options.onLoggingOut()
    if (answer === 'deleting') this.#options.onDeleting()
    if (answer === 'lost') this.#lose('lease_lost')
  }

  #lose(why: 'lease_lost' | 'lease_unconfirmed'): void {
    if (this.#stopped) return
    this.stop()
    this.#options.onLost(why)
  }
}
