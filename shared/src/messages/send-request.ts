import { z } from 'zod'
import {
  canonicalContent,
  type MessageContent,
  type RequestedContent,
  requestedContentSchema,
} from './kinds/message-kinds.ts'
import { text, textSchema } from './kinds/text.ts'
import type { Converted } from './media.ts'
import { recipientKey, recipientSchema } from './recipient.ts'

/** No message is planned further ahead than this. */
const MAX_AHEAD_MS = 366 * 24 * 3_600_000

const time = z.iso
  .datetime({
    offset: true,
    abort: true,
    error: 'must be an ISO time with its zone, such as 2026-05-01T09:00:00Z',
  })
  .refine((text) => Date.parse(text) <= Date.now() + MAX_AHEAD_MS, 'must be at most a year ahead')

export const messagePriorities = ['normal', 'urgent'] as const

/** What may also be said once for all lines of a batch. */
export const sendPlanFields = {
  sendAt: time.optional().describe('When it is due. At once where absent or past.'),
  expiresAt: time.optional().describe('Until when it may be sent; 24 hours after it is due where absent.'),
  priority: z
    .enum(messagePriorities)
    .optional()
    .describe('`urgent` overtakes the messages of other chats, never older ones of its own.'),
  reference: z.string().min(1).max(128).optional().describe('Your own word for it, returned everywhere.'),
}

const sendFields = z.strictObject({
  to: recipientSchema,
  message: z
    .union(
      [textSchema.transform(toTextMessage), requestedContentSchema],
      'must be a text, or an object with a type',
    )
    .describe('A plain string is short for a message of type text.'),
  replyTo: z.string().min(1).max(128).optional().describe('The id of the message that this one answers.'),
  ...sendPlanFields,
})

/** The body of `POST /send`. */
export const sendRequestSchema = sendFields.superRefine(endAfterBeginning).superRefine(allOfGroup)

/** The body of `POST /messages/:id/forward`. */
export const forwardRequestSchema = z
  .strictObject({ to: recipientSchema, ...sendPlanFields })
  .superRefine(endAfterBeginning)

/** One line of `POST /send/bulk`. */
export const bulkLineSchema = sendFields
  .extend({
    idempotencyKey: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, 'must have 1 to 255 visible ASCII characters without spaces')
      .optional()
      .describe('The same key with the same line is the same message, as `Idempotency-Key` of POST /send.'),
  })
  .superRefine(endAfterBeginning)
  .superRefine(allOfGroup)

/** A request as it was read: the message is in its full form. */
export type SendRequest = z.output<typeof sendRequestSchema>
/**
 * The same with its file in the store: what can be accepted. What the file was converted into is no part of what was asked, so
 * that the same request stays the same.
 */
export type StoredRequest = Omit<SendRequest, 'message'> & { message: MessageContent; converted?: Converted }

/** What tells one request from another, whatever its spelling: defaults are left out, times are epoch milliseconds. */
export function canonicalRequest(request: StoredRequest) {
  const { to, message, replyTo, reference, sendAt, expiresAt, priority } = request
  return {
    to: recipientKey(to),
    message: canonicalContent(message),
    replyTo,
    reference,
    sendAt: sendAt === undefined ? undefined : Date.parse(sendAt),
    expiresAt: expiresAt === undefined ? undefined : Date.parse(expiresAt),
    priority: priority === 'urgent' ? priority : undefined,
  }
}

function toTextMessage(written: string): RequestedContent {
  return text.schema.parse({ type: 'text', text: written })
}

function endAfterBeginning(
  { sendAt, expiresAt }: { sendAt?: string | undefined; expiresAt?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (sendAt === undefined || expiresAt === undefined || Date.parse(expiresAt) > Date.parse(sendAt)) return
  context.addIssue({ code: 'custom', path: ['expiresAt'], message: 'must be later than sendAt' })
}

/** Of a person there is nobody else to mention. */
function allOfGroup(
  { to, message }: { to: string; message: RequestedContent },
  context: z.RefinementCtx,
): void {
  if (!('mentions' in message) || message.mentions !== 'all' || recipientKey(to).endsWith('@g.us')) return
  context.addIssue({ code: 'custom', path: ['message', 'mentions'], message: '`all` are those of a group' })
}
