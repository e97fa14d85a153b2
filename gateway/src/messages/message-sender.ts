import { isSettled } from '@wsg/shared/messages/message-lifecycle.ts'
import { type MessageRecord, readNews } from '@wsg/shared/messages/message-record.ts'
import type { StoredRequest } from '@wsg/shared/messages/send-request.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readMessage } from '@wsg/shared/redis/message/read-message.ts'
import { Problem } from '../http/problem.ts'
import type { ReplyWaiters } from '../reply-waiters.ts'
import type { IdempotencyClaim } from './idempotency.ts'
import type { MessageAcceptor } from './message-acceptor.ts'
import { isScheduled } from './new-message.ts'

export interface Sending {
  sessionId: string
  body: StoredRequest
  idempotency: IdempotencyClaim | null
  requestId: string
  traceparent?: string | undefined
  /** What to wait for: nothing, the server's ack, or the recipient's. */
  until: 'none' | 'server' | 'delivered'
}

interface MessageSenderParts {
  gatewayId: string
  waitMs: number
  acceptor: MessageAcceptor
  waiters: ReplyWaiters
  redis: RedisClient
}

/** Accepts a message and waits for its outcome: what `POST /send` does. */
export class MessageSender {
  readonly #parts: MessageSenderParts

  constructor(parts: MessageSenderParts) {
    this.#parts = parts
  }

  /**
   * @returns the record as it is when the outcome is known or the time is over. Nobody waits for a scheduled message
   * @throws Problem where it was not accepted
   */
  async send(sending: Sending): Promise<{ record: MessageRecord; replayed: boolean }> {
    const { acceptor, gatewayId } = this.#parts
    const { sessionId, until } = sending
    const taken = await acceptor.accept({
      ...sending,
      ...(until !== 'none' && { waiter: gatewayId }),
      ...(until === 'delivered' && { waitsFor: until }),
    })
    if (!taken.isNew) return { record: await this.#replay(sessionId, taken.messageId), replayed: true }
    const { record } = taken
    if (until === 'none' || isScheduled(record)) return { record, replayed: false }
    return { record: await this.#settled(record, until), replayed: false }
  }

  async #replay(sessionId: string, messageId: string): Promise<MessageRecord> {
    const record = await readMessage(this.#parts.redis, sessionId, messageId)
    if (record === null)
      throw new Problem('message_not_found', {
        sentence: `The message of this Idempotency-Key was accepted as ${messageId}, and is not sent again. What became of it is not kept any more.`,
        members: { id: messageId, sessionId },
      })
    return record
  }

  /**
   * Waits for the outcome of an accepted message.
   * @returns the record as it was last seen: settled, unless the time was over
   */
  async #settled(accepted: MessageRecord, until: 'server' | 'delivered'): Promise<MessageRecord> {
    const { redis, waiters, waitMs } = this.#parts
    const { sessionId, id } = accepted
    let latest = accepted
    let isFirstLook = true
    const decided = async (told: string | null): Promise<true | null> => {
      // Right after acceptance the worker cannot have sent it yet: this look would be in vain.
      if (isFirstLook) {
        isFirstLook = false
        return null
      }
      const news = told === null ? null : readNews(told)
      latest = news === null ? ((await readMessage(redis, sessionId, id)) ?? latest) : { ...latest, ...news }
      const enough = until === 'delivered' ? latest.state !== 'sent' : true
      return isSettled(latest.state) && enough ? true : null
    }
    await waiters.wait(id, decided, waitMs)
    return latest
  }
}
