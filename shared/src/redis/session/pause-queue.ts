import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { notify } from './session-notifications.ts'

/** KEYS: session. ARGV: whether to pause (1 or 0), the channel of notifications. A session that is not known gets no field, or it would seem to exist. */
const PAUSE = defineScript(`
local createdAt, deleting = unpack(redis.call('HMGET', KEYS[1], 'createdAt', 'deleting'))
if not createdAt then return 'not_found' end
if deleting == '1' then return 'deleting' end
if ARGV[1] == '1' then redis.call('HSET', KEYS[1], 'paused', '1') else redis.call('HDEL', KEYS[1], 'paused') end
${notify('ARGV[2]', 'queue_settings')}
return 'done'
`)

/**
 * Pauses or resumes the sending of a session. While it is paused nothing new is handed to WhatsApp: messages are
 * accepted and wait, until they expire. It outlives owners and restarts.
 */
export async function pauseQueue(
  redis: ScriptClient,
  sessionId: string,
  isPaused: boolean,
): Promise<'done' | 'not_found' | 'deleting'> {
  return (await runScript(
    redis,
    PAUSE,
    [keys.session(sessionId)],
    [isPaused ? 1 : 0, keys.notifications(sessionId)],
  )) as 'done' | 'not_found' | 'deleting'
}
