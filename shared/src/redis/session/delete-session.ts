import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { notify } from './session-notifications.ts'

/** KEYS: session, desired, unpaired, failed. ARGV: session, the channel of notifications. It stays desired: removing the profile is a worker's. */
const DELETE = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if not redis.call('HGET', KEYS[1], 'createdAt') then return 'not_found' end
redis.call('HSET', KEYS[1], 'deleting', '1')
redis.call('ZADD', KEYS[2], now, ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('ZREM', KEYS[4], ARGV[1])
${notify('ARGV[2]', 'desired_state')}
return 'deleting'
`)

/** Marks a session for removal and has it placed: the worker that gets it logs out, removes the profile, then the keys. */
export async function deleteSession(
  redis: ScriptClient,
  sessionId: string,
): Promise<'deleting' | 'not_found'> {
  return (await runScript(
    redis,
    DELETE,
    [keys.session(sessionId), keys.desired, keys.unpaired, keys.inState('failed')],
    [sessionId, keys.notifications(sessionId)],
  )) as 'deleting' | 'not_found'
}
