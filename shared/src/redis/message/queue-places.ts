import { NOTIFY_OF_MESSAGE } from '../session/session-notifications.ts'

/**
 * Lua for scripts with the argument `session`: the places of a message in its session's send queue. It is named in the queue
 * itself, by its recipient and, where it is urgent, once more.
 * - `takePlace(id, sequence, recipient, urgent)`, `leavePlace(id, recipient, urgent)`
 * - `nextPlace(id, recipient, urgent, waiting)` takes the place behind all others, tells the owner, and returns its sequence
 *
 * `urgent` is `'1'` or nothing, `waiting` how many are in the queue before it.
 */
export const QUEUE_PLACES = `${NOTIFY_OF_MESSAGE}
local function takePlace(id, sequence, recipient, urgent)
  redis.call('ZADD', keys.queued(session), sequence, id)
  redis.call('ZADD', keys.recipient(session, recipient), sequence, id)
  if urgent then redis.call('ZADD', keys.urgent(session), sequence, id) end
end

local function leavePlace(id, recipient, urgent)
  redis.call('ZREM', keys.queued(session), id)
  redis.call('ZREM', keys.recipient(session, recipient), id)
  if urgent then redis.call('ZREM', keys.urgent(session), id) end
end

local function nextPlace(id, recipient, urgent, waiting)
  local sequence = redis.call('HINCRBY', keys.session(session), 'sequence', 1)
  takePlace(id, sequence, recipient, urgent)
  notifyOfMessage(waiting + 1, urgent)
  return sequence
end
`
