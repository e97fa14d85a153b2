import type { Logger } from '@wsg/shared/logger.ts'
import { isSettled } from '@wsg/shared/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/message-record.ts'
import type { SendRequest } from '@wsg/shared/send-request.ts'
import type { SessionDirectory } from '../directory/session-directory.ts'
import { Problem } from '../http/problem.ts'
import { isRedisAway } from '../http/redis-fault.ts'
import type { ControlQueue } from '../jobs/control-queue.ts'
import type { MessageQueue } from '../jobs/message-queue.ts'
import type { Replies } from '../jobs/replies.ts'
import type { IdempotencyClaim } from './idempotency.ts'
import type { MessageAcceptor } from './message-acceptor.ts'
import { isScheduled } from './message-order.ts'

/** What an answer waits for the job at least, however short the wait for the outcome is. */
const JOB_WITHIN_MS = 2_000

export interface Sending {
  sessionId: string
  body: SendRequest
  idempotency: IdempotencyClaim | null
  requestId: string
  /** What to wait for: nothing, the server's ack, or the recipient's. */
  until: 'none' | 'server' | 'delivered'
}

interface MessageSenderParts {
  gatewayId: string
  waitMs: number
  acceptor: MessageAcceptor
  messages: MessageQueue
  control: ControlQueue
  replies: Replies
  directory: SessionDirectory
  log: Logger
}

/** Accepts a message and waits for what becomes of it: the use case behind `POST /send`. */
export class MessageSender {
  readonly #parts: MessageSenderParts

  constructor(parts: MessageSenderParts) {
    this.#parts = parts
  }

  /**
   * @returns the message's record as far as it came within the time; one that is not due yet is not waited for
   * @throws Problem where it was not accepted
   */
  async send(sending: Sending): Promise<{ record: MessageRecord; replayed: boolean }> {
    const { acceptor, control, gatewayId, log } = this.#parts
    const { sessionId, requestId, until } = sending
    const taken = await acceptor.accept(until === 'none' ? sending : { ...sending, waiter: gatewayId })
    if (!taken.isNew) return { record: await this.#replay(sessionId, taken.messageId), replayed: true }
    const { record } = taken
    log.info({ sessionId, messageId: record.id, requestId }, 'message accepted')
    if (isScheduled(record)) return { record, replayed: false }
    if (record.urgent === '1') control.hintQueue(sessionId, requestId)
    return { record: await this.#outcome(sending, record), replayed: false }
  }

  async #replay(sessionId: string, messageId: string): Promise<MessageRecord> {
    const { directory, messages } = this.#parts
    const record = await directory.message(sessionId, messageId)
    if (record === null) throw new Problem('message_not_found', { members: { id: messageId, sessionId } })
    if (record.state === 'queued' && !isScheduled(record)) {
      messages.addJob(sessionId, messageId)
      await messages.untilJobAdded(sessionId, messageId, JOB_WITHIN_MS)
    }
    return record
  }

  /** Waits for the outcome, where that is wanted, and for the job. Whatever goes wrong meanwhile, it is accepted. */
  async #outcome({ sessionId, until }: Sending, accepted: MessageRecord): Promise<MessageRecord> {
    const { messages, waitMs } = this.#parts
    const end = performance.now() + waitMs
    const record = until === 'none' ? accepted : await this.#settled(accepted, until)
    const leftMs = Math.max(end - performance.now(), JOB_WITHIN_MS)
    await messages.untilJobAdded(sessionId, accepted.id, leftMs)
    return record
  }

  /** @returns the record as it was last seen: settled, unless the time was over or Redis went away */
  async #settled(accepted: MessageRecord, until: 'server' | 'delivered'): Promise<MessageRecord> {
    const { directory, replies, waitMs } = this.#parts
    const { sessionId, id } = accepted
    let latest = accepted
    let isFirstLook = true
    const decided = async (): Promise<true | null> => {
      // Nothing can have become of it: its job is only on its way.
      if (isFirstLook) {
        isFirstLook = false
        return null
      }
      latest = (await directory.message(sessionId, id)) ?? latest
      const enough = until === 'delivered' ? latest.state !== 'sent' : true
      return isSettled(latest.state) && enough ? true : null
    }
    await replies.wait(id, decided, waitMs).catch((error: unknown) => {
      if (!isRedisAway(error)) throw error
    })
    return latest
  }
}
