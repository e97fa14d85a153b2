import {
  decidingFields,
  type SessionFields,
  type SessionSnapshot,
  type SessionView,
  viewSession,
} from '../../sessions/session-view.ts'
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

const READ_DECIDING = defineScript(
  { sessions: 'texts' },
  `${NOW}
local read = {}
for i, id in ipairs(sessions) do
  read[i] = { redis.call('GET', keys.lease(id)), redis.call('ZSCORE', keys.desired, id),
    redis.call('HMGET', keys.session(id), '${decidingFields.join("', '")}') }
end
return { now, read }
`,
)

/**
 * What many sessions are shown as, without all else that is known of them. A few hundred at a time: Redis serves nobody else
 * meanwhile.
 */
export async function readViews(redis: RedisClient, sessionIds: readonly string[]): Promise<SessionView[]> {
  if (sessionIds.length === 0) return []
  const [nowMs, read] = (await runScript(redis, READ_DECIDING, { sessions: sessionIds })) as [
    number,
    [string | null, string | null, (string | null)[]][],
  ]
  return read.map(([leaseToken, notBefore, values]) =>
    viewSession({
      fields: Object.fromEntries(
        decidingFields.flatMap((field, i) => (values[i] == null ? [] : [[field, values[i]]])),
      ),
      leaseToken,
      notBefore: notBefore === null ? null : Number(notBefore),
      nowMs,
    }),
  )
}
