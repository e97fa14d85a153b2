import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

const SCAN_COUNT = 1_000

/** Removes every key that belongs to a session, and every mention of its messages, but not the session and its lease. */
export async function deleteSessionKeys(redis: Redis, sessionId: string): Promise<void> {
  await removeMentions(redis, sessionId)
  // Braces are literal in a Redis pattern, and a session id has no character that is not.
  const own = keys.message(sessionId, '').replace(/message:$/, '*')
  const kept = new Set([keys.session(sessionId), keys.lease(sessionId)])
  let cursor = '0'
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', own, 'COUNT', SCAN_COUNT)
    const doomed = found.filter((key) => !kept.has(key))
    if (doomed.length > 0) await redis.unlink(...doomed)
    cursor = next
  } while (cursor !== '0')
}

/** Its messages of which their gateway may not know are named in a set that all sessions share. */
async function removeMentions(redis: Redis, sessionId: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, found] = await redis.zscan(
      keys.unanswered,
      cursor,
      'MATCH',
      `${sessionId}/*`,
      'COUNT',
      SCAN_COUNT,
    )
    const members = found.filter((_, i) => i % 2 === 0)
    if (members.length > 0) await redis.zrem(keys.unanswered, ...members)
    cursor = next
  } while (cursor !== '0')
}
