import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'

/**
 * What is asked for: `create` makes a session where there is none, starts one that is stopped and starts a failed
 * one afresh; `restore` only loads a saved login that nobody stopped on purpose.
 */
export type Wish = 'create' | 'restore'
export type WishAnswer = 'desired' | 'already' | 'deleting' | 'not_restorable' | 'too_many_unpaired'

const DESIRE = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, wish, cap = ARGV[1], ARGV[2], tonumber(ARGV[3])
local session, desired, sessions, unpaired, failed = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
if redis.call('HGET', session, 'deleting') == '1' then return 'deleting' end
local status = redis.call('HGET', session, 'status')
local saved = redis.call('HGET', session, 'savedLogin') == '1'
local score = redis.call('ZSCORE', desired, id)
if wish == 'restore' then
  if score then return 'already' end
  if not saved or redis.call('HGET', session, 'stopped') == 'operator' then return 'not_restorable' end
  if status == 'failed' and redis.call('HGET', session, 'reason') ~= 'whatsapp_unreachable' then return 'not_restorable' end
elseif score and status ~= 'failed' then
  return 'already'
end
if not saved and not redis.call('ZSCORE', unpaired, id) then
  if redis.call('ZCARD', unpaired) >= cap then return 'too_many_unpaired' end
  redis.call('ZADD', unpaired, now, id)
end
redis.call('HSETNX', session, 'createdAt', now)
redis.call('ZADD', sessions, 'NX', now, id)
redis.call('HDEL', session, 'stopped', 'failures', 'deaths', 'memoryFaults', 'recycled')
if redis.call('EXISTS', KEYS[6]) == 0 then redis.call('HDEL', session, 'status', 'reason', 'qr', 'qrExpiresAt') end
redis.call('ZREM', failed, id)
redis.call('ZADD', desired, now, id)
return 'desired'
`)

/** Says that a session should run. Placing it is the reconciler's, running it a worker's. */
export async function desireSession(
  redis: ScriptClient,
  request: { sessionId: string; wish: Wish; maxUnpaired: number },
): Promise<WishAnswer> {
  const { sessionId, wish, maxUnpaired } = request
  return (await runScript(
    redis,
    DESIRE,
    [
      keys.session(sessionId),
      keys.desired,
      keys.sessions,
      keys.unpaired,
      keys.inState('failed'),
      keys.lease(sessionId),
    ],
    [sessionId, wish, maxUnpaired],
  )) as WishAnswer
}
