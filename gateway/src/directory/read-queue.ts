import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

export interface QueueFigures {
  /** Messages accepted and not yet handed to WhatsApp. */
  waiting: number
  /** Age of the oldest of them, null where none waits. */
  oldestMs: number | null
}

export async function readQueue(redis: Redis, sessionId: string, nowMs: number): Promise<QueueFigures> {
  const [waiting, [oldest]] = await Promise.all([
    redis.zcard(keys.queued(sessionId)),
    redis.zrange(keys.queued(sessionId), 0, '0'),
  ])
  if (oldest === undefined) return { waiting, oldestMs: null }
  const acceptedAt = await redis.hget(keys.message(sessionId, oldest), 'acceptedAt')
  return { waiting, oldestMs: acceptedAt === null ? null : Math.max(0, nowMs - Number(acceptedAt)) }
}
