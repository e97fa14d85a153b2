import { type MessageState, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { type MessageRecord, messageRecordSchema } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

/** A page whose filters leave little looks at so many messages at most and goes on at its cursor. */
const MAX_LOOKED_AT = 2_000
const LOOKED_AT_ONCE = 200

export interface MessagePageRequest {
  sessionId: string
  status: MessageState | null
  /** The caller's own word; its messages come by the time of acceptance. */
  reference: string | null
  /** Epoch ms of the last change of state, both included. */
  since: number | null
  until: number | null
  limit: number
  /** `next` of the page before; null for the first page. */
  cursor: string | null
}

/** A message without its text, which nobody lists. */
type ListedMessage = Omit<MessageRecord, 'content'>

export interface MessagePage {
  messages: ListedMessage[]
  /** Where the next page goes on, null at the end. */
  next: string | null
}

/** A place in the order: the newest time first, and within one millisecond the greatest id. */
interface Place {
  at: number
  id: string
}

/**
 * The messages of a session, what changed last first. A cursor is a place in that order and not a count, so that what
 * changes between two pages neither shifts them nor is shown twice.
 */
export async function listMessages(redis: Redis, request: MessagePageRequest): Promise<MessagePage> {
  const { limit } = request
  const lists = listsOf(request)
  const messages: ListedMessage[] = []
  let place = request.cursor === null ? null : placeOf(request.cursor)
  for (let looked = 0; looked < MAX_LOOKED_AT; looked += LOOKED_AT_ONCE) {
    const places = await placesAfter(redis, lists, request, place)
    const records = await readListed(
      redis,
      request.sessionId,
      places.map(({ id }) => id),
    )
    const gone: string[] = []
    for (const [i, record] of records.entries()) {
      place = places[i] as Place
      if (record === null) gone.push(place.id)
      else if (isWanted(record, request)) messages.push(record)
      if (messages.length === limit) break
    }
    if (gone.length > 0) await Promise.all(lists.map((list) => redis.zrem(list, ...gone)))
    if (messages.length === limit && place !== null) return { messages, next: toCursor(place) }
    if (places.length < LOOKED_AT_ONCE) return { messages, next: null }
  }
  return { messages, next: place === null ? null : toCursor(place) }
}

function listsOf({ sessionId, status, reference }: MessagePageRequest): string[] {
  if (reference !== null) return [keys.reference(sessionId, reference)]
  const states = status === null ? messageStates : [status]
  return states.map((state) => keys.messagesIn(sessionId, state))
}

/** The next places of all lists together, in their order; each list is read no further than they can reach. */
async function placesAfter(
  redis: Redis,
  lists: readonly string[],
  { reference, since, until }: MessagePageRequest,
  after: Place | null,
): Promise<Place[]> {
  // A reference is listed by acceptance: the time of the last change is looked at in the record.
  const oldest = reference === null && since !== null ? since : '-inf'
  const newest = Math.min(
    after?.at ?? Number.POSITIVE_INFINITY,
    reference === null ? (until ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
  )
  const from = Number.isFinite(newest) ? newest : '+inf'
  const found = await Promise.all(lists.map((list) => readPlaces(redis, list, from, oldest, after)))
  const inOrder = found.flat().sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  // One that moved while the lists were read is in two of them; the newer place comes first.
  const ids = new Set<string>()
  return inOrder.filter(({ id }) => !ids.has(id) && ids.add(id)).slice(0, LOOKED_AT_ONCE)
}

async function readPlaces(
  redis: Redis,
  list: string,
  from: number | string,
  to: number | string,
  after: Place | null,
): Promise<Place[]> {
  const places: Place[] = []
  // Those of the cursor's own millisecond come again: a batch brings dozens at once.
  for (let offset = 0; places.length < LOOKED_AT_ONCE; offset += LOOKED_AT_ONCE) {
    const flat = await redis.zrevrangebyscore(list, from, to, 'WITHSCORES', 'LIMIT', offset, LOOKED_AT_ONCE)
    for (let i = 0; i + 1 < flat.length; i += 2) {
      const place = { id: flat[i] as string, at: Number(flat[i + 1]) }
      if (after === null || place.at < after.at || place.id < after.id) places.push(place)
    }
    if (flat.length < 2 * LOOKED_AT_ONCE) break
  }
  return places
}

const listedSchema = messageRecordSchema.omit({ content: true })
const listedFields = Object.keys(listedSchema.shape)

async function readListed(
  redis: Redis,
  sessionId: string,
  ids: readonly string[],
): Promise<(ListedMessage | null)[]> {
  return await Promise.all(
    ids.map(async (id) => {
      const values = await redis.hmget(keys.message(sessionId, id), ...listedFields)
      const present = listedFields.flatMap((field, i) => {
        const value = values[i]
        return value === null || value === undefined ? [] : [[field, value] as const]
      })
      return present.length === 0 ? null : listedSchema.parse(Object.fromEntries(present))
    }),
  )
}

/** What a list says may be older than the record by a moment. */
function isWanted(record: ListedMessage, { status, reference, since, until }: MessagePageRequest): boolean {
  if (status !== null && record.state !== status) return false
  if (reference === null) return true
  const changedAt = lastChange(record)
  return (since === null || changedAt >= since) && (until === null || changedAt <= until)
}

/** When a message came to the state that it is in. */
function lastChange(record: ListedMessage): number {
  const { state } = record
  return (state === 'queued' ? null : record[`${state}At`]) ?? record.acceptedAt
}

/** `<epoch ms>_<id>`: a place in the order whether or not that message still has it. */
function toCursor({ at, id }: Place): string {
  return `${at}_${id}`
}

function placeOf(cursor: string): Place {
  const [at = '', id = ''] = cursor.split('_')
  return { at: Number(at), id }
}
