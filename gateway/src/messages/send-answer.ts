import { isErrorCode } from '@wsg/shared/errors.ts'
import { isSettled, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { z } from 'zod'
import { Problem } from '../http/problem.ts'
import { planAnswerFields, toPlanAnswer } from './plan-answer.ts'
import { toRecipientAnswer } from './recipient-answer.ts'

export const sendAnswerSchema = z.object({
  success: z.literal(true),
  id: z.string(),
  /** WhatsApp's own full id, null until it is known. */
  messageId: z.string().nullable(),
  sessionId: z.string(),
  to: z.object({ input: z.string(), chatId: z.string().nullable(), lid: z.string().optional() }),
  status: z.enum(messageStates),
  reference: z.string().optional(),
  ...planAnswerFields,
  /** Until when it may be sent, while it waits. */
  expiresAt: z.iso.datetime().optional(),
  timestamp: z.iso.datetime(),
})
export type SendAnswer = z.infer<typeof sendAnswerSchema>

/**
 * What `POST /send` answers for a message in its present state: 200 once WhatsApp's server has it, 202 before.
 * @throws Problem where it was not sent and will not be, or where nobody knows
 */
export function toSendAnswer(record: MessageRecord): { status: 200 | 202; body: SendAnswer } {
  const problem = problemOfMessage(record)
  if (problem !== null) throw problem
  return {
    status: isSettled(record.state) ? 200 : 202,
    body: {
      success: true,
      id: record.id,
      messageId: record.messageId ?? null,
      sessionId: record.sessionId,
      to: toRecipientAnswer(record),
      status: record.state,
      ...(record.reference !== undefined && { reference: record.reference }),
      ...toPlanAnswer(record),
      ...(record.state === 'queued' && { expiresAt: new Date(record.expiresAt).toISOString() }),
      timestamp: new Date(record.sentAt ?? record.deliveredAt ?? record.acceptedAt).toISOString(),
    },
  }
}

/** The error that a message ended with, null where it did not end with one. */
export function problemOfMessage(record: Omit<MessageRecord, 'content'>): Problem | null {
  const { id, sessionId, state, reason, detail, reference } = record
  const members = {
    id,
    sessionId,
    messageStatus: state,
    ...(reference !== undefined && { reference }),
  }
  const extras = { members, ...(detail !== undefined && { detail }) }
  switch (state) {
    case 'failed':
      return new Problem(reason !== undefined && isErrorCode(reason) ? reason : 'send_failed', extras)
    case 'canceled':
      return new Problem('message_canceled', extras)
    case 'expired':
      return new Problem('message_expired', extras)
    case 'unknown':
      return new Problem('outcome_unknown', extras)
    case 'queued':
    case 'sending':
    case 'sent':
    case 'delivered':
    case 'read':
    case 'played':
      return null
  }
}
