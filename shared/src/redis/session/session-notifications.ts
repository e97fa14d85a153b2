/**
 * What the owner of a session is told over pub/sub, in one word:
 * - `message`, `urgent_message`: one has come to the send queue;
 * - `queue_settings`: the queue was paused or resumed, or its pacing was set;
 * - `proxy`: another proxy is to be used, or none;
 * - `desired_state`: the session should stop, or be removed;
 * - `job`: a gateway asks for something.
 * Pub/sub keeps nothing, so an owner also looks by itself now and then.
 */
export type SessionNotification =
  | 'message'
  | 'urgent_message'
  | 'queue_settings'
  | 'proxy'
  | 'desired_state'
  | 'job'

/**
 * An owner that has come to the end of its queue holds all that waits there, which is less than this. Where more waits it
 * comes back by itself, and a notification would only cost it time.
 */
const HELD_BY_OWNER = 1_000

/** Lua for scripts with the argument `session`: tells its owner. */
export function notify(word: SessionNotification): string {
  return `redis.call('PUBLISH', keys.notifications(session), '${word}')`
}

/** Lua for scripts with the argument `session`: `notifyOfMessage(waiting, isUrgent)`, where `waiting` is how many wait with it. */
export const NOTIFY_OF_MESSAGE = `
local function notifyOfMessage(waiting, isUrgent)
  if isUrgent then ${notify('urgent_message')}
  elseif waiting <= ${HELD_BY_OWNER} then ${notify('message')} end
end
`
