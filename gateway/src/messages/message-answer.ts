import { messageStateSentences, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { z } from 'zod'
import { planAnswerFields, toPlanAnswer } from './plan-answer.ts'
import { toRecipientAnswer } from './recipient-answer.ts'
import { problemOfMessage } from './send-answer.ts'

const time = z.iso.datetime().optional()

export const messageAnswerSchema = z.object({
  id: z.string(),
  messageId: z.string().nullable(),
  sessionId: z.string(),
  to: z.object({ input: z.string(), chatId: z.string().nullable(), lid: z.string().optional() }),
  status: z.enum(messageStates),
  message: z.string(),
  reference: z.string().optional(),
  /** Why it was not sent, where it was not. */
  error: z.object({ code: z.string(), error: z.string(), detail: z.string().optional() }).optional(),
  ...planAnswerFields,
  /** The batch that it came with, and its line there. */
  batchId: z.string().optional(),
  line: z.number().int().optional(),
  acceptedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  sendingAt: time,
  sentAt: time,
  deliveredAt: time,
  readAt: time,
  playedAt: time,
  failedAt: time,
  canceledAt: time,
  expiredAt: time,
  unknownAt: time,
})
export type MessageAnswer = z.infer<typeof messageAnswerSchema>

const moments = [
  'sendingAt',
  'sentAt',
  'deliveredAt',
  'readAt',
  'playedAt',
  'failedAt',
  'canceledAt',
  'expiredAt',
  'unknownAt',
] as const

/** The record for its sender. The text stays out: who asks wrote it, and answers end up in logs. */
export function toMessageAnswer(record: Omit<MessageRecord, 'content'>): MessageAnswer {
  const problem = problemOfMessage(record)
  const reached = moments.flatMap((moment) => {
    const at = record[moment]
    return at === undefined ? [] : [[moment, new Date(at).toISOString()] as const]
  })
  return {
    id: record.id,
    messageId: record.messageId ?? null,
    sessionId: record.sessionId,
    to: toRecipientAnswer(record),
    status: record.state,
    message: messageStateSentences[record.state],
    ...(record.reference !== undefined && { reference: record.reference }),
    ...(problem !== null && {
      error: {
        code: problem.code,
        error: problem.message,
        ...(record.detail !== undefined && { detail: record.detail }),
      },
    }),
    ...toPlanAnswer(record),
    ...(record.batch !== undefined && { batchId: record.batch }),
    ...(record.line !== undefined && { line: record.line }),
    acceptedAt: new Date(record.acceptedAt).toISOString(),
    expiresAt: new Date(record.expiresAt).toISOString(),
    ...Object.fromEntries(reached),
  }
}
