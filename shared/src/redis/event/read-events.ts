import type { LoggedEvent } from '../../events/envelope.ts'
import type { EventName } from '../../events/events.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, pairsToObject, runScript } from '../script.ts'

/** Before the first event. */
const BEGINNING = '0-0'

type Entry = [position: string, fields: string[]]

/** What a session's log has behind a position, in order. */
export async function readEvents(
  redis: RedisClient,
  sessionId: string,
  { after, limit }: { after: string; limit: number },
): Promise<LoggedEvent[]> {
  const entries = await commandsOf(redis).xrange(keys.events(sessionId), `(${after}`, '+', 'COUNT', limit)
  return entries.map((entry) => fromEntry(sessionId, entry as Entry))
}

/** @returns null where it is not kept any more */
export async function readEvent(
  redis: RedisClient,
  sessionId: string,
  position: string,
): Promise<LoggedEvent | null> {
  const [entry] = await commandsOf(redis).xrange(keys.events(sessionId), position, position)
  return entry === undefined ? null : fromEntry(sessionId, entry as Entry)
}

const READ_ALL = defineScript(
  { after: 'text', limit: 'number' },
  `
local found, last = {}, after
for _, place in ipairs(redis.call('XRANGE', keys.eventPlaces, '(' .. after, '+', 'COUNT', limit)) do
  last = place[1]
  local session = place[2][2]
  local entry = redis.call('XRANGE', keys.events(session), last, last)[1]
  if entry then found[#found + 1] = { session, entry } end
end
return { last, found }
`,
)

/** What the logs of all sessions have behind a position, in order, and the position up to which that is. */
export async function readAllEvents(
  redis: RedisClient,
  { after, limit }: { after: string; limit: number },
): Promise<{ events: LoggedEvent[]; last: string }> {
  const [last, found] = (await runScript(redis, READ_ALL, { after, limit })) as [string, [string, Entry][]]
  return { events: found.map(([sessionId, entry]) => fromEntry(sessionId, entry)), last }
}

/** The position of the newest event of all. */
export async function newestPosition(redis: RedisClient): Promise<string> {
  const [newest] = await commandsOf(redis).xrevrange(keys.eventPlaces, '+', '-', 'COUNT', 1)
  return newest?.[0] ?? BEGINNING
}

/** Says that somebody reads the events of a session, or of all (`*`), and may come back for them within `keptMs`. */
export async function markRead(redis: RedisClient, scope: string, keptMs: number): Promise<void> {
  await commandsOf(redis).set(keys.eventsRead(scope), '1', 'PX', keptMs)
}

function fromEntry(sessionId: string, [position, flat]: Entry): LoggedEvent {
  const fields = pairsToObject(flat)
  return {
    id: fields.i as string,
    sessionId,
    sequence: Number(fields.n),
    event: fields.e as EventName,
    position,
    chats: (fields.c ?? '').split(' ').filter((chat) => chat !== ''),
    account: fields.a as string,
    data: fields.d as string,
    catchUp: fields.u === '1',
    ...(fields.t !== undefined && { traceparent: fields.t }),
  }
}
