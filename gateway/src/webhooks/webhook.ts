import { type EventFilter, eventNames, nameFor } from '@wsg/shared/events/events.ts'
import { parseRecipient } from '@wsg/shared/messages/recipient.ts'
import { z } from 'zod'
import { HUB_SIGNATURE, secretBytes } from './sign.ts'

/** How long after a new secret the one before it signs as well. */
const ROTATION_MS = 24 * 3_600_000
const MAX_HEADERS = 20
/** Set by us, or by whoever carries the request. */
const OURS = new RegExp(
  `^(host|connection|transfer-encoding|content-.*|webhook-.*|${HUB_SIGNATURE}|expect|upgrade|te|trailer|keep-alive)$`,
)

const eventFilterSchema = z
  .array(z.enum([...eventNames, '*']))
  .min(1)
  .max(100)
  .default(['*'])
  .describe('Which events; `*` for all.')

/** A chat as the log names it. */
export const chatFilterSchema = z
  .array(
    z
      .string()
      .max(64)
      .transform((text, context) => {
        const chat = parseRecipient(text)
        if (chat.kind === 'number') return `${chat.digits}@c.us`
        if (chat.kind === 'chat') return chat.chatId
        context.addIssue({
          code: 'custom',
          message: `must be a phone number with country code, or a chat id; ${chat.reason}`,
        })
        return z.NEVER
      }),
  )
  .max(1_000)

const headersSchema = z
  .record(
    z.string().regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header'),
    z.string().regex(/^[\x20-\x7e]{0,2000}$/, 'must be visible ASCII text'),
  )
  .refine((headers) => Object.keys(headers).length <= MAX_HEADERS, `must have at most ${MAX_HEADERS} entries`)
  .refine(
    (headers) => !Object.keys(headers).some((name) => OURS.test(name.toLowerCase())),
    'names a header that is set by us',
  )
  // So that none is sent twice.
  .transform((headers) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
  )

/** What `PUT /webhooks/:name` takes. */
export const webhookBodySchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
    .max(2_000)
    .refine((url) => !/^[^/]*\/\/[^/?#]*@/.test(url), 'must have no user and password; give them as a header')
    .describe('Where events are posted to.'),
  events: eventFilterSchema,
  secret: z
    .string()
    .refine((secret) => secretBytes(secret) !== null, 'must be `whsec_` and 16 to 64 bytes in base64')
    .optional()
    .describe(
      'What the bodies are signed with, as Standard Webhooks say. Without one the webhook keeps what it has, and a new one gets one made for it. For a day after a change both sign.',
    ),
  headers: headersSchema
    .default({})
    .describe('Further headers of each request. Their values are not shown again.'),
  hubSignature: z
    .boolean()
    .default(false)
    .describe(
      'Whether bodies are signed as `X-Hub-Signature-256` says as well: the hexadecimal HMAC of the body, under the secret as it is written.',
    ),
  chats: chatFilterSchema
    .default([])
    .describe('Only what concerns these chats; events that concern no chat come all the same.'),
  enabled: z.boolean().default(true).describe('Without it nothing is kept for the webhook.'),
})
export type WebhookBody = z.output<typeof webhookBodySchema>

/** A webhook as Redis keeps it. Times are epoch ms. */
const storedSchema = z.object({
  url: z.string(),
  events: z.array(z.string()),
  chats: z.array(z.string()),
  headers: z.record(z.string(), z.string()),
  hubSignature: z.boolean().default(false),
  enabled: z.boolean(),
  secret: z.string(),
  previousSecret: z.object({ secret: z.string(), until: z.number() }).optional(),
  /** Whether it may stand in a private network: whoever set it up answers for all sessions. */
  mayBePrivate: z.boolean(),
  createdAt: z.number(),
  updatedAt: z.number(),
  /** Why it was disabled, where that was not asked for. */
  ended: z.object({ at: z.number(), reason: z.literal('gone') }).optional(),
})
export type StoredWebhook = Omit<z.output<typeof storedSchema>, 'events'> & { events: EventFilter }

export function readStored(text: string): StoredWebhook {
  return storedSchema.parse(JSON.parse(text)) as StoredWebhook
}

/** @param before what has that name already */
export function withBody(
  body: WebhookBody,
  before: StoredWebhook | null,
  { secret, mayBePrivate, nowMs }: { secret: string; mayBePrivate: boolean; nowMs: number },
): StoredWebhook {
  const { url, events, chats, headers, hubSignature, enabled } = body
  const isChanged = before !== null && before.secret !== secret
  const previous = isChanged ? { secret: before.secret, until: nowMs + ROTATION_MS } : before?.previousSecret
  return {
    ...{ url, events, chats, headers, hubSignature, enabled, secret, mayBePrivate },
    ...(previous !== undefined && previous.until > nowMs && { previousSecret: previous }),
    createdAt: before?.createdAt ?? nowMs,
    updatedAt: nowMs,
  }
}

/** The secrets that sign now. */
export function secretsOf({ secret, previousSecret }: StoredWebhook, nowMs: number): string[] {
  return previousSecret !== undefined && previousSecret.until > nowMs
    ? [secret, previousSecret.secret]
    : [secret]
}

/** Whether two webhooks would bring any event to one address twice. In doubt, they would. */
export function overlap(a: StoredWebhook, b: StoredWebhook): boolean {
  const isSameAddress = new URL(a.url).href === new URL(b.url).href
  if (!a.enabled || !b.enabled || !isSameAddress) return false
  const common = eventNames.filter(
    (name) => nameFor(name, a.events) !== null && nameFor(name, b.events) !== null,
  )
  const isOfSameChats =
    a.chats.length === 0 || b.chats.length === 0 || a.chats.some((chat) => b.chats.includes(chat))
  // Other events may concern no chat, and come to both then.
  return isOfSameChats ? common.length > 0 : common.some((name) => !name.startsWith('message'))
}
