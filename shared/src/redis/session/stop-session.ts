import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { notify } from './session-notifications.ts'

/**
 * KEYS: session, desired, unpaired, failed, lease. ARGV: session, the channel of notifications. A state that no owner stands behind any more is forgotten, so that
 * `stopped` is what is seen; an owner publishes its own end.
 */
const STOP = defineScript(`
local id = ARGV[1]
if not redis.call('HGET', KEYS[1], 'createdAt') then return 'not_found' end
if redis.call('HGET', KEYS[1], 'deleting') == '1' then return 'deleting' end
redis.call('ZREM', KEYS[2], id)
redis.call('ZREM', KEYS[3], id)
redis.call('HSET', KEYS[1], 'stopped', 'operator')
${notify('ARGV[2]', 'desired_state')}
if redis.call('EXISTS', KEYS[5]) == 0 then
  redis.call('HDEL', KEYS[1], 'status', 'reason', 'qr', 'qrExpiresAt')
  redis.call('ZREM', KEYS[4], id)
end
return 'stopped'
`)

/** Says that nobody should run a session until somebody asks for it again. Its owner, if there is one, is told. */
export async function stopSession(
  redis: ScriptClient,
  sessionId: string,
): Promise<'stopped' | 'deleting' | 'not_found'> {
  return (await runScript(
    redis,
    STOP,
    [keys.session(sessionId), keys.desired, keys.unpaired, keys.inState('failed'), keys.lease(sessionId)],
    [sessionId, keys.notifications(sessionId)],
  )) as 'stopped' | 'deleting' | 'not_found'
}
