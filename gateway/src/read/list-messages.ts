import { type MessageState, messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  dropPlaces,
  type MessageList,
  type Place,
  readPlaces,
} from '@wsg/shared/redis/message/message-lists.ts'
import { type ListedMessage, readListed } from '@wsg/shared/redis/message/read-message.ts'

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

export interface MessagePage {
  messages: ListedMessage[]
  /** Where the next page goes on, null at the end. */
  next: string | null
}

/**
 * The messages of a session, what changed last first. A cursor is a place in that order and not a count, so that what
 * changes between two pages neither shifts them nor is shown twice.
 */
export async function listMessages(redis: RedisClient, request: MessagePageRequest): Promise<MessagePage> {
  const { sessionId, limit } = request
  const lists = listsOf(request)
  const messages: ListedMessage[] = []
  let place = request.cursor === null ? null : placeOf(request.cursor)
  for (let looked = 0; looked < MAX_LOOKED_AT; looked += LOOKED_AT_ONCE) {
    const places = await placesAfter(redis, lists, request, place)
    const ids = places.map(({ id }) => id)
    const gone: string[] = []
    for (const [i, record] of (await readListed(redis, sessionId, ids)).entries()) {
      place = places[i] as Place
      if (record === null) gone.push(place.id)
      else if (isWanted(record, request)) messages.push(record)
      if (messages.length === limit) break
    }
    await Promise.all(lists.map((list) => dropPlaces(redis, sessionId, list, gone)))
    if (messages.length === limit && place !== null) return { messages, next: toCursor(place) }
    if (places.length < LOOKED_AT_ONCE) return { messages, next: null }
  }
  return { messages, next: place === null ? null : toCursor(place) }
}

function listsOf({ status, reference }: MessagePageRequest): MessageList[] {
  if (reference !== null) return [{ reference }]
  return (status === null ? messageStates : [status]).map((state) => ({ state }))
}

/** The next places of all lists together, in their order; each list is read no further than they can reach. */
async function placesAfter(
  redis: RedisClient,
  lists: readonly MessageList[],
  { sessionId, reference, since, until }: MessagePageRequest,
  after: Place | null,
): Promise<Place[]> {
  // A reference is listed by acceptance: the time of the last change is looked at in the record.
  const oldest = (reference === null ? since : null) ?? Number.NEGATIVE_INFINITY
  const latest = (reference === null ? until : null) ?? Number.POSITIVE_INFINITY
  const newest = Math.min(after?.at ?? Number.POSITIVE_INFINITY, latest)
  const found = await Promise.all(
    lists.map((list) => readPlacesAfter(redis, sessionId, list, { newest, oldest }, after)),
  )
  const inOrder = found.flat().sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
  // One that moved while the lists were read is in two of them; the newer place comes first.
  const ids = new Set<string>()
  return inOrder.filter(({ id }) => !ids.has(id) && ids.add(id)).slice(0, LOOKED_AT_ONCE)
}

async function readPlacesAfter(
  redis: RedisClient,
  sessionId: string,
  list: MessageList,
  range: { newest: number; oldest: number },
  after: Place | null,
): Promise<Place[]> {
  const places: Place[] = []
  // Those of the cursor's own millisecond come again: a batch brings dozens at once.
  for (let offset = 0; places.length < LOOKED_AT_ONCE; offset += LOOKED_AT_ONCE) {
    const found = await readPlaces(redis, sessionId, list, { ...range, offset, limit: LOOKED_AT_ONCE })
    places.push(...found.filter(({ at, id }) => after === null || at < after.at || id < after.id))
    if (found.length < LOOKED_AT_ONCE) break
  }
  return places
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
