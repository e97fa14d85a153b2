import { keys } from '@wsg/shared/redis/keys.ts'
import type { LeaseToken } from '@wsg/shared/redis/lease.ts'
import { defineScript, runScript } from '@wsg/shared/redis/script.ts'
import { sessionStatuses } from '@wsg/shared/session-lifecycle.ts'
import type { Redis } from 'ioredis'

/** KEYS: lease, session, then every set that names sessions. ARGV: session, token. The lease goes last, with the rest. */
const FORGET = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
for i = 3, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
redis.call('DEL', KEYS[2], KEYS[1])
return 1
`)

const SCAN_COUNT = 1_000

/**
 * Removes every key of a session and every mention of it, its lease included: afterwards it never existed.
 * @returns false where the lease was lost meanwhile; the session is then still marked and its new owner goes on
 */
export async function deleteSessionKeys(
  redis: Redis,
  sessionId: string,
  token: LeaseToken,
): Promise<boolean> {
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
  const sets = [
    keys.sessions,
    keys.desired,
    keys.unpaired,
    ...sessionStatuses.map((status) => keys.inState(status)),
  ]
  const all = [keys.lease(sessionId), keys.session(sessionId), ...sets]
  return (await runScript(redis, FORGET, all, [sessionId, token])) === 1
}

/** Its messages whose job may be missing are named in a set that all sessions share. */
async function removeMentions(redis: Redis, sessionId: string): Promise<void> {
  let cursor = '0'
  do {
    const [next, found] = await redis.zscan(
      keys.withoutJob,
      cursor,
      'MATCH',
      `${sessionId}/*`,
      'COUNT',
      SCAN_COUNT,
    )
    const members = found.filter((_, i) => i % 2 === 0)
    if (members.length > 0) await redis.zrem(keys.withoutJob, ...members)
    cursor = next
  } while (cursor !== '0')
}
