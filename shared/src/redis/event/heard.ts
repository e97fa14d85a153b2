import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, NOW, pairsToObject, runScript } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'

/** Messages that cannot be read and may be read later: so many of a session are looked for, the newest, and for so long. */
const UNREADABLE = { keptMax: 1_000, keptForS: 14 * 24 * 3_600 }

/**
 * For scripts with the argument `session`, all times in unix seconds:
 *
 * - `markSeen(chats, at, key)`: a message was heard that was written `at`. Of each chat the newest second is kept, with the full
 *   ids of its messages
 * - `markUnreadable(at, key)`: a message came that cannot be read yet, and is to be looked for until it was heard
 * - `forgetUnreadable(key)`: it can be read, and there is nothing to hear
 */
export const MARK_HEARD = `
local function markUnreadable(at, key)
  redis.call('ZADD', keys.unreadable(session), at, key)
  redis.call('ZREMRANGEBYRANK', keys.unreadable(session), 0, -${UNREADABLE.keptMax} - 1)
end

local function forgetUnreadable(key)
  redis.call('ZREM', keys.unreadable(session), key)
end

local function markSeen(chats, at, key)
  forgetUnreadable(key)
  for chat in string.gmatch(chats, '%S+') do
    local seen = redis.call('HGET', keys.heard(session), chat)
    local newest = seen and tonumber(string.match(seen, '^%d+')) or -1
    if tonumber(at) > newest then redis.call('HSET', keys.heard(session), chat, at .. ' ' .. key)
    elseif tonumber(at) == newest and not string.find(seen, ' ' .. key, 1, true) then
      redis.call('HSET', keys.heard(session), chat, seen .. ' ' .. key)
    end
  end
end
`

/** What no chat is called. */
const ACCOUNT = 'account'
const BASE = 'base'
const UNTIL = 'until'

const READ = defineScript(
  { session: 'text', token: 'text', account: 'text', historyS: 'number' },
  `${NOW}
local heard, unreadable, atOnce = keys.heard(session), keys.unreadable(session), math.floor(now / 1000)
if redis.call('GET', keys.lease(session)) ~= token then return 'fenced' end
local isNew = redis.call('HGET', heard, '${ACCOUNT}') ~= account
if isNew then
  local base = atOnce - historyS
  redis.call('DEL', heard)
  redis.call('HSET', heard, '${ACCOUNT}', account, '${BASE}', base, '${UNTIL}', base)
end
local since = math.max(redis.call('HGET', heard, '${BASE}'), atOnce - ${UNREADABLE.keptForS})
redis.call('ZREMRANGEBYSCORE', unreadable, '-inf', '(' .. since)
return { isNew and 1 or 0, redis.call('HGETALL', heard), redis.call('ZRANGE', unreadable, 0, -1) }
`,
)

/** What of an account's chats was heard before. Times are unix seconds. */
export interface Heard {
  /** True where this session did not hear the account before. */
  isNew: boolean
  /** When this session first heard the account, or so much earlier as its history is told: nothing from before is told. */
  base: number
  /** Until when it was listened to for sure. */
  until: number
  /** By chat id: the second of the newest message, and the full ids of those of that second. */
  seen: Record<string, string>
  /** Full ids of messages that could not be read when they came. */
  unreadable: string[]
}

/** @param request `historyS`: so many seconds before it is first heard are told as well */
export async function readHeard(
  redis: RedisClient,
  request: { sessionId: string; token: LeaseToken; account: string; historyS: number },
): Promise<Heard | 'fenced'> {
  const { sessionId: session, ...given } = request
  const answer = (await runScript(redis, READ, { session, ...given })) as
    | 'fenced'
    | [number, string[], string[]]
  if (answer === 'fenced') return 'fenced'
  const [isNew, fields, unreadable] = answer
  const { [ACCOUNT]: _, [BASE]: base, [UNTIL]: until, ...seen } = pairsToObject(fields)
  return { isNew: isNew === 1, base: Number(base), until: Number(until), seen, unreadable }
}

/** Says until when an account was listened to, in unix seconds. */
export async function markHeard(redis: RedisClient, sessionId: string, until: number): Promise<void> {
  await commandsOf(redis).hset(keys.heard(sessionId), UNTIL, until)
}
