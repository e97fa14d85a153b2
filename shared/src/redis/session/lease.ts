import { MEMORY_DEATH_SHARE } from '../../sessions/memory-shares.ts'
import type { HistoryEvent } from '../../sessions/session-history.ts'
import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { figures } from '../worker/fleet-figures.ts'
import { REMEMBER } from './history.ts'

/** Who holds a session. No two owners ever share a token: it joins an epoch and 128 random bits. */
export type LeaseToken = string

/** What `takeLease` found instead of a free, wanted session. */
export type LeaseRefusal = 'held' | 'not_desired' | 'not_due'

const NOW = `local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/**
 * KEYS: lease, session, desired, figures, history. ARGV: session, random part, worker, time to live (ms). A worker that
 * is still written there never let go: it died, or fenced itself. It is counted here, because it could not do so
 * itself; one whose last word was that it was about to go over its memory limit most likely did.
 */
const TAKE = defineScript(`${NOW}${REMEMBER}
if redis.call('EXISTS', KEYS[1]) == 1 then return 'held' end
local notBefore = redis.call('ZSCORE', KEYS[3], ARGV[1])
if not notBefore then return 'not_desired' end
if tonumber(notBefore) > now then return 'not_due' end
local token = redis.call('HINCRBY', KEYS[2], 'epoch', 1) .. '-' .. ARGV[2]
local lost = redis.call('HEXISTS', KEYS[2], 'worker') == 1
if lost then
  local isCertain = redis.call('HDEL', KEYS[2], 'ownerIsDead') == 1
  redis.call('HINCRBY', KEYS[4], isCertain and '${figures.takeover('certain')}' or '${figures.takeover('lapsed')}', 1)
  local memory = tonumber(redis.call('HGET', KEYS[2], 'memoryMb'))
  local limit = tonumber(redis.call('HGET', KEYS[2], 'memoryLimitMb'))
  local isMemory = memory and limit and memory >= limit * ${MEMORY_DEATH_SHARE}
  local row = redis.call('HINCRBY', KEYS[2], isMemory and 'memoryFaults' or 'deaths', 1)
  local event = isMemory and '${'memory_limit' satisfies HistoryEvent}' or '${'worker_died' satisfies HistoryEvent}'
  remember(KEYS[5], KEYS[4], now, event, row > 1 and row .. ' in a row' or '')
  redis.call('HDEL', KEYS[2], 'memoryMb', 'memoryLimitMb')
end
redis.call('HSET', KEYS[2], 'worker', ARGV[3])
redis.call('SET', KEYS[1], token, 'PX', ARGV[4])
return { token, lost and 1 or 0 }
`)

/**
 * Takes the lease of a session that is desired, due and free.
 * @param random 32 hex digits, new for every attempt
 * @param ttlMs how long it lasts without a renewal
 */
export async function takeLease(
  redis: ScriptClient,
  request: { sessionId: string; random: string; workerId: string; ttlMs: number },
): Promise<TakenLease | { refused: LeaseRefusal }> {
  const { sessionId, random, workerId, ttlMs } = request
  const answer = (await runScript(
    redis,
    TAKE,
    [keys.lease(sessionId), keys.session(sessionId), keys.desired, keys.figures, keys.history(sessionId)],
    [sessionId, random, workerId, ttlMs],
  )) as LeaseRefusal | [LeaseToken, 0 | 1]
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
const RENEW = defineScript(`${NOW}
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 'lost' end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.pcall('ZADD', KEYS[4], 'XX', 'GT', now + ARGV[3], ARGV[1])
redis.pcall('HSET', KEYS[2], 'updatedAt', now)
if redis.call('HGET', KEYS[2], 'deleting') == '1' then return 'deleting' end
if not redis.call('ZSCORE', KEYS[3], ARGV[1]) then return 'unwanted' end
return 'renewed'
`)

/** `unwanted`: it should stop; `deleting`: it should log out; both still hold the lease. `lost`: someone else may own it. */
export type Renewal = 'renewed' | 'unwanted' | 'deleting' | 'lost'

export async function renewLease(
  redis: ScriptClient,
  request: { sessionId: string; token: LeaseToken; ttlMs: number; status: string },
): Promise<Renewal> {
  const { sessionId, token, ttlMs, status } = request
  return (await runScript(
    redis,
    RENEW,
    [keys.lease(sessionId), keys.session(sessionId), keys.desired, keys.inState(status)],
    [sessionId, token, ttlMs],
  )) as Renewal
}

const RELEASE_DEAD = defineScript(`
local token = redis.call('GET', KEYS[1])
if not token or redis.call('HGET', KEYS[2], 'worker') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], 'ownerIsDead', '1')
redis.call('DEL', KEYS[1])
return 1
`)

/**
 * Frees the lease of a worker whose process and browser are known to be dead. Only for who saw it die: for
 * everyone else the time to live is the only proof.
 * @returns true where that worker held it
 */
export async function releaseDeadOwner(
  redis: ScriptClient,
  sessionId: string,
  workerId: string,
): Promise<boolean> {
  return (
    (await runScript(redis, RELEASE_DEAD, [keys.lease(sessionId), keys.session(sessionId)], [workerId])) === 1
  )
}
