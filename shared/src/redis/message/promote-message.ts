import { defineScript, NOW, runScript, type ScriptClient } from '../script.ts'
import { QUEUE_PLACES } from './queue-places.ts'

const PROMOTE = defineScript(
  { session: 'text', id: 'text' },
  `${NOW}${QUEUE_PLACES}
local message = keys.message(session, id)
local due = redis.call('ZSCORE', keys.scheduledOf(session), id)
if due and tonumber(due) > now then return 0 end
redis.call('ZREM', keys.scheduled, session .. '/' .. id)
redis.call('ZREM', keys.scheduledOf(session), id)
local state, recipient, urgent = unpack(redis.call('HMGET', message, 'state', 'recipient', 'urgent'))
if not due or state ~= 'queued' then return 0 end
redis.call('HSET', message, 'sequence', nextPlace(id, recipient, urgent))
return 1
`,
)

/**
 * Gives a scheduled message that is due its place in the queue: it counts from now on, behind what was accepted
 * before.
 * @returns false where it is not due yet, or not scheduled any more
 */
export async function promoteMessage(
  redis: ScriptClient,
  { sessionId, messageId }: { sessionId: string; messageId: string },
): Promise<boolean> {
  return (await runScript(redis, PROMOTE, { session: sessionId, id: messageId })) === 1
}
