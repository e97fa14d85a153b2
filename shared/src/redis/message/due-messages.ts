import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { QUEUE_PLACES } from './queue-places.ts'

/** A message as the sets that all sessions share name it. */
export interface NamedMessage {
  sessionId: string
  messageId: string
}

/** @returns the messages whose time is over before anybody sent them, the earliest first. @param nowMs Redis' time */
export async function listExpired(redis: RedisClient, nowMs: number, limit: number): Promise<NamedMessage[]> {
  return (await commandsOf(redis).zrangebyscore(keys.waiting, '-inf', nowMs, 'LIMIT', 0, limit)).map(toName)
}

/** Takes messages whose records are gone out of what waits. */
export async function dropWaiting(redis: RedisClient, gone: readonly NamedMessage[]): Promise<void> {
  const members = gone.map(({ sessionId, messageId }) => `${sessionId}/${messageId}`)
  if (members.length > 0) await commandsOf(redis).zrem(keys.waiting, ...members)
}

/** @returns the scheduled messages that are due, the earliest first. @param nowMs Redis' time */
export async function listDue(redis: RedisClient, nowMs: number, limit: number): Promise<NamedMessage[]> {
  return (await commandsOf(redis).zrangebyscore(keys.scheduled, '-inf', nowMs, 'LIMIT', 0, limit)).map(toName)
}

const PROMOTE = defineScript(
  { session: 'text', id: 'text' },
  `${NOW}${QUEUE_PLACES}
local message = keys.message(session, id)
local due = redis.call('ZSCORE', keys.scheduledOf(session), id)
if due and tonumber(due) > now then return 0 end
redis.call('ZREM', keys.scheduled, session .. '/' .. id)
redis.call('ZREM', keys.scheduledOf(session), id)
local state, recipient, urgent = unpack(redis.call('HMGET', message, 'state', 'recipient', 'urgent'))
if not due or state ~= 'queued' then return 0 end
local waiting = redis.call('ZCARD', keys.queued(session))
redis.call('HSET', message, 'sequence', nextPlace(id, recipient, urgent, waiting))
return 1
`,
)

/**
 * Gives a scheduled message that is due its place in the queue: it counts from now on, behind what was accepted
 * before.
 * @returns false where it is not due yet, or not scheduled any more
 */
export async function promoteMessage(
  redis: RedisClient,
  { sessionId, messageId }: NamedMessage,
): Promise<boolean> {
  return (await runScript(redis, PROMOTE, { session: sessionId, id: messageId })) === 1
}

function toName(member: string): NamedMessage {
  const [sessionId = '', messageId = ''] = member.split('/')
  return { sessionId, messageId }
}
