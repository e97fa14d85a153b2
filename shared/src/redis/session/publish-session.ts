import { fromRestrictionFields } from '../../sessions/restriction.ts'
import type { Happening } from '../../sessions/session-history.ts'
import type { OwnedStatus, SessionReason } from '../../sessions/session-lifecycle.ts'
import type { SessionFields } from '../../sessions/session-view.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { LOG_EVENT } from '../event/log-event.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { DUE_AFRESH } from './desired-state.ts'
import { REMEMBER } from './history.ts'
import type { LeaseToken } from './lease.ts'

/** The states by which sessions are counted, each in a set (`keys.inState`). */
const statesCounted = ['ready', 'waiting_qr', 'initializing', 'failed'] as const

/**
 * An empty field is removed. `wish`: `keep`, `drop`, or in how many ms it is due again. A session that was asked for after
 * `wishedAt` is not dropped: it begins afresh. Nor is one that is to be removed: removing it is a worker's. What is said holds
 * for as long as the lease does; that it failed holds without one. A new status, or another reason for it, is an event; so is a
 * restriction that begins, is prolonged or ends.
 */
const PUBLISH = defineScript(
  {
    ...{ session: 'text', token: 'text', status: 'text', wish: 'text', release: 'flag' },
    ...{
      wishedAt: 'number?',
      number: 'text?',
      event: 'text?',
      detail: 'text?',
      restriction: 'text?',
      changes: 'pairs',
    },
  },
  `${NOW}${REMEMBER}${LOG_EVENT}
local fields = keys.session(session)

local function logStatus(before)
  local status, reason = unpack(redis.call('HMGET', fields, 'status', 'reason'))
  if status == before[1] and reason == before[2] then return end
  local occurrence = token .. ' ' .. (redis.call('HGET', fields, 'eventSequence') or '0')
  local data = cjson.encode({ status = status, reason = reason or nil })
  logEvent(eventId('session.status', occurrence), 'session.status', '', data)
end

local function logRestriction(before)
  local kind, since, till = unpack(redis.call('HMGET', fields, 'restriction', 'restrictedSince', 'restrictedUntil'))
  local isProlonged = restriction and kind and till ~= before[5]
  if kind == before[3] and not isProlonged then return end
  local occurrence = (kind or 'over ' .. before[3]) .. ' ' .. (since or before[4] or '') .. ' ' .. (till or '')
  local data = kind and restriction or cjson.encode({ kind = before[3], isOver = true })
  logEvent(eventId('session.restriction', occurrence), 'session.restriction', '', data)
end

local function countIn(counted, holds)
  if counted ~= status or (release and status ~= 'failed') then redis.call('ZREM', keys.inState(counted), session)
  else redis.call('ZADD', keys.inState(counted), holds, session) end
end

local function isAskedForAnew()
  local askedAt = redis.call('ZSCORE', keys.desired, session)
  if not askedAt or not wishedAt or tonumber(askedAt) <= wishedAt then return false end
  return redis.call('HGET', fields, 'loggingOut') ~= '1'
end

local function fulfil(wish)
  if wish == 'drop' then
    redis.call('ZREM', keys.desired, session)
    redis.call('ZREM', keys.unpaired, session)
    redis.call('HDEL', fields, 'loggingOut')
  elseif wish ~= 'keep' and redis.call('ZSCORE', keys.desired, session) then
    redis.call('ZADD', keys.desired, now + wish, session)
  end
end

if redis.call('GET', keys.lease(session)) ~= token then return 'fenced' end
local before = redis.call('HMGET', fields, 'status', 'reason', 'restriction', 'restrictedSince', 'restrictedUntil', 'token', 'published')
-- It was carried out, and its owner did not hear so.
if number and before[6] == token and before[7] == number then return 'published' end
redis.call('HSET', fields, 'token', token, 'status', status, 'updatedAt', now, 'published', number or '')
for i = 1, #changes, 2 do
  if changes[i + 1] == '' then redis.call('HDEL', fields, changes[i])
  else redis.call('HSET', fields, changes[i], changes[i + 1]) end
end
logStatus(before)
logRestriction(before)
local holds = release and '+inf' or now + redis.call('PTTL', keys.lease(session))
for _, counted in ipairs({ ${statesCounted.map((state) => `'${state}'`).join(', ')} }) do countIn(counted, holds) end
local savedLogin, deleting = unpack(redis.call('HMGET', fields, 'savedLogin', 'deleting'))
if savedLogin == '1' then redis.call('ZREM', keys.unpaired, session) end
local isKept = wish == 'drop' and (deleting == '1' or isAskedForAnew())
fulfil(isKept and 'keep' or wish)
if event then remember(now, event, detail) end
if release then
  redis.call('DEL', keys.lease(session))
  redis.call('HDEL', fields, 'worker')
end
if isKept and deleting ~= '1' then
  ${DUE_AFRESH}
end
return 'published'
`,
)

export interface SessionPublication {
  sessionId: string
  token: LeaseToken
  /** Tells this publication from the others of its owner: one that is given twice counts once. */
  number?: number
  status: OwnedStatus
  reason: SessionReason
  /** Further fields to set; an empty string removes one. */
  fields?: SessionFields
  /** Whether the session stays desired; a number puts its next placement off by so many ms. Kept where absent. */
  wish?: 'keep' | 'drop' | number
  /** With `drop`: its place in the desired set while its owner ran. A later one is another wish, and stays. */
  wishedAt?: number | undefined
  /** What goes to the session's history with it. */
  happened?: Happening
  /** True lets go of the lease in the same script. */
  release?: boolean
}

/**
 * Writes what an owner has to say about its session, if it still is the owner.
 * @returns `fenced` where the lease is someone else's or gone: nothing was written
 */
export async function publishSession(
  redis: RedisClient,
  publication: SessionPublication,
): Promise<'published' | 'fenced'> {
  const {
    sessionId,
    token,
    number,
    status,
    reason,
    fields = {},
    wish = 'keep',
    wishedAt,
    release = false,
    happened,
  } = publication
  const restriction = fromRestrictionFields(fields)
  return (await runScript(redis, PUBLISH, {
    session: sessionId,
    token,
    number: number?.toString(),
    status,
    wish: String(wish),
    wishedAt,
    release,
    event: happened?.event,
    detail: happened?.detail,
    restriction: restriction === null ? undefined : JSON.stringify({ ...restriction, isOver: false }),
    changes: { ...fields, reason },
  })) as 'published' | 'fenced'
}
