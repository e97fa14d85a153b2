import { z } from 'zod'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { figures } from '../worker/fleet-figures.ts'
import type { DeliveryStatus, WebhookKey } from './webhooks.ts'

/** One event on its way to one webhook. */
export interface Delivery {
  /** `<session>/<position>/<event id>/<chat>` */
  key: string
  sessionId: string
  position: string
  eventId: string
  /** Empty where the event concerns no chat. */
  chat: string
}

const attemptFields = {
  /** Of the answer; absent where none came. */
  status: z.number().int().optional(),
  tookMs: z.number(),
  /** The beginning of the answer, or why none came. */
  answer: z.string(),
}
const earlierAttempt = z.object({ at: z.number(), ...attemptFields })

/** What is known of a delivery that was tried. Times are epoch ms. */
const attemptsSchema = z.object({
  key: z.string(),
  attempts: z.number().int(),
  firstAt: z.number(),
  lastAt: z.number(),
  ...attemptFields,
  /** Those before the last, the latest first; absent where that was the first. */
  earlier: z.array(earlierAttempt).optional(),
})
export type Attempts = z.infer<typeof attemptsSchema>

/** Delivered ones that stay listed, of each webhook, and dead ones. */
const LISTED = { delivered: 1_000, dead: 10_000 }

const READ_DUE = defineScript(
  { scope: 'text', name: 'text', from: 'text', limit: 'number' },
  `${NOW}
local found, retrying = {}, keys.deliveries(scope, name, 'retrying')
for i, delivery in ipairs(redis.call('ZRANGEBYSCORE', retrying, '-inf', now, 'LIMIT', 0, limit)) do
  redis.call('ZREM', retrying, delivery)
  redis.call('ZADD', keys.deliveries(scope, name, 'pending'), now + math.min(i, 4095) / 4096, delivery)
end
local due = redis.call('ZRANGEBYSCORE', keys.deliveries(scope, name, 'pending'), from, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
for i = 1, #due, 2 do
  local id = string.match(due[i], '^[^/]*/[^/]*/([^/]*)/')
  found[#found + 1] = { due[i], due[i + 1], redis.call('HGET', keys.attempts(scope, name), id) or '' }
end
return found
`,
)

export interface DueDelivery extends Delivery {
  /** Its place in the order. */
  score: string
  /** Null where it was not tried yet. */
  attempts: Attempts | null
}

/** The deliveries that are due, in order, from a score on; those to be tried again by now are due behind all others. */
export async function readDue(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  { from, limit }: { from: string; limit: number },
): Promise<DueDelivery[]> {
  const found = (await runScript(redis, READ_DUE, { scope, name, from, limit })) as [string, string, string][]
  return found.map(([key, score, text]) => ({
    ...readDelivery(key),
    score,
    attempts: text === '' ? null : attemptsSchema.parse(JSON.parse(text)),
  }))
}

/** `dropped`: the log does not keep the event any more. */
const SETTLE = defineScript(
  { scope: 'text', name: 'text', delivery: 'text', id: 'text', to: 'text', at: 'number', record: 'text' },
  `
local function list(status) return keys.deliveries(scope, name, status) end
local wasPending = redis.call('ZREM', list('pending'), delivery)
redis.call('HINCRBY', keys.figures, '${figures.delivery('')}' .. to, 1)
if to == 'retrying' or to == 'dead' then redis.call('HINCRBY', keys.figures, '${figures.failedAttempts}', 1) end
-- A webhook that was removed meanwhile keeps no list.
if redis.call('HEXISTS', keys.webhooks(scope), name) == 0 then return 0 end
if to == 'dropped' then
  redis.call('INCR', keys.droppedDeliveries(scope, name))
  return redis.call('HDEL', keys.attempts(scope, name), id)
end
redis.call('ZADD', list(to), at, delivery)
redis.call('HSET', keys.attempts(scope, name), id, record)
local listed = ({ delivered = ${LISTED.delivered}, dead = ${LISTED.dead} })[to]
if listed then
  for _, old in ipairs(redis.call('ZRANGE', list(to), 0, -listed - 1)) do
    redis.call('ZREM', list(to), old)
    redis.call('HDEL', keys.attempts(scope, name), string.match(old, '^[^/]*/[^/]*/([^/]*)/'))
  end
end
return wasPending
`,
)

/** Writes what became of a delivery. @param to.at when that was, or of `retrying`, when it is tried again (epoch ms) */
export async function settleDelivery(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  { key: delivery, eventId: id }: Delivery,
  to: { status: 'delivered' | 'retrying' | 'dead' | 'dropped'; at: number; attempts: Attempts },
): Promise<void> {
  const record = JSON.stringify(to.attempts)
  await runScript(redis, SETTLE, { scope, name, delivery, id, to: to.status, at: to.at, record })
}

