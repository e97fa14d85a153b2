import type { Logger } from '@wsg/shared/logger.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { publishSession, type SessionPublication } from '@wsg/shared/redis/session/publish-session.ts'
import { type Fence, FenceClosed } from '../lease/fence.ts'
import { whileOwner } from '../lease/while-owner.ts'

export interface SessionPublisherOptions {
  redis: RedisClient
  sessionId: string
  token: LeaseToken
  fence: Fence
  logger: Logger
}

export type Publication = Omit<SessionPublication, 'sessionId' | 'token' | 'number'>

/**
 * The only writer of a session's observed state. Publications go out in the order in which they were made, each
 * fenced by the lease's token and repeated until Redis answered; what Redis heard twice counts once.
 */
export class SessionPublisher {
  readonly #options: SessionPublisherOptions
  #last: Promise<void> = Promise.resolve()
  /** All that was said during this ownership, as it holds now. */
  #word: Publication | null = null
  #count = 0

  constructor(options: SessionPublisherOptions) {
    this.#options = options
  }

  /**
   * Resolves when it is written.
   * @throws FenceClosed where the lease is not ours any more, or cannot be counted on
   */
  publish(publication: Publication): Promise<void> {
    const { status, reason, fields = {} } = publication
    this.#word =
      publication.release === true ? null : { status, reason, fields: { ...this.#word?.fields, ...fields } }
    const published = this.#last.then(() => this.#write(publication))
    this.#last = published.catch(() => {})
    return published
  }

  /** Says again what holds: a failover of Redis may have undone what was said last. */
  async repeat(): Promise<void> {
    if (this.#word !== null) await this.publish(this.#word)
  }

  async #write(publication: Publication): Promise<void> {
    const { redis, sessionId, token, fence, logger } = this.#options
    const number = ++this.#count
    let repeated = false
    const answer = await whileOwner(fence, logger, (again) => {
      repeated = again
      return publishSession(redis, { sessionId, token, number, ...publication })
    })
    // A first try that was carried out without our hearing of it has let the lease go already.
    if (answer === 'fenced' && !(repeated && publication.release === true)) {
      throw new FenceClosed('the lease belongs to somebody else')
    }
  }
}
