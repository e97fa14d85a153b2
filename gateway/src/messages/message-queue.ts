import { type Confirmations, NotReplicated } from '@wsg/shared/redis/connection/confirmations.ts'
import {
  type AcceptAnswer,
  type Acceptance,
  acceptMessage,
  loadAcceptance,
} from '@wsg/shared/redis/message/accept-message.ts'
import { readClaim } from '@wsg/shared/redis/message/read-message.ts'
import { isUnanswered, wasNeverSent } from '../http/redis-fault.ts'

/** Redis gave no answer to an acceptance, or did not confirm it: whether the record is there, and stays, is not known. */
export class AcceptanceUncertain extends Error {
  override readonly name = 'AcceptanceUncertain'
}

/** The send queues, as gateways see them: a message that is accepted is in one. */
export class MessageQueue {
  readonly #acceptances: Confirmations

  /** @param acceptances the connection on which messages are accepted */
  constructor(acceptances: Confirmations) {
    this.#acceptances = acceptances
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
      return answer
    } catch (error) {
      if (isUnanswered(error) && !wasNeverSent(error))
        throw new AcceptanceUncertain('an acceptance was not confirmed', { cause: error })
      throw error
    }
  }

  /**
   * To be awaited before a message that was accepted earlier is said to be: the key that stands for it is there and stays.
   * @throws NotReplicated
   */
  async confirmClaim(sessionId: string, key: Parameters<typeof readClaim>[2]): Promise<void> {
    if (!this.#acceptances.isOn) return
    const mark = this.#acceptances.mark()
    const claim = await readClaim(this.#acceptances.redis, sessionId, key)
    // Another connection, which found it, may have led to another primary.
    if (claim === null) throw new NotReplicated('a key is not on the primary')
    await this.#acceptances.confirm(mark)
  }
}