/** Writes how often a delivery was tried that failed and stays due. */
export async function noteAttempts(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  { eventId }: Delivery,
  attempts: Attempts,
): Promise<void> {
  await commandsOf(redis)
    .multi()
    .hset(keys.attempts(scope, name), eventId, JSON.stringify(attempts))
    .hincrby(keys.figures, figures.failedAttempts, 1)
    .exec()
}

const MAKE_DUE = defineScript(
  { scope: 'text', name: 'text', from: 'text', isAfresh: 'flag', keysOf: 'texts' },
  `${NOW}
local moved = 0
for i, delivery in ipairs(keysOf) do
  if redis.call('ZREM', keys.deliveries(scope, name, from), delivery) == 1 then
    redis.call('ZADD', keys.deliveries(scope, name, 'pending'), now + math.min(i, 4095) / 4096, delivery)
    if isAfresh then redis.call('HDEL', keys.attempts(scope, name), string.match(delivery, '^[^/]*/[^/]*/([^/]*)/')) end
    moved = moved + 1
  end
end
if moved > 0 then
  if redis.call('EXISTS', keys.webhookOwner(scope, name)) == 0 then
    redis.call('ZADD', keys.webhooksDue, 'LT', now, scope .. '/' .. name)
    redis.call('PUBLISH', keys.eventNews, 'due')
  else
    redis.call('PUBLISH', keys.eventNews, scope)
  end
end
return moved
`,
)

/**
 * Makes deliveries due again that are in another status.
 * @param isAfresh true forgets earlier attempts, so that it is tried for a whole day again
 * @returns how many were
 */
export async function makeDue(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  request: { from: Exclude<DeliveryStatus, 'pending'>; keys: readonly string[]; isAfresh: boolean },
): Promise<number> {
  const { from, isAfresh, keys: keysOf } = request
  return (await runScript(redis, MAKE_DUE, { scope, name, from, isAfresh, keysOf })) as number
}

const BURY = defineScript(
  { scope: 'text', name: 'text', webhook: 'text' },
  `${NOW}
redis.call('HSET', keys.webhooks(scope), name, webhook)
redis.call('HDEL', keys.webhookFilters(scope), name)
for _, status in ipairs({ 'pending', 'retrying' }) do
  local list = keys.deliveries(scope, name, status)
  for _, delivery in ipairs(redis.call('ZRANGE', list, 0, -1)) do
    redis.call('ZADD', keys.deliveries(scope, name, 'dead'), now, delivery)
  end
  redis.call('DEL', list)
end
`,
)

/** Writes a webhook that its receiver wants no more: nothing is due any more, and what was can be sent again by hand. */
export async function endWebhook(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  webhook: string,
): Promise<void> {
  await runScript(redis, BURY, { scope, name, webhook })
}

function readDelivery(key: string): Delivery {
  const [sessionId = '', position = '', eventId = '', chat = ''] = key.split('/')
  return { key, sessionId, position, eventId, chat }
}

export interface ListedDelivery extends Delivery {
  /** When it came to its status, or is due (epoch ms). */
  at: number
  /** Null where it was not tried yet. */
  attempts: Attempts | null
}

/** The deliveries of a webhook in one status, the latest first. */
export async function listDeliveries(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  { status, offset, limit }: { status: DeliveryStatus; offset: number; limit: number },
): Promise<ListedDelivery[]> {
  const list = keys.deliveries(scope, name, status)
  const flat = await commandsOf(redis).zrevrange(list, offset, offset + limit - 1, 'WITHSCORES')
  const found = flat.flatMap((key, i) =>
    i % 2 === 0 ? [{ ...readDelivery(key), at: Math.floor(Number(flat[i + 1])) }] : [],
  )
  if (found.length === 0) return []
  const ids = found.map(({ eventId }) => eventId)
  const texts = await commandsOf(redis).hmget(keys.attempts(scope, name), ...ids)
  return found.map((delivery, i) => {
    const text = texts[i]
    return { ...delivery, attempts: text ? attemptsSchema.parse(JSON.parse(text)) : null }
  })
}

/** The key of a delivery that was tried, by its event; null where it is not listed. */
export async function findDelivery(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  eventId: string,
): Promise<string | null> {
  const text = await commandsOf(redis).hget(keys.attempts(scope, name), eventId)
  return text === null ? null : attemptsSchema.parse(JSON.parse(text)).key
}

/** Keys of deliveries in one status, by when they came to it, at most `limit` (epoch ms, both included). */
export async function deliveriesBetween(
  redis: RedisClient,
  { scope, name }: WebhookKey,
  { status, since, until, limit }: { status: DeliveryStatus; since: number; until: number; limit: number },
): Promise<string[]> {
  return await commandsOf(redis).zrangebyscore(
    keys.deliveries(scope, name, status),
    since,
    until,
    'LIMIT',
    0,
    limit,
  )
}
