import { MEMORY_DEATH_SHARE } from '../../sessions/memory-shares.ts'
import type { HistoryEvent } from '../../sessions/session-history.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { figures } from '../worker/fleet-figures.ts'
import { REMEMBER } from './history.ts'

/** Who holds a session. No two owners ever share a token: it joins an epoch and 128 random bits. */
export type LeaseToken = string

/** What `takeLease` found instead of a free, wanted session. */
export type LeaseRefusal = 'held' | 'not_desired' | 'not_due'

/**
 * A worker that is still written there never let go: it died, or fenced itself. It is counted here, because it could not do
 * so itself; one whose last word was that it was about to go over its memory limit most likely did.
 */
const TAKE = defineScript(
  { session: 'text', random: 'text', worker: 'text', ttlMs: 'number' },
  `${NOW}${REMEMBER}
local fields = keys.session(session)

local function countLostOwner()
  local ownerIsDead, memory, limit = unpack(redis.call('HMGET', fields, 'ownerIsDead', 'memoryMb', 'memoryLimitMb'))
  redis.call('HDEL', fields, 'ownerIsDead', 'memoryMb', 'memoryLimitMb')
  redis.call('HINCRBY', keys.figures, ownerIsDead and '${figures.takeover('certain')}' or '${figures.takeover('lapsed')}', 1)
  local isMemory = memory and limit and tonumber(memory) >= limit * ${MEMORY_DEATH_SHARE}
  local event = isMemory and '${'memory_limit' satisfies HistoryEvent}' or '${'worker_died' satisfies HistoryEvent}'
  local inARow = redis.call('HINCRBY', fields, isMemory and 'memoryFaults' or 'deaths', 1)
  remember(now, event, inARow > 1 and inARow .. ' in a row' or nil)
end

if redis.call('EXISTS', keys.lease(session)) == 1 then return 'held' end
local notBefore = redis.call('ZSCORE', keys.desired, session)
if not notBefore then return 'not_desired' end
if tonumber(notBefore) > now then return 'not_due' end
local token = redis.call('HINCRBY', fields, 'epoch', 1) .. '-' .. random
local isLost = redis.call('HEXISTS', fields, 'worker') == 1
if isLost then countLostOwner() end
redis.call('HSET', fields, 'worker', worker)
redis.call('SET', keys.lease(session), token, 'PX', ttlMs)
return { token, isLost and 1 or 0 }
`,
)

/**
 * Takes the lease of a session that is desired, due and free.
 * @param random 32 hex digits, new for every attempt
 * @param ttlMs how long it lasts without a renewal
 */
export async function takeLease(
  redis: RedisClient,
  request: { sessionId: string; random: string; workerId: string; ttlMs: number },
): Promise<TakenLease | { refused: LeaseRefusal }> {
  const { sessionId, random, workerId, ttlMs } = request
  const answer = (await runScript(redis, TAKE, { session: sessionId, random, worker: workerId, ttlMs })) as
    | LeaseRefusal
    | [LeaseToken, 0 | 1]
  return typeof answer === 'string'
    ? { refused: answer }
    : { token: answer[0], predecessorLost: answer[1] === 1 }
}

export interface TakenLease {
  token: LeaseToken
  /** True where the owner before never let go of the session: it died, or could not count on its lease any more. */
  predecessorLost: boolean
}

/**
 * The renewal itself is a `PEXPIRE`, which Redis still carries out when it is full; the rest may then fail
 * (`pcall`) without costing the lease.
 */
const RENEW = defineScript(
  { session: 'text', token: 'text', ttlMs: 'number', status: 'text' },
  `${NOW}
if redis.call('GET', keys.lease(session)) ~= token then return 'lost' end
redis.call('PEXPIRE', keys.lease(session), ttlMs)
redis.pcall('ZADD', keys.inState(status), 'XX', 'GT', now + ttlMs, session)
redis.pcall('HSET', keys.session(session), 'updatedAt', now)
if redis.call('HGET', keys.session(session), 'deleting') == '1' then return 'deleting' end
local wishedAt = redis.call('ZSCORE', keys.desired, session)
if not wishedAt then return 'unwanted' end
if redis.call('HGET', keys.session(session), 'loggingOut') == '1' then return 'logging_out' end
return { wishedAt }
`,
)

/** `wishedAt`: it is wanted, at this place of the desired set; `unwanted`: it should stop; `logging_out`, `deleting`: it should log out; all still hold the lease. `lost`: someone else may own it. */
export type Renewal = { wishedAt: number } | 'unwanted' | 'logging_out' | 'deleting' | 'lost'

export async function renewLease(
  redis: RedisClient,
  request: { sessionId: string; token: LeaseToken; ttlMs: number; status: string },
): Promise<Renewal> {
  const { sessionId, token, ttlMs, status } = request
  const answer = (await runScript(redis, RENEW, { session: sessionId, token, ttlMs, status })) as
    | Exclude<Renewal, object>
    | [string]
  return typeof answer === 'string' ? answer : { wishedAt: Number(answer[0]) }
}

const RELEASE_DEAD = defineScript(
  { session: 'text', worker: 'text' },
  `
local token = redis.call('GET', keys.lease(session))
if not token or redis.call('HGET', keys.session(session), 'worker') ~= worker then return 0 end
redis.call('HSET', keys.session(session), 'ownerIsDead', '1')
redis.call('DEL', keys.lease(session))
return 1
`,
)

/**
 * Frees the lease of a worker whose process and browser are known to be dead. Only for who saw it die: for
 * everyone else the time to live is the only proof.
 * @returns true where that worker held it
 */
export async function releaseDeadOwner(
  redis: RedisClient,
  sessionId: string,
  workerId: string,
): Promise<boolean> {
  return (await runScript(redis, RELEASE_DEAD, { session: sessionId, worker: workerId })) === 1
}

/** @returns the token that holds a session, null where none does, and how long it still does without a renewal, in ms */
export async function readLease(
  redis: RedisClient,
  sessionId: string,
): Promise<{ token: LeaseToken | null; leftMs: number }> {
  const lease = keys.lease(sessionId)
  const [token, leftMs] = await Promise.all([commandsOf(redis).get(lease), commandsOf(redis).pttl(lease)])
  return { token, leftMs }
}
