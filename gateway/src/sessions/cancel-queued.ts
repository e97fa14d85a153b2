import { keys } from '@wsg/shared/redis/keys.ts'
import { cancelMessages, MOVED_AT_ONCE } from '@wsg/shared/redis/message/move-message.ts'
import type { Redis } from 'ioredis'

/**
 * Cancels every message of a session that still waits, due or not. Whoever waits for one of them is told at once.
 * @returns how many there were
 */
export async function cancelQueued(redis: Redis, sessionId: string, retentionMs: number): Promise<number> {
  const due = await cancelListed(redis, sessionId, keys.queued(sessionId), retentionMs)
  return due + (await cancelListed(redis, sessionId, keys.scheduledOf(sessionId), retentionMs))
}

async function cancelListed(
  redis: Redis,
  sessionId: string,
  list: string,
  retentionMs: number,
): Promise<number> {
  for (let canceled = 0; ; ) {
    const ids = await redis.zrange(list, 0, String(MOVED_AT_ONCE - 1))
    const moved = await cancelMessages(redis, sessionId, ids, retentionMs)
    // None moved: there are none, a worker took them in the meantime, or their records are gone.
    if (moved === 0) return canceled
    canceled += moved
  }
}
