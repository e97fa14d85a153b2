import { HISTORY_LENGTH, type HistoryEntry, historyEntrySchema } from '../../sessions/session-history.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { figures } from '../worker/fleet-figures.ts'

/**
 * Lua for scripts with the argument `session` that make history: `remember(now, event, detail)`; the detail may be absent.
 * It is part of the script that makes it happen, so that nothing is told that did not happen, and no round trip is spent
 * on it. It is counted for the whole fleet, too.
 */
export const REMEMBER = `
local function remember(now, event, detail)
  redis.call('HINCRBY', keys.figures, '${figures.sessionEvent('')}' .. event, 1)
  redis.call('LPUSH', keys.history(session), cjson.encode({ at = now, event = event, detail = detail }))
  redis.call('LTRIM', keys.history(session), 0, ${HISTORY_LENGTH - 1})
end
`

/** What happened to a session, the newest first. Entries that a newer version wrote and this one cannot read are left out. */
export async function readHistory(redis: RedisClient, sessionId: string): Promise<HistoryEntry[]> {
  const entries = await commandsOf(redis).lrange(keys.history(sessionId), 0, HISTORY_LENGTH - 1)
  return entries.flatMap((entry) => {
    const parsed = historyEntrySchema.safeParse(JSON.parse(entry))
    return parsed.success ? [parsed.data] : []
  })
}
