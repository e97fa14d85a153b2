import type { Logger } from '@wsg/shared/logger.ts'
import {
  type AcceptAnswer,
  type Acceptance,
  acceptMessage,
  loadAcceptance,
} from '@wsg/shared/redis/accept-message.ts'
import { type Confirmations, NotReplicated } from '@wsg/shared/redis/confirmations.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { isUnanswered, wasNeverSent } from '../http/redis-fault.ts'
import { OwedJobs } from './owed-jobs.ts'
import type { Queues } from './queues.ts'
import type { Replies } from './replies.ts'

/** Noted in one stroke for many messages: it is one write to disk less for each. Far below the sweep's patience. */
const NOTED_EVERY_MS = 50

/** Redis gave no answer to an acceptance, or did not confirm it: whether the record is there, and stays, is not known. */
export class AcceptanceUncertain extends Error {
  override readonly name = 'AcceptanceUncertain'
}

/** Accepts messages: the record first, which is the truth, then the job that carries its id. */
export class MessageQueue {
  readonly #redis: Redis
  readonly #acceptances: Confirmations
  readonly #replies: Replies
  readonly #owed: OwedJobs
  /** Messages whose job is there while Redis still holds them as without one. */
  readonly #added: string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(parts: {
    redis: Redis
    /** The connection on which messages are accepted. */
    acceptances: Confirmations
    queues: Queues
    replies: Replies
    log: Logger
  }) {
    const { queues, log } = parts
    this.#redis = parts.redis
    this.#acceptances = parts.acceptances
    this.#replies = parts.replies
    this.#owed = new OwedJobs({ queues, log, onAdded: (sessionId, ids) => this.#noteSoon(sessionId, ids) })
  }

  /** To be called in the turn in which many are accepted, so that Redis takes them in the order of the calls. */
  prepare(): void {
    loadAcceptance(this.#acceptances.redis).catch(() => {})
  }

  /**
   * Once this resolves with `accepted` the message is safe, and its job is on the way, if it is due.
   * @param addsJob false where the caller adds the jobs of many himself, in their order
   * @throws AcceptanceUncertain where the answer of Redis was lost, or too few replicas confirmed it
   */
  async accept(acceptance: Acceptance, addsJob = true): Promise<AcceptAnswer> {
    const { sessionId, id } = acceptance.record
    const { redis } = this.#acceptances
    // Known to be away: nothing is sent, so that nothing is uncertain.
    if (redis.status !== 'ready') throw new Error('Connection is closed.')
    const mark = this.#acceptances.mark()
    try {
      const answer = await acceptMessage(redis, acceptance)
      if (answer.outcome !== 'accepted') return answer
      await this.#acceptances.confirm(mark)
      if (answer.sequence > 0 && addsJob) this.addJob(sessionId, id)
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

  /** Adds the job of a message whose record exists, behind those of its session that are not in yet. */
  addJob(sessionId: string, messageId: string): void {
    this.#owed.add(sessionId, messageId)
  }

  /**
   * Waits until the job of an accepted message is in. To be awaited before its caller is answered: what the caller
   * sends next, by another gateway, could enter the queue first.
   */
  async untilJobAdded(sessionId: string, messageId: string, timeoutMs: number): Promise<void> {
    const isAdded = async () => (this.#owed.has(sessionId, messageId) ? null : true)
    await this.#replies.wait(addedKey(messageId), isAdded, timeoutMs)
  }

  /** Adds and notes what is still to be added and noted. */
  async close(): Promise<void> {
    await this.#owed.close()
    clearTimeout(this.#timer)
    await this.#note()
  }

  #noteSoon(sessionId: string, messageIds: readonly string[]): void {
    for (const id of messageIds) {
      this.#added.push(`${sessionId}/${id}`)
      this.#replies.wake(addedKey(id))
    }
    this.#timer ??= setTimeout(() => void this.#note(), NOTED_EVERY_MS)
  }

  /** What is not noted, because Redis went away, the sweep finds and adds in vain. */
  async #note(): Promise<void> {
    this.#timer = undefined
    const added = this.#added.splice(0)
    if (added.length > 0) await this.#redis.zrem(keys.withoutJob, ...added).catch(() => {})
  }
}

/** What waits for a job's addition waits under its own name: it has nothing to read when the outcome is there. */
function addedKey(messageId: string): string {
  return `added:${messageId}`
}
