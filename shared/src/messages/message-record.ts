import { z } from 'zod'
import { messageContentSchema } from './kinds/message-kinds.ts'
import { convertedSchema } from './media.ts'
import { messageMoments, messageStates } from './message-lifecycle.ts'

/** `3EB0` and 18 hex digits, the shape that WhatsApp Web gives its own ids. */
export const MESSAGE_ID_PATTERN = /^3EB0[0-9A-F]{18}$/

const epochMs = z.coerce.number().int()
const json = z.string().transform((value, context) => {
  try {
    return JSON.parse(value) as unknown
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' })
    return z.NEVER
  }
})

const moments = Object.fromEntries(messageMoments.map((moment) => [moment, epochMs.optional()])) as Record<
  (typeof messageMoments)[number],
  z.ZodOptional<typeof epochMs>
>

/**
 * One message as Redis keeps it: a hash whose values are texts. The record is the truth about a message, and the records in
 * state `queued` are the send queue of their session. Times are epoch milliseconds.
 */
export const messageRecordSchema = z.object({
  id: z.string().regex(MESSAGE_ID_PATTERN),
  sessionId: z.string(),
  state: z.enum(messageStates),
  /** Its place in the session's order, given when it becomes due; 0 before. */
  sequence: z.coerce.number().int(),
  /** `to` as the caller wrote it. */
  to: z.string(),
  /** The same for all spellings of `to` (`recipientKey`). */
  recipient: z.string(),
  content: json.pipe(messageContentSchema),
  /** What is sent in place of the file that its content names. */
  converted: json.pipe(convertedSchema).optional(),
  replyTo: z.string().optional(),
  reference: z.string().optional(),
  /** Digits of the account that it was accepted for. */
  account: z.string().optional(),
  requestId: z.string().optional(),
  /** W3C `traceparent` of the request that it came with, where that is traced. */
  traceparent: z.string().optional(),
  acceptedAt: epochMs,
  /** When it is due, where that is later than its acceptance. */
  sendAt: epochMs.optional(),
  expiresAt: epochMs,
  /** `1` where the message overtakes those of other chats. */
  urgent: z.literal('1').optional(),
  /** The batch that it came with, and its line there. */
  batch: z.string().optional(),
  line: z.coerce.number().int().optional(),
  ...moments,
  /** When it was handed to WhatsApp again under its id, or was about to be as its owner died (`RESEND_AFTER_CRASH=same-id`). */
  resentAt: epochMs.optional(),
  /** The chat that WhatsApp named for the number. */
  chatId: z.string().optional(),
  lid: z.string().optional(),
  /** WhatsApp's full id: `true_<chat>_<id>`, in groups with the author at its end. */
  messageId: z.string().optional(),
  /** How many bytes of its file WhatsApp has, where it is a large one. */
  sentBytes: z.coerce.number().int().optional(),
  /** The error code of a message that was not sent. */
  reason: z.string().optional(),
  detail: z.string().optional(),
  /** The number with which WhatsApp's server refused it (`whatsapp-refusals.ts`). */
  refusal: z.coerce.number().int().optional(),
})

export type MessageRecord = z.infer<typeof messageRecordSchema>

/** The fields that a move may write, besides the state and its moment. */
export const newsFields = ['chatId', 'lid', 'messageId', 'reason', 'detail', 'refusal'] as const

const { state, chatId, lid, messageId, reason, detail, refusal } = messageRecordSchema.shape
/** What a gateway that waits for a message is told: the fields that the record got after its acceptance. */
const messageNewsSchema = json.pipe(
  z.object({ state, chatId, lid, messageId, reason, detail, refusal, ...moments }),
)
export type MessageNews = z.infer<typeof messageNewsSchema>

/** @returns null where the text is no news of a message */
export function readNews(text: string): MessageNews | null {
  const read = messageNewsSchema.safeParse(text)
  return read.success ? read.data : null
}

/** The part of a record that comes from the request. The scripts add `sequence`, `state`, `account` and all other times. */
export type NewMessageRecord = Pick<
  MessageRecord,
  | 'id'
  | 'sessionId'
  | 'to'
  | 'recipient'
  | 'content'
  | 'converted'
  | 'replyTo'
  | 'reference'
  | 'requestId'
  | 'traceparent'
  | 'sendAt'
  | 'urgent'
  | 'batch'
  | 'line'
> & {
  /** When it expires (epoch ms); where absent, a fixed time after it is due. */
  expiresAt?: number
  /** The gateway that waits for the outcome and is told. Absent where none does. */
  waiter?: string
  /** Set where it waits for the recipient's receipt: it is told of receipts, too. */
  waitsFor?: 'delivered'
}

/** The record as the fields of a hash. Absent values are left out. */
export function toHashFields({
  content,
  converted,
  ...rest
}: NewMessageRecord): Record<string, string | number | undefined> {
  const file = converted && { converted: JSON.stringify(converted) }
  return { ...rest, content: JSON.stringify(content), ...file }
}

/** Reads a hash back. @returns null where there is none */
export function fromHash(hash: Record<string, string>): MessageRecord | null {
  return Object.keys(hash).length === 0 ? null : messageRecordSchema.parse(hash)
}
