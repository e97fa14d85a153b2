import { isSettled, type MessageState, messageStates } from '../../messages/message-lifecycle.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'

/** Ids of messages that wait, from the head of the queue or by the time at which they are due. */
export async function listWaiting(
  redis: RedisClient,
  sessionId: string,
  { isDue, limit }: { isDue: boolean; limit: number },
): Promise<string[]> {
  const list = isDue ? keys.queued(sessionId) : keys.scheduledOf(sessionId)
  return await commandsOf(redis).zrange(list, 0, String(limit - 1))
}

/** Ids of the messages that are being handed to WhatsApp, in no order. */
export async function listSending(redis: RedisClient, sessionId: string): Promise<string[]> {
  return await commandsOf(redis).smembers(keys.sending(sessionId))
}

/** WhatsApp's full ids of the messages that came to a state last, the newest first. What no page has held has none. */
export async function listNewestFullIds(
  redis: RedisClient,
  sessionId: string,
  state: MessageState,
  limit: number,
): Promise<string[]> {
  const commands = commandsOf(redis)
  const ids = await commands.zrange(keys.messagesIn(sessionId, state), 0, String(limit - 1), 'REV')
  const fullIds = await Promise.all(ids.map((id) => commands.hget(keys.message(sessionId, id), 'messageId')))
  return fullIds.filter((fullId) => fullId !== null)
}

/** By which messages are listed: one state, or one reference of the caller's. */
export type MessageList = { state: MessageState } | { reference: string }

/** A place in such a list: when the message came to the state, or was accepted (epoch ms). */
export interface Place {
  at: number
  id: string
}

/** A part of a list, the newest first and within one millisecond the greatest id. @param range epoch ms, both included */
export async function readPlaces(
  redis: RedisClient,
  sessionId: string,
  list: MessageList,
  range: { newest: number; oldest: number; offset: number; limit: number },
): Promise<Place[]> {
  const flat = await commandsOf(redis).zrevrangebyscore(
    keyOf(sessionId, list),
    bound(range.newest),
    bound(range.oldest),
    'WITHSCORES',
    'LIMIT',
    range.offset,
    range.limit,
  )
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    id: flat[2 * i] as string,
    at: Number(flat[2 * i + 1]),
  }))
}

/** Takes messages whose records are gone out of a list. */
export async function dropPlaces(
  redis: RedisClient,
  sessionId: string,
  list: MessageList,
  messageIds: readonly string[],
): Promise<void> {
  if (messageIds.length > 0) await commandsOf(redis).zrem(keyOf(sessionId, list), ...messageIds)
}

/** Records are kept for ever before. */
const settledStates = messageStates.filter(isSettled)

/**
 * Takes what came to a settled state before `goneSince` (epoch ms) out of a session's lists: its record is gone.
 * @returns how many there were, at most `limit` for each state
 */
export async function forgetGone(
  redis: RedisClient,
  sessionId: string,
  goneSince: number,
  limit: number,
): Promise<{ forgotten: number; isMore: boolean }> {
  const commands = commandsOf(redis)
  const counts = await Promise.all(
    settledStates.map(async (state) => {
      const list = keys.messagesIn(sessionId, state)
      const gone = await commands.zrangebyscore(list, '-inf', goneSince, 'LIMIT', 0, limit)
      return gone.length === 0 ? 0 : await commands.zrem(list, ...gone)
    }),
  )
  return { forgotten: counts.reduce((sum, count) => sum + count, 0), isMore: counts.includes(limit) }
}

function keyOf(sessionId: string, list: MessageList): string {
  return 'state' in list ? keys.messagesIn(sessionId, list.state) : keys.reference(sessionId, list.reference)
}

function bound(ms: number): number | string {
  if (Number.isFinite(ms)) return ms
  return ms > 0 ? '+inf' : '-inf'
}
