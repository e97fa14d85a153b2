import type { SessionReason } from '../../sessions/session-lifecycle.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, runScript } from '../script.ts'
import { REFUSE_UNKNOWN } from './known-sessions.ts'
import { notify } from './session-notifications.ts'

/**
 * What is asked for: `create` makes a session where there is none, starts one that is stopped and starts a failed
 * one afresh; `restore` only loads a saved login that nobody stopped on purpose.
 */
export type Wish = 'create' | 'restore'
export type WishAnswer =
  | 'desired'
  | 'already'
  | 'deleting'
  | 'logging_out'
  | 'not_restorable'
  | 'too_many_unpaired'

/**
 * It is tried anew, whatever went wrong before. One that is wanted keeps its place where that is due: the place tells its owner
 * one wish from the next. For scripts with `now`, `session` and its hash `fields`.
 */
export const DUE_AFRESH = `
redis.call('HDEL', fields, 'stopped', 'loggingOut', 'failures', 'deaths', 'memoryFaults', 'recycled')
if redis.call('EXISTS', keys.lease(session)) == 0 then
  redis.call('HDEL', fields, 'status', 'reason', 'qr', 'qrExpiresAt')
end
redis.call('ZREM', keys.inState('failed'), session)
redis.call('ZADD', keys.desired, 'LT', now, session)
`

const DESIRE = defineScript(
  { session: 'text', wish: 'text', maxUnpaired: 'number' },
  `${NOW}
local fields = keys.session(session)
local status, saved, stopped, deleting, loggingOut =
  unpack(redis.call('HMGET', fields, 'status', 'savedLogin', 'stopped', 'deleting', 'loggingOut'))
local isDesired = redis.call('ZSCORE', keys.desired, session)
if deleting == '1' then return 'deleting' end
if loggingOut == '1' and isDesired then return 'logging_out' end
if wish == 'restore' then
  if isDesired then return 'already' end
  if saved ~= '1' or stopped and stopped ~= 'idle' then return 'not_restorable' end
  if status == 'failed' then return 'not_restorable' end
elseif isDesired and status ~= 'failed' then
  return 'already'
end
if saved ~= '1' and not redis.call('ZSCORE', keys.unpaired, session) then
  if redis.call('ZCARD', keys.unpaired) >= maxUnpaired then return 'too_many_unpaired' end
  redis.call('ZADD', keys.unpaired, now, session)
end
redis.call('HSETNX', fields, 'createdAt', now)
redis.call('ZADD', keys.sessions, 'NX', now, session)
${DUE_AFRESH}
return 'desired'
`,
)

/** Says that a session should run. Placing it is the reconciler's, running it a worker's. */
export async function desireSession(
  redis: RedisClient,
  { sessionId, wish, maxUnpaired }: { sessionId: string; wish: Wish; maxUnpaired: number },
): Promise<WishAnswer> {
  return (await runScript(redis, DESIRE, { session: sessionId, wish, maxUnpaired })) as WishAnswer
}

/** A state that no owner stands behind any more is forgotten, so that `stopped` is what is seen; an owner publishes its own end. */
const STOP_NOW = `
redis.call('ZREM', keys.desired, session)
redis.call('ZREM', keys.unpaired, session)
if redis.call('EXISTS', keys.lease(session)) == 0 then
  redis.call('HDEL', fields, 'status', 'reason', 'qr', 'qrExpiresAt')
  redis.call('ZREM', keys.inState('failed'), session)
end
`

const STOP = defineScript(
  { session: 'text' },
  `${REFUSE_UNKNOWN}
local fields = keys.session(session)
redis.call('HSET', fields, 'stopped', 'operator')
redis.call('HDEL', fields, 'loggingOut')
${STOP_NOW}
${notify('desired_state')}
return 'stopped'
`,
)

/** Says that nobody should run a session until somebody asks for it again. Its owner, if there is one, is told. */
export async function stopSession(
  redis: RedisClient,
  sessionId: string,
): Promise<'stopped' | 'deleting' | 'not_found'> {
  return (await runScript(redis, STOP, { session: sessionId })) as 'stopped' | 'deleting' | 'not_found'
}

