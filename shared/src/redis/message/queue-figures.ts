import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'

export interface QueueFigures {
  /** Messages accepted and not yet handed to WhatsApp. */
  waiting: number
  /** Age of the oldest of them, null where none waits. */
  oldestMs: number | null
}

export interface QueueDetails extends QueueFigures {
  /** Of those that wait, how many overtake the others. */
  urgent: number
  /** Accepted, but not due yet; not part of `waiting`. */
  scheduled: number
  /** When the next of them is due (epoch ms), null where there is none. */
  nextDueAt: number | null
  /** Being handed to WhatsApp at the moment. */
  sending: number
  isPaused: boolean
}

/** @param nowMs Redis' time */
export async function readQueueDetails(
  redis: RedisClient,
  sessionId: string,
  nowMs: number,
): Promise<QueueDetails> {
  const commands = commandsOf(redis)
  const [figures, urgent, scheduled, [, nextDueAt], sending, paused] = await Promise.all([
    readQueueFigures(redis, sessionId, nowMs),
    commands.zcard(keys.urgent(sessionId)),
    commands.zcard(keys.scheduledOf(sessionId)),
    commands.zrange(keys.scheduledOf(sessionId), 0, '0', 'WITHSCORES'),
    commands.scard(keys.sending(sessionId)),
    commands.hget(keys.session(sessionId), 'paused'),
  ])
  return {
    ...figures,
    urgent,
    scheduled,
    nextDueAt: nextDueAt === undefined ? null : Math.floor(Number(nextDueAt)),
    sending,
    isPaused: paused === '1',
  }
}

/** @param nowMs Redis' time */
export async function readQueueFigures(
  redis: RedisClient,
  sessionId: string,
  nowMs: number,
): Promise<QueueFigures> {
  const commands = commandsOf(redis)
  const [waiting, [oldest]] = await Promise.all([
    commands.zcard(keys.queued(sessionId)),
    commands.zrange(keys.queued(sessionId), 0, '0'),
  ])
  if (oldest === undefined) return { waiting, oldestMs: null }
  const [acceptedAt, sendAt] = await commands.hmget(keys.message(sessionId, oldest), 'acceptedAt', 'sendAt')
  // One that was scheduled waits since it is due.
  const since = Math.max(Number(acceptedAt), Number(sendAt))
  return { waiting, oldestMs: since === 0 ? null : Math.max(0, nowMs - since) }
}
