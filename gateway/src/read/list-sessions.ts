import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import {
  knownInPages,
  knownSince,
  listKnown,
  placeAfter,
  searchSessions,
} from '@wsg/shared/redis/session/known-sessions.ts'
import { readSnapshot, readViews } from '@wsg/shared/redis/session/snapshot.ts'
import type { SessionStatus } from '@wsg/shared/sessions/session-lifecycle.ts'
import { type SessionSnapshot, viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { SessionScope } from '../access/session-scope.ts'

/** A page that filters by status looks at so many sessions at most and goes on at its cursor. */
const MAX_LOOKED_AT = 10_000
const LOOKED_AT_ONCE = 200
const SEARCHED_AT_ONCE = 500

export interface SessionPageRequest {
  limit: number
  /** `next` of the page before; null for the first page. */
  after: string | null
  status: SessionStatus | null
  /** Part of a name, of a phone number or of an account's name, in lower case; null for all. */
  search: string | null
  /** The sessions that the caller may see, null for all. */
  visible: SessionScope | null
}

interface ListedSession {
  sessionId: string
  snapshot: SessionSnapshot
}

export interface SessionPage {
  sessions: ListedSession[]
  /** Where the next page goes on, null at the end. */
  next: string | null
}

/** Known sessions in the order in which they became known, or by name where the caller sees a few that are named. */
export async function listSessions(redis: RedisClient, request: SessionPageRequest): Promise<SessionPage> {
  const { limit, status, visible, search } = request
  const nextOf = visible?.ids ? idsOf(visible.ids, request.after) : await idsOfAll(redis, request.after)
  const nextIds = search === null ? nextOf : matching(redis, nextOf, search)
  const sessions: ListedSession[] = []
  for (let looked = 0; looked < MAX_LOOKED_AT; ) {
    const ids = await nextIds(LOOKED_AT_ONCE)
    const seen = visible === null ? ids : ids.filter((id) => visible.has(id))
    const wanted = status === null ? seen : await shownAs(redis, seen, status)
    const snapshots = await Promise.all(wanted.map((id) => readSnapshot(redis, id)))
    for (const [i, sessionId] of wanted.entries()) {
      const snapshot = snapshots[i] as SessionSnapshot
      const view = viewSession(snapshot)
      if (view.status === 'not_found' || (status !== null && view.status !== status)) continue
      if (sessions.length === limit)
        return { sessions, next: await cursorOf(redis, sessions.at(-1)?.sessionId) }
      sessions.push({ sessionId, snapshot })
    }
    looked += ids.length
    if (ids.length < LOOKED_AT_ONCE) return { sessions, next: null }
    if (looked >= MAX_LOOKED_AT) return { sessions, next: await cursorOf(redis, ids.at(-1)) }
  }
  return { sessions, next: null }
}

/** The ids of all known sessions that the caller may see. */
export async function visibleIds(redis: RedisClient, visible: SessionScope): Promise<readonly string[]> {
  if (visible.ids !== null) return visible.ids
  const ids: string[] = []
  for await (const known of knownInPages(redis)) ids.push(...known.filter((id) => visible.has(id)))
  return ids
}

/** Most are looked at only as far as that takes. What is found is looked at again, since it may change meanwhile. */
async function shownAs(redis: RedisClient, ids: readonly string[], status: SessionStatus): Promise<string[]> {
  const views = await readViews(redis, ids)
  return ids.filter((_, i) => views[i]?.status === status)
}

/** Fewer than `count` at the end alone. */
type NextIds = (count: number) => Promise<string[]>

/** `<when it became known>_<id>`: still a place in the order once that session itself is gone. */
async function cursorOf(redis: RedisClient, sessionId = ''): Promise<string> {
  return `${(await knownSince(redis, sessionId)) ?? 0}_${sessionId}`
}

async function idsOfAll(redis: RedisClient, after: string | null): Promise<NextIds> {
  let start = after === null ? 0 : await placeAfter(redis, placeOf(after))
  return async (count) => {
    const ids = await listKnown(redis, { from: start, limit: count })
    start += ids.length
    return ids
  }
}

function idsOf(visible: readonly string[], after: string | null): NextIds {
  const rest = visible.filter((id) => after === null || id > placeOf(after).sessionId)
  return async (count) => rest.splice(0, count)
}

function matching(redis: RedisClient, nextIds: NextIds, search: string): NextIds {
  return async (count) => {
    const found: string[] = []
    for (;;) {
      const ids = await nextIds(SEARCHED_AT_ONCE)
      found.push(...(await searchSessions(redis, ids, search)))
      if (ids.length < SEARCHED_AT_ONCE || found.length >= count) return found
    }
  }
}

function placeOf(cursor: string): { sessionId: string; knownSince: number } {
  const end = cursor.indexOf('_')
  return { sessionId: cursor.slice(end + 1), knownSince: Number(cursor.slice(0, end)) }
}
