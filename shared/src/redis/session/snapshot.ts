import type { SessionFields, SessionSnapshot } from '../../sessions/session-view.ts'
import { keys } from '../keys.ts'
import { defineScript, pairsToObject, runScript, type ScriptClient } from '../script.ts'

const READ_SNAPSHOT = defineScript(`
local time = redis.call('TIME')
local fields = redis.call('HGETALL', KEYS[1])
local lease = redis.call('GET', KEYS[2])
local notBefore = redis.call('ZSCORE', KEYS[3], ARGV[1])
return { fields, lease or '', notBefore or '', time[1] * 1000 + math.floor(time[2] / 1000) }
`)

/** Reads all that decides what a session is, as of one instant. */
export async function readSnapshot(redis: ScriptClient, sessionId: string): Promise<SessionSnapshot> {
  const [fields, lease, notBefore, nowMs] = (await runScript(
    redis,
    READ_SNAPSHOT,
    [keys.session(sessionId), keys.lease(sessionId), keys.desired],
    [sessionId],
  )) as [string[], string, string, number]
  return {
    fields: pairsToObject(fields) as SessionFields,
    leaseToken: lease === '' ? null : lease,
    notBefore: notBefore === '' ? null : Number(notBefore),
    nowMs,
  }
}
