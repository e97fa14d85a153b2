import { type Confirmations, NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import {
  type AcceptAnswer,
  type Acceptance,
  acceptMessage,
  heardAnswers,
  loadAcceptance,
} from '@wsg/shared/redis/message/accept-message.ts'
import type { Redis } from 'ioredis'
import { isUnanswered, wasNeverSent } from '../http/redis-fault.ts'

/** Redis gave no answer to an acceptance, or did not confirm it: whether the record is there, and stays, is not known. */
export class AcceptanceUncertain extends Error {
  override readonly name = 'AcceptanceUncertain'
}

/**
 * The send queues, as gateways see them: a message that is accepted is in one. One that came without an Idempotency-Key is
 * not handed over before Redis' answer was heard here, because it is taken back where that is lost.
 */
export class MessageQueue {
  readonly #redis: Redis
  readonly #acceptances: Confirmations
  #heard: { sessionId: string; id: string }[] = []
  #saying: Promise<unknown> = Promise.resolve()

  /** @param acceptances the connection on which messages are accepted */
  constructor(redis: Redis, acceptances: Confirmations) {
    this.#redis = redis
    this.#acceptances = acceptances
    redis.on('ready', () => this.#say())
  }

  /** To be called in the turn in which many are accepted, so that Redis takes them in the order of the calls. */
  prepare(): void {
    loadAcceptance(this.#acceptances.redis).catch(() => {})
  }

  /**
   * Once this resolves with `accepted` the message is safe and, if it is due, in its session's send queue.
   * @throws AcceptanceUncertain where the answer of Redis was lost, or too few replicas confirmed it
   */
  async accept(acceptance: Acceptance): Promise<AcceptAnswer> {
    const { redis } = this.#acceptances
    // Known to be away: nothing is sent, so that nothing is uncertain.
    if (redis.status !== 'ready') throw new Error('Connection is closed.')
    const mark = this.#acceptances.mark()
    try {
      const answer = await acceptMessage(redis, acceptance)
      if (answer.outcome !== 'accepted') return answer
      await this.#acceptances.confirm(mark)
      if (acceptance.idempotency === null) this.#hear(acceptance.record)
      return answer
    } catch (error) {
      if (isUnanswered(error) && !wasNeverSent(error))
        throw new AcceptanceUncertain('an acceptance was not confirmed', { cause: error })
      throw error
    }
  }

  /**
   * To be awaited before a message that was accepted earlier is said to be: its record is there and stays.
   * @throws NotReplicated
   */
  async confirmAccepted(sessionId: string, messageId: string): Promise<void> {
    if (!this.#acceptances.isOn) return
    const mark = this.#acceptances.mark()
    const isThere = await this.#acceptances.redis.exists(keys.message(sessionId, messageId))
    // Another connection, from which the caller has it, may have led to another primary.
    if (isThere === 0) throw new NotReplicated('a message is not on the primary')
    await this.#acceptances.confirm(mark)
  }

  /** Says what is still to be said. */
  async close(): Promise<void> {
    this.#say()
    await this.#saying
  }

  #hear({ sessionId, id }: { sessionId: string; id: string }): void {
    // Before the next answer is read, with one command for all that came in this turn.
    if (this.#heard.length === 0) process.nextTick(() => this.#say())
    this.#heard.push({ sessionId, id })
  }

  /** What cannot be said, because Redis went away, is said when it is back; if not in time, the reconciler lets go of it. */
  #say(): void {
    const heard = this.#heard
    if (heard.length === 0 || this.#redis.status !== 'ready') return
    this.#heard = []
    this.#saying = heardAnswers(this.#redis, heard).catch(() => this.#heard.unshift(...heard))
  }
}
