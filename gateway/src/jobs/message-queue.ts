import type { Logger } from '@wsg/shared/logger.ts'
import { type AcceptAnswer, type Acceptance, acceptMessage } from '@wsg/shared/redis/accept-message.ts'
import { keys, queues } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'
import { isRedisAway } from '../http/redis-fault.ts'
import type { Queues } from './queues.ts'

/** Noted in one stroke for many messages: it is one write to disk less for each. Far below the sweep's patience. */
const NOTED_EVERY_MS = 50

/** Redis went away in the middle of an acceptance: whether the record was written is not known. */
export class AcceptanceUncertain extends Error {
  override readonly name = 'AcceptanceUncertain'
}

/** Accepts messages: the record first, which is the truth, then the job that carries its id. */
export class MessageQueue {
  readonly #redis: Redis
  readonly #queues: Queues
  readonly #log: Logger
  /** Messages whose job is there while Redis still holds them as without one. */
  readonly #added: string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(parts: { redis: Redis; queues: Queues; log: Logger }) {
    this.#redis = parts.redis
    this.#queues = parts.queues
    this.#log = parts.log
  }

  /**
   * Once this resolves with `accepted` the message is safe: should its job not be there, the sweep adds it.
   * @throws AcceptanceUncertain where the answer of Redis was lost
   */
  async accept(acceptance: Acceptance): Promise<AcceptAnswer> {
    const { sessionId, id } = acceptance.record
    // Known to be away: nothing is sent, so that nothing is uncertain.
    if (this.#redis.status !== 'ready') throw new Error('Connection is closed.')
    const answer = await acceptMessage(this.#redis, acceptance).catch((error: unknown) => {
      if (isRedisAway(error)) throw new AcceptanceUncertain('no answer to an acceptance', { cause: error })
      throw error
    })
    if (answer.outcome === 'accepted') {
      await this.addJob(sessionId, id).catch((error: unknown) => {
        this.#log.warn({ err: error, sessionId, messageId: id }, 'job not added; the sweep will')
      })
    }
    return answer
  }

  /** Adds the job of a message whose record exists. Adding it twice is adding it once, while it waits. */
  async addJob(sessionId: string, messageId: string): Promise<void> {
    await this.#queues.get(queues.send(sessionId)).add('send', {}, { jobId: messageId })
    this.#added.push(`${sessionId}/${messageId}`)
    this.#timer ??= setTimeout(() => void this.#note(), NOTED_EVERY_MS)
  }

  /** Notes what is still to be noted. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#note()
  }

  /** What is not noted, because Redis went away, the sweep finds and adds in vain. */
  async #note(): Promise<void> {
    this.#timer = undefined
    const added = this.#added.splice(0)
    if (added.length > 0) await this.#redis.zrem(keys.withoutJob, ...added).catch(() => {})
  }
}
