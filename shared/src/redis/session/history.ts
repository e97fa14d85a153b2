import type { Redis } from 'ioredis'
import { HISTORY_LENGTH, type HistoryEntry, historyEntrySchema } from '../../sessions/session-history.ts'
import { keys } from '../keys.ts'
import { figures } from '../worker/fleet-figures.ts'

/**
 * Lua for the scripts that make history: `remember(key, figures, now, event, detail)`, where an empty detail is none.
 * In the same stroke, so that nothing is told that did not happen, and no round trip is spent on it. It is counted for
 * the whole fleet, too.
 */
export const REMEMBER = `
local function remember(key, figures, now, event, detail)
  redis.call('HINCRBY', figures, '${figures.sessionEvent('')}' .. event, 1)
  redis.call('LPUSH', key, cjson.encode({ at = now, event = event, detail = detail ~= '' and detail or nil }))
  redis.call('LTRIM', key, 0, ${HISTORY_LENGTH - 1})
end
`

/** What happened to a session, the newest first. Entries that a newer version wrote and this one cannot read are left out. */
export async function readHistory(redis: Redis, sessionId: string): Promise<HistoryEntry[]> {
  const entries = await redis.lrange(keys.history(sessionId), 0, HISTORY_LENGTH - 1)
  return entries.flatMap((entry) => {
    const parsed = historyEntrySchema.safeParse(JSON.parse(entry))
    return parsed.success ? [parsed.data] : []
  })
}
