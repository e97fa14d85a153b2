import { z } from 'zod'
import { messageContentSchema } from './kinds/message-kinds.ts'
import { messageStates } from './message-lifecycle.ts'

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

/**
 * One message as Redis keeps it (a hash; every value is text) and as both sides read it. The record is the
 * truth about a message, and those in state `queued` are the send queue of their session. Times are epoch milliseconds.
 */
export const messageRecordSchema = z.object({
  id: z.string().regex(MESSAGE_ID_PATTERN),
  sessionId: z.string(),
  state: z.enum(messageStates),
  /** Order within the session, given when it is accepted, or later when it becomes due; 0 before. */
  sequence: z.coerce.number().int(),
  /** `to` as the caller wrote it. */
  to: z.string(),
  /** The same for all spellings that can be told to be one without asking WhatsApp. */
  recipient: z.string(),
  content: json.pipe(messageContentSchema),
  replyTo: z.string().optional(),
  reference: z.string().optional(),
  /** Digits of the account that it was accepted for. */
  account: z.string().optional(),
  requestId: z.string().optional(),
  acceptedAt: epochMs,
  /** When it is due, where that is later than its acceptance. */
  sendAt: epochMs.optional(),
  expiresAt: epochMs,
  /** `1` where it overtakes the messages of other chats. */
  urgent: z.literal('1').optional(),
  /** The batch that it came with, and its line there. */
  batch: z.string().optional(),
  line: z.coerce.number().int().optional(),
  sendingAt: epochMs.optional(),
  sentAt: epochMs.optional(),
  deliveredAt: epochMs.optional(),
  readAt: epochMs.optional(),
  playedAt: epochMs.optional(),
  failedAt: epochMs.optional(),
  canceledAt: epochMs.optional(),
  expiredAt: epochMs.optional(),
  unknownAt: epochMs.optional(),
  /** The chat that the number turned out to be. */
  chatId: z.string().optional(),
  lid: z.string().optional(),
  /** WhatsApp's full id of the message, `true_<chat>_<id>`. */
  messageId: z.string().optional(),
  /** An error code of the catalogue, where the state wants one. */
  reason: z.string().optional(),
  detail: z.string().optional(),
})

export type MessageRecord = z.infer<typeof messageRecordSchema>

/** What may be new of a message, beside its state and when it came to it. */
export const newsFields = ['chatId', 'lid', 'messageId', 'reason', 'detail'] as const

const { state, chatId, lid, messageId, reason, detail } = messageRecordSchema.shape
const { sentAt, deliveredAt, readAt, playedAt, failedAt, canceledAt, expiredAt, unknownAt } =
  messageRecordSchema.shape
/** What whoever waits for a message is told with the wake: what its record has that it had not when it was accepted. */
const messageNewsSchema = json.pipe(
  z.object({
    ...{ state, chatId, lid, messageId, reason, detail },
    ...{ sentAt, deliveredAt, readAt, playedAt, failedAt, canceledAt, expiredAt, unknownAt },
  }),
)
export type MessageNews = z.infer<typeof messageNewsSchema>

/** Reads what came with a wake. @returns null where it is none */
export function readNews(text: string): MessageNews | null {
  const read = messageNewsSchema.safeParse(text)
  return read.success ? read.data : null
}

/** What the caller's request becomes. `sequence`, `state`, `account` and all times are added by the scripts. */
export type NewMessageRecord = Pick<
  MessageRecord,
  | 'id'
  | 'sessionId'
  | 'to'
  | 'recipient'
  | 'content'
  | 'replyTo'
  | 'reference'
  | 'requestId'
  | 'sendAt'
  | 'urgent'
  | 'batch'
  | 'line'
> & {
  /** When it expires (epoch ms); so many ms after it is due where absent. */
  expiresAt?: number
  /** The gateway that waits for the outcome: its wake channel gets the id. Absent where nobody waits. */
  waiter?: string
  /** Where it waits for more than the server's ack: it is woken by receipts, too. */
  waitsFor?: 'delivered'
}

/** The record as the fields of a hash. Absent values are left out. */
export function toHashFields(record: NewMessageRecord): Record<string, string | number | undefined> {
  return { ...record, content: JSON.stringify(record.content) }
}

/** Reads a hash back. @returns null where there is none */
export function fromHash(hash: Record<string, string>): MessageRecord | null {
  return Object.keys(hash).length === 0 ? null : messageRecordSchema.parse(hash)
}
