import type { EventFilter } from '../../events/events.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { knownInPages, REFUSE_UNKNOWN } from '../session/known-sessions.ts'

/** Where the webhooks of all sessions are kept; no session can be called that. */
export const ALL_SESSIONS = '*'

/** A webhook by where it belongs, a session or `*`, and its name there. */
export interface WebhookKey {
  scope: string
  name: string
}

/** Deliveries by what became of them; `pending` are those that are due. */
export const deliveryStatuses = ['pending', 'retrying', 'delivered', 'dead'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

const PUT = defineScript(
  { session: 'text', name: 'text', webhook: 'text', filter: 'text?' },
  `${NOW}
if session ~= '${ALL_SESSIONS}' then
  ${REFUSE_UNKNOWN}
end
redis.call('HSET', keys.webhooks(session), name, webhook)
if filter then redis.call('HSET', keys.webhookFilters(session), name, filter)
else redis.call('HDEL', keys.webhookFilters(session), name) end
if filter and redis.call('ZCARD', keys.deliveries(session, name, 'pending')) > 0 then
  redis.call('ZADD', keys.webhooksDue, 'LT', now, session .. '/' .. name)
  redis.call('PUBLISH', keys.eventNews, 'due')
end
return 'done'
`,
)

/**
 * Writes a webhook in place of the one of that name. Events that were logged before are not for it; while it is not enabled
 * none are, and what is due already waits.
 * @param webhook JSON text
 */
export async function putWebhook(
  redis: RedisClient,
  request: {
    scope: string
    name: string
    webhook: string
    wants: { events: EventFilter; chats: readonly string[] } | null
  },
): Promise<'done' | 'not_found' | 'deleting'> {
  const { scope: session, name, webhook, wants } = request
  const list = (texts: readonly string[]) => (texts.length === 0 ? '' : `,${texts.join(',')},`)
  const filter = wants === null ? null : `${list(wants.events)}|${list(wants.chats)}`
  return (await runScript(redis, PUT, { session, name, webhook, filter })) as
    | 'done'
    | 'not_found'
    | 'deleting'
}

/** The webhooks of a session, or of all, by name, as JSON. */
export async function listWebhooks(redis: RedisClient, scope: string): Promise<Record<string, string>> {
  return await commandsOf(redis).hgetall(keys.webhooks(scope))
}

/** The webhooks of every session that has any, as `listWebhooks` gives them. It looks at all sessions. */
export async function listWebhooksOfSessions(
  redis: RedisClient,
): Promise<{ scope: string; webhooks: Record<string, string> }[]> {
  const found: { scope: string; webhooks: Record<string, string> }[] = []
  for await (const sessions of knownInPages(redis)) {
    const looks = sessions.map(async (scope) => ({ scope, webhooks: await listWebhooks(redis, scope) }))
    const read = await Promise.all(looks)
    found.push(...read.filter(({ webhooks }) => Object.keys(webhooks).length > 0))
  }
  return found
}

export async function readWebhook(redis: RedisClient, scope: string, name: string): Promise<string | null> {
  return await commandsOf(redis).hget(keys.webhooks(scope), name)
}

/** @returns false where there was none */
export async function removeWebhook(redis: RedisClient, scope: string, name: string): Promise<boolean> {
  const removed = await commandsOf(redis).hdel(keys.webhooks(scope), name)
  await commandsOf(redis)
    .multi()
    .hdel(keys.webhookFilters(scope), name)
    .zrem(keys.webhooksDue, `${scope}/${name}`)
    .unlink(
      ...deliveryStatuses.map((status) => keys.deliveries(scope, name, status)),
      keys.attempts(scope, name),
      keys.droppedDeliveries(scope, name),
    )
    .exec()
  return removed === 1
}

const COUNT = defineScript(
  { session: 'text', name: 'text' },
  `
local counts = {}
for i, status in ipairs({ ${deliveryStatuses.map((status) => `'${status}'`).join(', ')} }) do
  counts[i] = redis.call('ZCARD', keys.deliveries(session, name, status))
end
local oldest = redis.call('ZRANGE', keys.deliveries(session, name, 'pending'), 0, 0, 'WITHSCORES')[2]
return { counts, oldest or '', tonumber(redis.call('GET', keys.droppedDeliveries(session, name)) or 0) }
`,
)

/**
 * How many deliveries of a webhook are in which status, how many were dropped ever since, and since when the oldest one that is
 * due waits (epoch ms).
 */
export async function countDeliveries(
  redis: RedisClient,
  scope: string,
  name: string,
): Promise<{ counts: Record<DeliveryStatus, number>; dropped: number; oldestAt: number | null }> {
  const [counts, oldest, dropped] = (await runScript(redis, COUNT, { session: scope, name })) as [
    number[],
    string,
    number,
  ]
  return {
    counts: Object.fromEntries(deliveryStatuses.map((status, i) => [status, counts[i] ?? 0])) as Record<
      DeliveryStatus,
      number
    >,
    dropped,
    oldestAt: oldest === '' ? null : Math.floor(Number(oldest)),
  }
}
