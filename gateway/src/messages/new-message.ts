import { randomUUID } from 'node:crypto'
import type { MessageRecord, NewMessageRecord } from '@wsg/shared/messages/message-record.ts'
import { recipientKey } from '@wsg/shared/messages/recipient.ts'
import type { StoredRequest } from '@wsg/shared/messages/send-request.ts'
import { EXPIRES_AFTER_MS } from '@wsg/shared/redis/message/accept-message.ts'
import type { IdempotencyClaim } from './idempotency.ts'

/** A message that a caller wants to be sent. */
export interface NewMessage {
  sessionId: string
  body: StoredRequest
  idempotency: IdempotencyClaim | null
  requestId: string
  traceparent?: string | undefined
  /** The gateway that waits for the outcome; absent where nobody does. */
  waiter?: string
  /** Where it waits for more than the server's ack. */
  waitsFor?: 'delivered'
  batch?: { id: string; line: number }
}

/** True where it expired before it was accepted. @param nowMs Redis' time */
export function isOver({ body }: NewMessage, nowMs: number): boolean {
  return body.expiresAt !== undefined && Date.parse(body.expiresAt) <= nowMs
}

/** Makes the record of a new message, under a random id. */
export function toNewRecord(message: NewMessage): NewMessageRecord {
  const { sessionId, body, requestId, traceparent, waiter, waitsFor, batch } = message
  return {
    id: newMessageId(),
    sessionId,
    to: body.to,
    recipient: recipientKey(body.to),
    content: body.message,
    ...(body.converted && { converted: body.converted }),
    ...(body.replyTo !== undefined && { replyTo: body.replyTo }),
    ...(body.reference !== undefined && { reference: body.reference }),
    ...(body.sendAt !== undefined && { sendAt: Date.parse(body.sendAt) }),
    ...(body.expiresAt !== undefined && { expiresAt: Date.parse(body.expiresAt) }),
    ...(body.priority === 'urgent' && { urgent: '1' as const }),
    ...(batch !== undefined && { batch: batch.id, line: batch.line }),
    ...(waiter !== undefined && { waiter }),
    ...(waitsFor !== undefined && { waitsFor }),
    requestId,
    ...(traceparent !== undefined && { traceparent }),
  }
}

/**
 * An id as WhatsApp Web makes them. It is made here and given to WhatsApp, so that it is known before anything is handed over:
 * acks, recovery and a resend find the message by it. Takes the random digits of a UUID: Node makes many of those from one
 * call to the random source.
 */
function newMessageId(): string {
  const hex = randomUUID().replaceAll('-', '').toUpperCase()
  return `3EB0${hex.slice(0, 12)}${hex.slice(20, 26)}`
}

/** The record as the acceptance script wrote it. */
export function toAcceptedRecord(
  record: NewMessageRecord,
  { sequence, nowMs }: { sequence: number; nowMs: number },
): MessageRecord {
  const dueAt = Math.max(record.sendAt ?? nowMs, nowMs)
  return { expiresAt: dueAt + EXPIRES_AFTER_MS, ...record, state: 'queued', sequence, acceptedAt: nowMs }
}

/** True while a message is not due yet: it waits and has no place in the send queue. */
export function isScheduled({ state, sequence }: Pick<MessageRecord, 'state' | 'sequence'>): boolean {
  return state === 'queued' && sequence === 0
}
