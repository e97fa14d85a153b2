import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { NOTIFY_OF_MESSAGE } from '../session/session-notifications.ts'

/**
 * KEYS: message, session, queued, scheduled, scheduled of the session, urgent, recipient. ARGV: session, id, the channel of
 * notifications.
 */
const PROMOTE = defineScript(`${NOTIFY_OF_MESSAGE}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local member = ARGV[1] .. '/' .. ARGV[2]
local due = redis.call('ZSCORE', KEYS[5], ARGV[2])
if due and tonumber(due) > now then return 0 end
redis.call('ZREM', KEYS[4], member)
redis.call('ZREM', KEYS[5], ARGV[2])
if not due or redis.call('HGET', KEYS[1], 'state') ~= 'queued' then return 0 end
local sequence = redis.call('HINCRBY', KEYS[2], 'sequence', 1)
redis.call('HSET', KEYS[1], 'sequence', sequence)
redis.call('ZADD', KEYS[3], sequence, ARGV[2])
redis.call('ZADD', KEYS[7], sequence, ARGV[2])
local isUrgent = redis.call('HGET', KEYS[1], 'urgent') == '1'
if isUrgent then redis.call('ZADD', KEYS[6], sequence, ARGV[2]) end
notifyOfMessage(ARGV[3], redis.call('ZCARD', KEYS[3]), isUrgent)
return 1
`)

/**
 * Gives a scheduled message that is due its place in the queue: it counts from now on, behind what was accepted
 * before.
 * @returns false where it is not due yet, or not scheduled any more
 */
export async function promoteMessage(
  redis: ScriptClient,
  message: { sessionId: string; messageId: string; recipient: string },
): Promise<boolean> {
  const { sessionId, messageId, recipient } = message
  const promoted = await runScript(
    redis,
    PROMOTE,
    [
      keys.message(sessionId, messageId),
      keys.session(sessionId),
      keys.queued(sessionId),
      keys.scheduled,
      keys.scheduledOf(sessionId),
      keys.urgent(sessionId),
      keys.recipient(sessionId, recipient),
    ],
    [sessionId, messageId, keys.notifications(sessionId)],
  )
  return promoted === 1
}
