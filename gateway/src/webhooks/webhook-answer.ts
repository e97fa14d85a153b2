import { eventNames } from '@wsg/shared/events/events.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { ALL_SESSIONS, countDeliveries } from '@wsg/shared/redis/event/webhooks.ts'
import { z } from 'zod'
import type { StoredWebhook } from './webhook.ts'

/** A webhook as callers are shown it: never its secret, nor the values of its headers. */
export const webhookAnswerSchema = z.object({
  name: z.string(),
  sessionId: z.string().nullable().describe('Null where it gets the events of all sessions.'),
  url: z.string(),
  events: z.array(z.enum([...eventNames, '*'])),
  chats: z.array(z.string()),
  headers: z.array(z.string()).describe('Names only.'),
  hubSignature: z.boolean(),
  enabled: z.boolean(),
  ended: z
    .object({ at: z.iso.datetime(), reason: z.literal('gone') })
    .optional()
    .describe('It was disabled, because its receiver answered 410.'),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deliveries: z.object({
    pending: z.number().int().describe('Due now.'),
    retrying: z.number().int().describe('Failed for more than five minutes, and to be tried again.'),
    dead: z.number().int().describe('Failed for a day, and not tried again by itself.'),
    dropped: z
      .number()
      .int()
      .describe('Never tried, or not any more, because their events were not kept for so long.'),
    oldestPendingAgeMs: z.number().int().describe('How far behind it is; 0 where nothing is due.'),
  }),
})
export type WebhookAnswer = z.output<typeof webhookAnswerSchema>

export async function toWebhookAnswer(
  redis: RedisClient,
  { scope, name }: { scope: string; name: string },
  webhook: StoredWebhook,
): Promise<WebhookAnswer> {
  const { counts, dropped, oldestAt } = await countDeliveries(redis, scope, name)
  const { url, events, chats, headers, hubSignature, enabled, ended, createdAt, updatedAt } = webhook
  return {
    name,
    sessionId: scope === ALL_SESSIONS ? null : scope,
    url,
    events: [...events],
    chats,
    headers: Object.keys(headers),
    hubSignature,
    enabled,
    ...(ended !== undefined && { ended: { ...ended, at: new Date(ended.at).toISOString() } }),
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    deliveries: {
      pending: counts.pending,
      retrying: counts.retrying,
      dead: counts.dead,
      dropped,
      oldestPendingAgeMs: oldestAt === null ? 0 : Math.max(0, Date.now() - oldestAt),
    },
  }
}
