import { keys } from '@wsg/shared/redis/keys.ts'
import { defineScript, runScript } from '@wsg/shared/redis/script.ts'
import type { LeaseToken } from '@wsg/shared/redis/session/lease.ts'
import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import type { Redis } from 'ioredis'

/** KEYS: lease, session, then every set that names sessions. ARGV: session, token. */
const FORGET = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 0 end
for i = 3, #KEYS do redis.call('ZREM', KEYS[i], ARGV[1]) end
redis.call('DEL', KEYS[2], KEYS[1])
return 1
`)

/**
 * Removes a session itself and its lease in one stroke: afterwards it never existed.
 * @returns false where the lease was lost meanwhile; the session is then still marked and its new owner goes on
 */
export async function forgetSession(redis: Redis, sessionId: string, token: LeaseToken): Promise<boolean> {
  const sets = [
    keys.sessions,
    keys.desired,
    keys.unpaired,
    ...sessionStatuses.map((status) => keys.inState(status)),
  ]
  const all = [keys.lease(sessionId), keys.session(sessionId), ...sets]
  return (await runScript(redis, FORGET, all, [sessionId, token])) === 1
}
