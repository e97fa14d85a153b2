import { withoutBodies } from '../../events/bodies.ts'
import { type EventName, eventList } from '../../events/events.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'
import { MARK_HEARD } from './heard.ts'
import { LOG_EVENT } from './log-event.ts'

/** `events`: six texts for each of them, in the order of `NewEvent`; what is said of an unreadable message has no event. */
const APPEND = defineScript(
  { session: 'text', token: 'text', events: 'texts' },
  `${NOW}${LOG_EVENT}${MARK_HEARD}
if redis.call('GET', keys.lease(session)) ~= token then return 'fenced' end
local logged = 0
for i = 1, #events, 6 do
  local event, occurrence, chats, data, isCatchUp, heardAt = unpack(events, i, i + 5)
  if event == '' and heardAt == '' then forgetUnreadable(occurrence)
  elseif event == '' then markUnreadable(heardAt, occurrence)
  else
    local id = eventId(event, occurrence)
    if redis.call('ZADD', keys.eventIds(session), 'NX', now, id) == 1 then
      logEvent(id, event, chats, data, isCatchUp == '1')
      logged = logged + 1
    end
    if heardAt ~= '' then markSeen(chats, heardAt, occurrence) end
  end
end
return logged
`,
)

export interface NewEvent {
  event: EventName
  /** Tells this occurrence from every other of the session, such as the id of a message. */
  occurrence: string
  /** Ids of the chat that it concerns, the one that WhatsApp uses first; none where it concerns no chat. */
  chats: readonly string[]
  data: object
  /** It happened while nobody listened. */
  catchUp?: boolean
  /** Of a message whose `occurrence` is its full id: when it was written, in unix seconds, so that it is not found to be missed. */
  heardAt?: number
}

/** A message that came and could not be read. It is no event; it is looked for until it was heard, or turned out to say nothing. */
export interface UnreadableMessage {
  /** Its full id. */
  unreadable: string
  /** When it was written, in unix seconds; null where it can be read now and says nothing. */
  writtenAt: number | null
}

/** How many events one script logs at most: Redis does nothing else for some 2 ms then. */
export const LOGGED_AT_ONCE = 100

/**
 * Logs events of a session in their order, each occurrence once, however often it is told.
 * @param request.withBodies true where absent; false leaves out what somebody wrote
 * @returns how many were new; `fenced` where the lease is somebody else's, and nothing was logged
 */
export async function appendEvents(
  redis: RedisClient,
  request: {
    sessionId: string
    token: LeaseToken
    withBodies?: boolean
    events: readonly (NewEvent | UnreadableMessage)[]
  },
): Promise<number | 'fenced'> {
  const { withBodies = true } = request
  const events = request.events.flatMap((one) => {
    if ('unreadable' in one) return ['', one.unreadable, '', '', '0', String(one.writtenAt ?? '')]
    const { event, occurrence, chats, data, catchUp = false, heardAt } = one
    return [
      ...[event, occurrence, chats.join(' '), dataText(event, data, withBodies), catchUp ? '1' : '0'],
      heardAt === undefined ? '' : String(heardAt),
    ]
  })
  const given = { session: request.sessionId, token: request.token, events }
  return (await runScript(redis, APPEND, given)) as number | 'fenced'
}

function dataText(name: EventName, data: object, withBodies: boolean): string {
  const definition = eventList.find((event) => event.name === name)
  if (withBodies || definition === undefined) return JSON.stringify(data)
  const kept = withoutBodies(definition.data, data)
  const bodyUrl =
    'text' in data && 'chatId' in data && `/chats/${encodeURIComponent(String(data.chatId))}/messages`
  return JSON.stringify({ ...kept, ...(bodyUrl && { bodyUrl }) })
}
