/**
 * How the owner of a session hears that a message has come to its send queue: by pub/sub, which keeps nothing, so that it
 * also looks by itself now and then.
 */

/** What is said of a message that is urgent; nothing is said of one that is not. */
export const URGENT_ARRIVAL = 'urgent'

/**
 * An owner that has come to the end of its queue holds all that waits there, which is less than this. Where more waits it
 * comes back by itself, and a wake would only cost it time.
 */
export const HELD_BY_OWNER = 1_000

/** For scripts. @param waiting how many wait, with or without the new one */
export const ANNOUNCE = `
local function announce(channel, waiting, isUrgent)
  if isUrgent then redis.call('PUBLISH', channel, '${URGENT_ARRIVAL}')
  elseif waiting < ${HELD_BY_OWNER} then redis.call('PUBLISH', channel, '') end
end
`
