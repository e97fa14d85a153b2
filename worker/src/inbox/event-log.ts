import type { Logger } from '@wsg/shared/logger.ts'
import type { Confirmations } from '@wsg/shared/redis/connection/confirmations.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  appendEvents,
  LOGGED_AT_ONCE,
  type NewEvent,
  type UnreadableMessage,
} from '@wsg/shared/redis/event/append-events.ts'
import { type Heard, markHeard, readHeard } from '@wsg/shared/redis/event/heard.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { type Fence, FenceClosed } from '../lease/fence.ts'
import { whileOwner } from '../lease/while-owner.ts'

export interface EventLogOptions {
  redis: RedisClient
  confirmations: Pick<Confirmations, 'mark' | 'confirm'>
  sessionId: string
  token: LeaseToken
  fence: Fence
  /** Whether Redis gets what somebody wrote. */
  withBodies: boolean
  logger: Logger
  /** Redis said that the lease is not ours any more. */
  onFenced(): void
}

/**
 * Writes the events of one session in the order in which they are added, until Redis has them, and its replicas where they
 * have to, or the lease is over. What comes while Redis writes is written together with the next command. While Redis is
 * full they wait here. Near the worker's memory limit, where it has one, the page is closed and tells no more (`session-memory.ts`).
 */
export class EventLog {
  readonly #options: EventLogOptions
  readonly #waiting: (NewEvent | UnreadableMessage)[] = []
  #writing: Promise<void> | null = null

  constructor(options: EventLogOptions) {
    this.#options = options
  }

  add(event: NewEvent | UnreadableMessage): void {
    this.#waiting.push(event)
    this.#writing ??= this.#write()
  }

  /**
   * What of the account's chats was heard before.
   * @param historyS so many seconds before it is first heard are told as well
   * @throws FenceClosed
   */
  async heard(account: string, historyS: number): Promise<Heard> {
    const { redis, sessionId, token, fence, logger } = this.#options
    const request = { sessionId, token, account, historyS }
    const heard = await whileOwner(fence, logger, () => readHeard(redis, request))
    if (heard !== 'fenced') return heard
    this.#options.onFenced()
    throw new FenceClosed('the lease belongs to somebody else')
  }

  /** Says until when the account was listened to, once all is written that was heard by then. */
  async markHeard(): Promise<void> {
    const { redis, sessionId, logger } = this.#options
    const until = Math.floor(Date.now() / 1_000)
    try {
      await this.#writing
      await markHeard(redis, sessionId, until)
    } catch (err) {
      logger.debug({ err }, 'it was not written until when the account was listened to; tried again')
    }
  }

  /** Resolves when all that was added is written, or cannot be. */
  async written(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    const { redis, confirmations, sessionId, token, fence, withBodies, logger, onFenced } = this.#options
    try {
      while (this.#waiting.length > 0) {
        // What the page told in one turn goes together.
        await Promise.resolve()
        const events = this.#waiting.slice(0, LOGGED_AT_ONCE)
        const logged = await whileOwner(fence, logger, async () => {
          const mark = confirmations.mark()
          const answer = await appendEvents(redis, { sessionId, token, withBodies, events })
          if (answer !== 'fenced') await confirmations.confirm(mark)
          return answer
        })
        if (logged === 'fenced') return onFenced()
        this.#waiting.splice(0, events.length)
      }
    } catch (err) {
      if (!(err instanceof FenceClosed)) throw err
      logger.warn({ events: this.#waiting.length }, 'the lease ended before these events were written')
    } finally {
      this.#writing = null
    }
  }
}
