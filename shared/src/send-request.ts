import { z } from 'zod'
import { parseRecipient } from './recipient.ts'

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
  /** Chat ids or numbers of the people that the text mentions with `@`. */
  mentions: z.array(z.string().max(64)).max(256).optional(),
})

/** The body of `POST /send`. A plain string is short for a text message. */
export const sendRequestSchema = z.strictObject({
  to: z
    .string()
    .max(64, 'must have at most 64 characters')
    .refine((to) => parseRecipient(to) !== null, {
      error:
        'must be a phone number with country code, or a chat id ending in @c.us, @g.us, @lid or @newsletter',
    }),
  message: z.union([text, textMessageSchema]),
  /** The id of the message that this one answers. */
  replyTo: z.string().min(1).max(128).optional(),
  /** The caller's own word for the message, returned wherever it is mentioned. */
  reference: z.string().min(1).max(128).optional(),
})

export type SendRequest = z.infer<typeof sendRequestSchema>
export type TextMessage = z.infer<typeof textMessageSchema>

/** The message in its full form, whichever way it was written. */
export function toTextMessage(message: SendRequest['message']): TextMessage {
  return typeof message === 'string' ? { type: 'text', text: message } : message
}
