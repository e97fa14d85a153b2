import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

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
  redis: Redis,
  sessionId: string,
  nowMs: number,
): Promise<QueueDetails> {
  const [figures, urgent, scheduled, [, nextDueAt], sending, paused] = await Promise.all([
    readQueue(redis, sessionId, nowMs),
    redis.zcard(keys.urgent(sessionId)),
    redis.zcard(keys.scheduledOf(sessionId)),
    redis.zrange(keys.scheduledOf(sessionId), 0, '0', 'WITHSCORES'),
    redis.scard(keys.sending(sessionId)),
    redis.hget(keys.session(sessionId), 'paused'),
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

export async function readQueue(redis: Redis, sessionId: string, nowMs: number): Promise<QueueFigures> {
  const [waiting, [oldest]] = await Promise.all([
    redis.zcard(keys.queued(sessionId)),
    redis.zrange(keys.queued(sessionId), 0, '0'),
  ])
  if (oldest === undefined) return { waiting, oldestMs: null }
  const [acceptedAt, sendAt] = await redis.hmget(keys.message(sessionId, oldest), 'acceptedAt', 'sendAt')
  // One that was scheduled waits since it is due.
  const since = Math.max(Number(acceptedAt), Number(sendAt))
  return { waiting, oldestMs: since === 0 ? null : Math.max(0, nowMs - since) }
}
