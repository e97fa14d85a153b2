import { randomBytes } from 'node:crypto'
import type { Logger } from '@wsg/shared/logger.ts'
import { isSettled } from '@wsg/shared/message-lifecycle.ts'
import type { MessageRecord, NewMessageRecord } from '@wsg/shared/message-record.ts'
import { recipientKey } from '@wsg/shared/recipient.ts'
import { EXPIRES_AFTER_MS } from '@wsg/shared/redis/accept-message.ts'
import { type SendRequest, toTextMessage } from '@wsg/shared/send-request.ts'
import type { SessionDirectory } from '../directory/session-directory.ts'
import { Problem } from '../http/problem.ts'
import { isRedisAway } from '../http/redis-fault.ts'
import { AcceptanceUncertain, type MessageQueue } from '../jobs/message-queue.ts'
import type { Replies } from '../jobs/replies.ts'
import { notReady } from '../sessions/not-ready.ts'
import type { SessionWishes } from '../sessions/session-wishes.ts'
import type { IdempotencyClaim } from './idempotency.ts'
import { judgeSend } from './judge-send.ts'
import type { RedisRoom } from './redis-room.ts'
import type { Withdrawals } from './withdrawals.ts'

/** What an answer waits for the job at least, however short the wait for the outcome is. */
const JOB_WITHIN_MS = 2_000
/** Longer than the time-out of one command, so that only what was given up is refused as too late. */
const ACCEPT_WITHIN_MS = 2_000

export interface Sending {
  sessionId: string
  body: SendRequest
  idempotency: IdempotencyClaim | null
  requestId: string
  /** What to wait for: nothing, the server's ack, or the recipient's. */
  until: 'none' | 'server' | 'delivered'
}

export interface MessageSenderParts {
  gatewayId: string
  maxQueued: number
  waitMs: number
  /** How long a record is kept after its final state. */
  retentionMs: number
  messages: MessageQueue
  replies: Replies
  wishes: SessionWishes
  directory: SessionDirectory
  room: RedisRoom
  withdrawals: Withdrawals
  log: Logger
}

/** Accepts a message and waits for what becomes of it: the use case behind `POST /send`. */
export class MessageSender {
  readonly #parts: MessageSenderParts

  constructor(parts: MessageSenderParts) {
    this.#parts = parts
  }

  /**
   * @returns the message's record as far as it came within the time
   * @throws Problem where it was not accepted
   */
  async send(sending: Sending): Promise<{ record: MessageRecord; replayed: boolean }> {
    const { directory, room, wishes } = this.#parts
    const { sessionId, idempotency } = sending
    const [snapshot, known, hasRoom] = await Promise.all([
      directory.snapshot(sessionId),
      idempotency === null ? null : directory.claimed(sessionId, idempotency.keyHash),
      room.hasRoom(),
    ])
    // A repeated request is answered from its record even where the session takes nothing new at the moment.
    if (known !== null)
      return await this.#replay(sessionId, known.messageId, known.fingerprint === idempotency?.fingerprint)
    const verdict = judgeSend(sessionId, snapshot)
    if (!hasRoom) throw new Problem('redis_full')
    if (verdict === 'restore') await wishes.want(sessionId, 'restore')
    return await this.#accept(sending, snapshot.nowMs)
  }

  async #accept(sending: Sending, nowMs: number): Promise<{ record: MessageRecord; replayed: boolean }> {
    const { messages, maxQueued, retentionMs, log } = this.#parts
    const { sessionId, idempotency, requestId } = sending
    const record = newRecord(sending, this.#parts.gatewayId)
    const notAfter = nowMs + ACCEPT_WITHIN_MS
    const answer = await messages
      .accept({ record, idempotency, maxQueued, retentionMs, isJudged: true, notAfter })
      .catch((error: unknown) => {
        if (error instanceof AcceptanceUncertain) throw this.#uncertain(record, idempotency !== null)
        throw error
      })
    switch (answer.outcome) {
      case 'accepted':
        log.info({ sessionId, messageId: record.id, requestId }, 'message accepted')
        return { record: await this.#outcome(sending, acceptedRecord(record, answer)), replayed: false }
      case 'replayed':
      case 'reused':
        return await this.#replay(sessionId, answer.messageId, answer.outcome === 'replayed')
      case 'queue_full':
        throw new Problem('queue_full', { members: { sessionId } })
      case 'deleting':
        throw notReady(sessionId, 'stopped', 'deleting')
      case 'not_judged':
      case 'late':
        throw new Problem('redis_unavailable')
    }
  }

  async #replay(
    sessionId: string,
    messageId: string,
    sameBody: boolean,
  ): Promise<{ record: MessageRecord; replayed: boolean }> {
    const { directory, messages } = this.#parts
    if (!sameBody) throw new Problem('idempotency_key_reused')
    const record = await directory.message(sessionId, messageId)
    if (record === null) throw new Problem('message_not_found', { members: { id: messageId, sessionId } })
    if (record.state === 'queued') {
      messages.addJob(sessionId, messageId)
      await messages.untilJobAdded(sessionId, messageId, JOB_WITHIN_MS)
    }
    return { record, replayed: true }
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

  /**
   * What is said of a message of which nobody knows whether it was accepted. With an Idempotency-Key a repetition finds
   * it or accepts it; without one it is taken back, since a repetition would be a second message.
   */
  #uncertain({ sessionId, id }: NewMessageRecord, hasKey: boolean): Problem {
    if (!hasKey) this.#parts.withdrawals.add(sessionId, id)
    const remedy = hasKey
      ? 'Repeat the request with the same Idempotency-Key: it is sent once'
      : 'It is being withdrawn'
    return new Problem('redis_unavailable', {
      sentence: `Redis went away while the message was being accepted. ${remedy}; GET /messages/${id} tells what became of it.`,
      retryable: hasKey,
      members: { id, sessionId },
    })
  }
}

function newRecord({ sessionId, body, requestId }: Sending, waiter: string): NewMessageRecord {
  return {
    id: `3EB0${randomBytes(9).toString('hex').toUpperCase()}`,
    sessionId,
    to: body.to,
    recipient: recipientKey(body.to),
    content: toTextMessage(body.message),
    ...(body.replyTo !== undefined && { replyTo: body.replyTo }),
    ...(body.reference !== undefined && { reference: body.reference }),
    requestId,
    waiter,
  }
}

/** The record as acceptance wrote it, without reading it back. */
function acceptedRecord(
  record: NewMessageRecord,
  { sequence, nowMs }: { sequence: number; nowMs: number },
): MessageRecord {
  const dueAt = Math.max(record.sendAt ?? nowMs, nowMs)
  return { expiresAt: dueAt + EXPIRES_AFTER_MS, ...record, state: 'queued', sequence, acceptedAt: nowMs }
}
