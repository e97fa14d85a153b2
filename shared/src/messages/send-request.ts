import { z } from 'zod'
import { personSchema, recipientSchema } from './recipient.ts'

/** WhatsApp's own limit for one text message, in UTF-16 units. */
export const MAX_TEXT_LENGTH = 65_536

const text = z
  .string()
  .min(1, 'must not be empty')
  .max(MAX_TEXT_LENGTH, `must have at most ${MAX_TEXT_LENGTH} characters`)

export const textMessageSchema = z.strictObject({
  type: z.literal('text'),
  text,
  /** Whether WhatsApp may show a preview of the first link. On where absent, as in WhatsApp. */
  linkPreview: z.boolean().optional(),
  /** The people that the text mentions with `@`. */
  mentions: z.array(personSchema).max(256).optional(),
})

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
  /** When it is due: it takes its place in the queue then. At once where absent or past. */
  sendAt: time.optional().describe('When it is due. At once where absent or past.'),
  /** It is not sent any more from then on. */
  expiresAt: time.optional().describe('Until when it may be sent; 24 hours after it is due where absent.'),
  /** An urgent message overtakes those of other chats, never older ones of its own. */
  priority: z
    .enum(messagePriorities)
    .optional()
    .describe('`urgent` overtakes the messages of other chats, never older ones of its own.'),
  /** The caller's own word for the message, returned wherever it is mentioned. */
  reference: z.string().min(1).max(128).optional().describe('Your own word for it, returned everywhere.'),
}

/** The body of `POST /send`. A plain string is short for a text message. */
const sendFields = z.strictObject({
  to: recipientSchema,
  message: z.union([text, textMessageSchema]),
  /** The id of the message that this one answers. */
  replyTo: z.string().min(1).max(128).optional(),
  ...sendPlanFields,
})

export const sendRequestSchema = sendFields.superRefine(endAfterBeginning)

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

export type SendRequest = z.infer<typeof sendRequestSchema>
export type TextMessage = z.infer<typeof textMessageSchema>

function endAfterBeginning(
  { sendAt, expiresAt }: { sendAt?: string | undefined; expiresAt?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (sendAt === undefined || expiresAt === undefined || Date.parse(expiresAt) > Date.parse(sendAt)) return
  context.addIssue({ code: 'custom', path: ['expiresAt'], message: 'must be later than sendAt' })
}

/** The message in its full form, whichever way it was written. */
export function toTextMessage(message: SendRequest['message']): TextMessage {
  return typeof message === 'string' ? { type: 'text', text: message } : message
}
