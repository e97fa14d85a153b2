import type { SessionFields, SessionSnapshot } from '../../sessions/session-view.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, pairsToObject, runScript } from '../script.ts'

const READ_SNAPSHOT = defineScript(
  { session: 'text' },
  `${NOW}
local fields = redis.call('HGETALL', keys.session(session))
return { fields, redis.call('GET', keys.lease(session)), redis.call('ZSCORE', keys.desired, session), now }
`,
)

/** Reads all that decides what a session is, as of one instant. */
export async function readSnapshot(redis: RedisClient, sessionId: string): Promise<SessionSnapshot> {
  const [fields, leaseToken, notBefore, nowMs] = (await runScript(redis, READ_SNAPSHOT, {
    session: sessionId,
  })) as [string[], string | null, string | null, number]
  return {
    fields: pairsToObject(fields) as SessionFields,
    leaseToken,
    notBefore: notBefore === null ? null : Number(notBefore),
    nowMs,
  }
}