/** It is desired meanwhile: logging out is a worker's. Where there is neither an owner nor a login there is nothing to log out. */
const LOG_OUT = defineScript(
  { session: 'text' },
  `${NOW}${REFUSE_UNKNOWN}
local fields = keys.session(session)
if redis.call('HGET', fields, 'savedLogin') ~= '1' and redis.call('EXISTS', keys.lease(session)) == 0 then
  redis.call('HSET', fields, 'stopped', '${'unlinked' satisfies SessionReason}')
  redis.call('HDEL', fields, 'loggingOut')
  ${STOP_NOW}
  return 'logging_out'
end
${DUE_AFRESH}
redis.call('HSET', fields, 'loggingOut', '1')
${notify('desired_state')}
return 'logging_out'
`,
)

/** Marks a session to be logged out and has it placed: the worker that gets it logs out, or gives up, and then stops it. */
export async function logOutSession(
  redis: RedisClient,
  sessionId: string,
): Promise<'logging_out' | 'deleting' | 'not_found'> {
  return (await runScript(redis, LOG_OUT, { session: sessionId })) as 'logging_out' | 'deleting' | 'not_found'
}

/** It stays desired: removing the profile is a worker's. */
const DELETE = defineScript(
  { session: 'text' },
  `${NOW}
if not redis.call('HGET', keys.session(session), 'createdAt') then return 'not_found' end
redis.call('HSET', keys.session(session), 'deleting', '1')
redis.call('HDEL', keys.session(session), 'loggingOut')
redis.call('ZADD', keys.desired, now, session)
redis.call('ZREM', keys.unpaired, session)
redis.call('ZREM', keys.inState('failed'), session)
${notify('desired_state')}
return 'deleting'
`,
)

/** Marks a session for removal and has it placed: the worker that gets it logs out, removes the profile, then the keys. */
export async function deleteSession(
  redis: RedisClient,
  sessionId: string,
): Promise<'deleting' | 'not_found'> {
  return (await runScript(redis, DELETE, { session: sessionId })) as 'deleting' | 'not_found'
}

/** Sessions looked at in one call: Redis serves nobody else meanwhile. */
const LOOKED_AT_ONCE = 1_000

const LIST_UNPLACED = defineScript(
  { offset: 'number', limit: 'number' },
  `${NOW}
local due = redis.call('ZRANGEBYSCORE', keys.desired, '-inf', now, 'LIMIT', offset, limit)
local unplaced = {}
for _, id in ipairs(due) do
  if redis.call('EXISTS', keys.lease(id), keys.placementJob(id)) == 0 then
    unplaced[#unplaced + 1] = { id, redis.call('HGET', keys.session(id), 'savedLogin') }
  end
end
return { #due, unplaced }
`,
)

/** The desired sessions that are due, have no owner and wait in no placement yet. */
export async function listUnplaced(
  redis: RedisClient,
): Promise<{ sessionId: string; savedLogin: boolean }[]> {
  const found: { sessionId: string; savedLogin: boolean }[] = []
  for (let offset = 0; ; offset += LOOKED_AT_ONCE) {
    const [looked, unplaced] = (await runScript(redis, LIST_UNPLACED, { offset, limit: LOOKED_AT_ONCE })) as [
      number,
      [string, string | null][],
    ]
    found.push(...unplaced.map(([sessionId, saved]) => ({ sessionId, savedLogin: saved === '1' })))
    if (looked < LOOKED_AT_ONCE) return found
  }
}

const COUNT_OWNERLESS = defineScript(
  { limit: 'number' },
  `${NOW}
local count = 0
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.desired, '-inf', now, 'LIMIT', 0, limit)) do
  if redis.call('EXISTS', keys.lease(id)) == 0 then count = count + 1 end
end
return count
`,
)

/** How many of the first `limit` desired sessions that are due have no owner, whether or not they wait in a placement. */
export async function countOwnerless(redis: RedisClient, limit: number): Promise<number> {
  return (await runScript(redis, COUNT_OWNERLESS, { limit })) as number
}

export async function countDesired(redis: RedisClient): Promise<number> {
  return await commandsOf(redis).zcard(keys.desired)
}
