import type { Happening } from '../../sessions/session-history.ts'
import type { OwnedStatus, SessionReason } from '../../sessions/session-lifecycle.ts'
import type { SessionFields } from '../../sessions/session-view.ts'
import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { REMEMBER } from './history.ts'
import type { LeaseToken } from './lease.ts'

const statesCounted = ['ready', 'waiting_qr', 'initializing', 'failed'] as const

/**
 * KEYS: lease, session, desired, unpaired, history, figures, then the counted states. ARGV: session, token, status, what
 * becomes of the wish, whether the lease is let go, what goes to the history with its detail (both empty for nothing),
 * then the fields; an empty value removes the field. What is said holds for as long as the lease does. A session that is to be removed stays desired: removing it is a worker's.
 */
const PUBLISH = defineScript(`${REMEMBER}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, token, status, wish = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('GET', KEYS[1]) ~= token then return 'fenced' end
redis.call('HSET', KEYS[2], 'token', token, 'status', status, 'updatedAt', now)
for i = 8, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[2], ARGV[i]) else redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
end
for i = 7, #KEYS do redis.call('ZREM', KEYS[i], id) end
local holds = ARGV[5] == 'release' and '+inf' or now + redis.call('PTTL', KEYS[1])
for i, counted in ipairs({ ${statesCounted.map((status) => `'${status}'`).join(', ')} }) do
  if counted == status and (status == 'failed' or ARGV[5] ~= 'release') then redis.call('ZADD', KEYS[6 + i], holds, id) end
end
if redis.call('HGET', KEYS[2], 'savedLogin') == '1' then redis.call('ZREM', KEYS[4], id) end
if wish == 'drop' and redis.call('HGET', KEYS[2], 'deleting') == '1' then wish = 'keep' end
if wish == 'drop' then
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
elseif wish ~= 'keep' and redis.call('ZSCORE', KEYS[3], id) then
  redis.call('ZADD', KEYS[3], now + wish, id)
end
if ARGV[6] ~= '' then remember(KEYS[5], KEYS[6], now, ARGV[6], ARGV[7]) end
if ARGV[5] == 'release' then
  redis.call('DEL', KEYS[1])
  redis.call('HDEL', KEYS[2], 'worker')
end
return 'published'
`)

export interface SessionPublication {
  sessionId: string
  token: LeaseToken
  status: OwnedStatus
  reason: SessionReason
  /** Further fields to set; an empty string removes one. */
  fields?: SessionFields
  /** Whether the session stays desired; a number puts its next placement off by so many ms. Kept where absent. */
  wish?: 'keep' | 'drop' | number
  /** What goes to the session's history with it. */
  happened?: Happening
  /** True lets go of the lease with the same stroke. */
  release?: boolean
}

/**
 * Writes what an owner has to say about its session, if it still is the owner.
 * @returns `fenced` where the lease is someone else's or gone: nothing was written
 */
export async function publishSession(
  redis: ScriptClient,
  publication: SessionPublication,
): Promise<'published' | 'fenced'> {
  const {
    sessionId,
    token,
    status,
    reason,
    fields = {},
    wish = 'keep',
    release = false,
    happened,
  } = publication
  return (await runScript(
    redis,
    PUBLISH,
    [
      keys.lease(sessionId),
      keys.session(sessionId),
      keys.desired,
      keys.unpaired,
      keys.history(sessionId),
      keys.figures,
      ...statesCounted.map((counted) => keys.inState(counted)),
    ],
    [
      sessionId,
      token,
      status,
      wish,
      release ? 'release' : 'hold',
      happened?.event ?? '',
      happened?.detail ?? '',
      ...Object.entries({ ...fields, reason }).flatMap(([field, value]) => [field, value ?? '']),
    ],
  )) as 'published' | 'fenced'
}
