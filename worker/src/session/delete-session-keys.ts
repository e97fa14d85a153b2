import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

const SCAN_COUNT = 1_000

/** Removes every key that belongs to a session, but not the session and its lease. */
export async function deleteSessionKeys(redis: Redis, sessionId: string): Promise<void> {
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
