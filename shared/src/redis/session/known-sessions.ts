import { sessionStatuses } from '../../sessions/session-lifecycle.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import type { LeaseToken } from './lease.ts'

/** Lua for scripts with the argument `session`: what is not known, or is being removed, is answered so and gets no field. */
export const REFUSE_UNKNOWN = `
local createdAt, deleting = unpack(redis.call('HMGET', keys.session(session), 'createdAt', 'deleting'))
if not createdAt then return 'not_found' end
if deleting == '1' then return 'deleting' end
`

/** Nothing that is known already is touched. */
const REGISTER = defineScript(
  { session: 'text' },
  `${NOW}
if redis.call('HSETNX', keys.session(session), 'createdAt', now) == 0 then return 0 end
redis.call('HSET', keys.session(session), 'savedLogin', 1)
redis.call('ZADD', keys.sessions, 'NX', now, session)
return 1
`,
)

/** Makes a session known that has a saved login. @returns false where it was */
export async function registerSavedLogin(redis: RedisClient, sessionId: string): Promise<boolean> {
  return (await runScript(redis, REGISTER, { session: sessionId })) === 1
}

/** Nothing is read per session but of the failed ones: no counter that could drift. */
const COUNT = defineScript(
  {},
  `${NOW}
local function living(key) return redis.call('ZCOUNT', key, now, '+inf') end
local failedAndDesired = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.inState('failed'), now, '+inf')) do
  if redis.call('ZSCORE', keys.desired, id) then failedAndDesired = failedAndDesired + 1 end
end
return {
  redis.call('ZCARD', keys.sessions), redis.call('ZCARD', keys.desired),
  living(keys.inState('ready')), living(keys.inState('waiting_qr')), living(keys.inState('failed')), failedAndDesired,
  living(keys.workers), living(keys.idleWorkers),
}
`,
)

export interface SessionCounts {
  total: number
  ready: number
  waiting_qr: number
  initializing: number
  failed: number
}

export interface HealthCounts {
  sessions: SessionCounts
  workers: { total: number; idle: number }
}

export async function countSessions(redis: RedisClient): Promise<HealthCounts> {
  const [total, desired, ready, waitingQr, failed, failedAndDesired, workers, idle] = (await runScript(
    redis,
    COUNT,
    {},
  )) as [number, number, number, number, number, number, number, number]
  const initializing = Math.max(0, desired - ready - waitingQr - failedAndDesired)
  return {
    sessions: { total, ready, waiting_qr: waitingQr, initializing, failed },
    workers: { total: workers, idle },
  }
}

const SCAN_COUNT = 1_000

/** Removes every key that belongs to a session, but not the session and its lease. */
export async function deleteSessionKeys(redis: RedisClient, sessionId: string): Promise<void> {
  // Braces are literal in a Redis pattern, and a session id has no character that is not.
  const own = keys.message(sessionId, '').replace(/message:$/, '*')
  const kept = new Set([keys.session(sessionId), keys.lease(sessionId)])
  let cursor = '0'
  do {
    const [next, found] = await commandsOf(redis).scan(cursor, 'MATCH', own, 'COUNT', SCAN_COUNT)
    const doomed = found.filter((key) => !kept.has(key))
    if (doomed.length > 0) await commandsOf(redis).unlink(...doomed)
    cursor = next
  } while (cursor !== '0')
}

const FORGET = defineScript(
  { session: 'text', token: 'text', statuses: 'texts' },
  `
if redis.call('GET', keys.lease(session)) ~= token then return 0 end
for _, set in ipairs({ keys.sessions, keys.desired, keys.unpaired }) do redis.call('ZREM', set, session) end
for _, status in ipairs(statuses) do redis.call('ZREM', keys.inState(status), session) end
redis.call('DEL', keys.session(session), keys.lease(session))
return 1
`,
)

/**
 * Removes a session itself and its lease in one script: afterwards it never existed.
 * @returns false where the lease was lost meanwhile; the session is then still marked and its new owner goes on
 */
export async function forgetSession(
  redis: RedisClient,
  sessionId: string,
  token: LeaseToken,
): Promise<boolean> {
  return (await runScript(redis, FORGET, { session: sessionId, token, statuses: sessionStatuses })) === 1
}

/** Ids of known sessions in the order in which they became known, from the place `from` on. */
export async function listKnown(
  redis: RedisClient,
  { from, limit }: { from: number; limit: number },
): Promise<string[]> {
  return await commandsOf(redis).zrange(keys.sessions, from, String(from + limit - 1))
}

/** When a session became known, epoch ms; null where it is not. */
export async function knownSince(redis: RedisClient, sessionId: string): Promise<number | null> {
  const since = await commandsOf(redis).zscore(keys.sessions, sessionId)
  return since === null ? null : Number(since)
}

/** @returns the place behind a session, or behind all that became known before it, where it is known no more */
export async function placeAfter(
  redis: RedisClient,
  { sessionId, knownSince }: { sessionId: string; knownSince: number },
): Promise<number> {
  const rank = await commandsOf(redis).zrank(keys.sessions, sessionId)
  return rank === null ? await commandsOf(redis).zcount(keys.sessions, '-inf', `(${knownSince}`) : rank + 1
}

const SEARCH = defineScript(
  { searched: 'text', sessions: 'texts' },
  `
local found = {}
local function has(text) return text and string.find(string.lower(text), searched, 1, true) end
for _, id in ipairs(sessions) do
  if has(id) then found[#found + 1] = id
  else
    local phone, pushName = unpack(redis.call('HMGET', keys.session(id), 'phone', 'pushName'))
    if has(phone) or has(pushName) then found[#found + 1] = id end
  end
end
return found
`,
)

/**
 * Those of `sessionIds` whose name, phone number or account's name contains a text, in their order. It has to be in lower
 * case; letters beyond ASCII are found as they are written. A few hundred at a time: Redis serves nobody else meanwhile.
 */
export async function searchSessions(
  redis: RedisClient,
  sessionIds: readonly string[],
  searched: string,
): Promise<string[]> {
  if (sessionIds.length === 0) return []
  return (await runScript(redis, SEARCH, { searched, sessions: sessionIds })) as string[]
}

const PAGE = 500

/** Every known session in the order in which they became known, some hundred at a time. */
export async function* knownInPages(redis: RedisClient): AsyncGenerator<string[]> {
  for (let from = 0; ; from += PAGE) {
    const ids = await listKnown(redis, { from, limit: PAGE })
    yield ids
    if (ids.length < PAGE) return
  }
}
