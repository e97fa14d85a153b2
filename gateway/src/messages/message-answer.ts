import { isErrorCode } from '@wsg/shared/errors.ts'
import {
  isSettled,
  messageMoments,
  messageStateSentences,
  messageStates,
} from '@wsg/shared/messages/message-lifecycle.ts'
import { MESSAGE_ID_PATTERN, type MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { messagePriorities } from '@wsg/shared/messages/send-request.ts'
import { meaningOfRefusal } from '@wsg/shared/messages/whatsapp-refusals.ts'
import { z } from 'zod'
import { Problem } from '../http/problem.ts'

const time = z.iso.datetime().optional()

/** A message is named by our id, or by WhatsApp's full one, of which ours is a part: `true_<chat>_<id>_<author>`. */
export const messageParams = z.object({
  id: z.string().transform((id) => id.split('_').find((part) => MESSAGE_ID_PATTERN.test(part)) ?? id),
})

/** What every answer about a message says. */
const commonFields = {
  id: z.string(),
  /** WhatsApp's own full id, null until it is known. */
  messageId: z.string().nullable(),
  sessionId: z.string(),
  /** What the caller wrote, and the chat that it turned out to be. */
  to: z.object({ input: z.string(), chatId: z.string().nullable(), lid: z.string().optional() }),
  status: z.enum(messageStates),
  reference: z.string().optional(),
  priority: z.enum(messagePriorities).optional(),
  /** When it is due, where that is later than its acceptance. */
  sendAt: time,
}

export const sendAnswerSchema = z.object({
  success: z.literal(true),
  ...commonFields,
  /** Until when it may be sent, while it waits. */
  expiresAt: time,
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
      ...commonAnswer(record),
      ...(record.state === 'queued' && { expiresAt: new Date(record.expiresAt).toISOString() }),
      timestamp: new Date(record.sentAt ?? record.deliveredAt ?? record.acceptedAt).toISOString(),
    },
  }
}

/** The error that a message ended with, null where it did not end with one. */
function problemOfMessage(record: Omit<MessageRecord, 'content'>): Problem | null {
  const { id, sessionId, state, reason, detail, reference, refusal } = record
  const members = {
    id,
    sessionId,
    messageStatus: state,
    ...(reference !== undefined && { reference }),
    ...(state === 'failed' && refusal !== undefined && { whatsapp: refusalAnswer(refusal) }),
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

export const messageAnswerSchema = z.object({
  ...commonFields,
  message: z.string(),
  /** Why it was not sent, where it was not. */
  error: z
    .object({
      code: z.string(),
      error: z.string(),
      detail: z.string().optional(),
      /** WhatsApp's own number, where its server refused the message, and what it means. */
      whatsapp: z.object({ code: z.number().int(), meaning: z.string() }).optional(),
    })
    .optional(),
  /** How many bytes of its file WhatsApp has, where it is a large one and its upload has begun. */
  media: z.object({ sentBytes: z.number().int() }).optional(),
  /** The batch that it came with, and its line there. */
  batchId: z.string().optional(),
  line: z.number().int().optional(),
  acceptedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  ...(Object.fromEntries(messageMoments.map((moment) => [moment, time])) as Record<
    (typeof messageMoments)[number],
    typeof time
  >),
  /** When it was handed to WhatsApp again under its id, or was about to be as its worker died; absent where it was not. */
  resentAt: time,
})
export type MessageAnswer = z.infer<typeof messageAnswerSchema>

/** What `GET /messages/:id` answers. The text is left out, since answers end up in the logs of callers. */
export function toMessageAnswer(record: Omit<MessageRecord, 'content'>): MessageAnswer {
  const problem = problemOfMessage(record)
  const reached = messageMoments.flatMap((moment) => {
    const at = record[moment]
    return at === undefined ? [] : [[moment, new Date(at).toISOString()] as const]
  })
  return {
    ...commonAnswer(record),
    message: messageStateSentences[record.state],
    ...(problem !== null && {
      error: {
        code: problem.code,
        error: problem.message,
        ...(record.detail !== undefined && { detail: record.detail }),
        ...(record.state === 'failed' &&
          record.refusal !== undefined && { whatsapp: refusalAnswer(record.refusal) }),
      },
    }),
    ...(record.sentBytes !== undefined && { media: { sentBytes: record.sentBytes } }),
    ...(record.batch !== undefined && { batchId: record.batch }),
    ...(record.line !== undefined && { line: record.line }),
    acceptedAt: new Date(record.acceptedAt).toISOString(),
    expiresAt: new Date(record.expiresAt).toISOString(),
    ...Object.fromEntries(reached),
    ...(record.resentAt !== undefined && { resentAt: new Date(record.resentAt).toISOString() }),
  }
}

function refusalAnswer(code: number): { code: number; meaning: string } {
  return { code, meaning: meaningOfRefusal(code) }
}

function commonAnswer(record: Omit<MessageRecord, 'content'>) {
  const { id, messageId = null, sessionId, to, chatId = null, lid, state, reference, urgent, sendAt } = record
  return {
    id,
    messageId,
    sessionId,
    to: { input: to, chatId, ...(lid !== undefined && { lid }) },
    status: state,
    ...(reference !== undefined && { reference }),
    ...(urgent === '1' && { priority: 'urgent' as const }),
    ...(sendAt !== undefined && { sendAt: new Date(sendAt).toISOString() }),
  }
}
