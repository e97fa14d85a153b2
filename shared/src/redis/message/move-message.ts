import {
  isAcked,
  isSettled,
  type MessageState,
  messageStates,
  statesBefore,
} from '../../messages/message-lifecycle.ts'
import { newsFields } from '../../messages/message-record.ts'
import { DAY_MS } from '../../messages/pacing.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { LOG_MOVE } from '../event/log-move.ts'
import { defineScript, FIELDS_OF, NOW, runScript } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'
import { figures, sendLatencyBoundsMs } from '../worker/fleet-figures.ts'
import { listWaiting } from './message-lists.ts'
import { QUEUE_PLACES } from './queue-places.ts'

/** Lua: a table of what is given for each state. */
function byState(value: (state: MessageState) => string): string {
  return `{ ${messageStates.map((state) => `${state} = ${value(state)}`).join(', ')} }`
}

/**
 * For scripts with the arguments `session`, `token` (absent: no owner is needed), `retentionMs`, `writtenAt` and `withBodies`.
 *
 * `move(id, to, from, fields)` moves one message, where it is in a state that may come before `to`, or in one of those that
 * `from` names. One whose time is over ends as `expired` instead of going out. Who waits for it is woken when it is settled,
 * by receipts too where it waits for them, and told how it stands. What settles it, and what follows, is an event.
 */
const MOVE_ONE = `${NOW}${FIELDS_OF}${QUEUE_PLACES}${LOG_MOVE}
if token and redis.call('GET', keys.lease(session)) ~= token then return { 'fenced' } end

local before = ${byState((state) => `' ${statesBefore(state).join(' ')} '`)}
local settled = ${byState((state) => String(isSettled(state)))}
local acked = ${byState((state) => String(isAcked(state)))}

local function leaveQueue(id, record)
  leavePlace(id, record.recipient, record.urgent)
  redis.call('ZREM', keys.waiting, session .. '/' .. id)
  if record.sequence == '0' then
    redis.call('ZREM', keys.scheduled, session .. '/' .. id)
    redis.call('ZREM', keys.scheduledOf(session), id)
  end
end

local function returnToQueue(id, record)
  takePlace(id, record.sequence, record.recipient, record.urgent)
  redis.call('ZADD', keys.waiting, record.expiresAt, session .. '/' .. id)
end

-- Counted for the account that is logged in, and for all. Returns the account's of today.
local function countFirstAck(record)
  redis.call('HINCRBY', keys.session(session), 'messageCount', 1)
  -- After a failover the clock may be another machine's.
  local latency = math.max(0, now - math.max(record.acceptedAt, tonumber(record.sendAt) or 0))
  local within = 'more'
  for _, bound in ipairs({ ${sendLatencyBoundsMs.join(', ')} }) do
    if latency <= bound then within = bound break end
  end
  redis.call('HINCRBY', keys.figures, '${figures.ackedWithin('')}' .. within, 1)
  redis.call('HINCRBY', keys.figures, '${figures.ackedAfterMs}', latency)
  redis.call('HSET', keys.session(session), 'lastAckAt', now)
  local account = redis.call('HGET', keys.session(session), 'account')
  if not account then return 0 end
  local ofToday = keys.ackedOn(account .. ':' .. math.floor(now / ${DAY_MS}))
  local count = redis.call('INCR', ofToday)
  if count == 1 then redis.call('PEXPIRE', ofToday, ${2 * DAY_MS}) end
  return count
end

local function moveInBatch(id, from, to)
  local batch = keys.batch(session, id)
  redis.call('HINCRBY', batch, from, -1)
  redis.call('HINCRBY', batch, to, 1)
  if settled[to] and not settled[from] then redis.call('HSET', batch, 'settledAt', now) end
  redis.call('PEXPIRE', batch, retentionMs, 'GT')
  redis.call('PEXPIRE', keys.batchKeys(session, id), retentionMs, 'GT')
end

local function tellWaiter(id, record, to)
  local news = fieldsOf(keys.message(session, id), ${newsFields.map((field) => `'${field}'`).join(', ')})
  news.state = to
  news[to .. 'At'] = now
  redis.call('PUBLISH', keys.wake(record.waiter), id .. ' ' .. cjson.encode(news))
end

local function move(id, to, from, fields)
  local message = keys.message(session, id)
  local record = fieldsOf(message,
    'state', 'sequence', 'acceptedAt', 'sendAt', 'expiresAt', 'waiter', 'waitsFor', 'recipient', 'batch', 'urgent')
  local state = record.state
  if not state then return { 'absent' } end
  if not string.find(from or before[to], ' ' .. state .. ' ', 1, true) then return { 'refused', state } end
  if to == 'sending' and tonumber(record.expiresAt) <= now then to = 'expired' end

  -- An ack corrects it.
  if state == 'unknown' then redis.call('HDEL', message, 'reason', 'detail') end
  redis.call('HSET', message, 'state', to, to .. 'At', now, unpack(fields))
  if state ~= to then
    if state == 'queued' then leaveQueue(id, record) elseif to == 'queued' then returnToQueue(id, record) end
    if to == 'sending' then redis.call('SADD', keys.sending(session), id)
    elseif state == 'sending' then redis.call('SREM', keys.sending(session), id) end
    redis.call('ZREM', keys.messagesIn(session, state), id)
    redis.call('ZADD', keys.messagesIn(session, to), now, id)
    if record.batch then moveInBatch(record.batch, state, to) end
  end
  local ackedToday, isFirstAck = 0, false
  if acked[to] then
    isFirstAck = redis.call('HSETNX', message, 'counted', 1) == 1
    if isFirstAck then ackedToday = countFirstAck(record) end
  elseif settled[to] then
    redis.call('HINCRBY', keys.figures, '${figures.ended('')}' .. to, 1)
  end
  if settled[to] then
    if state ~= to then logMove(id, to, isFirstAck) end
    redis.call('PEXPIRE', message, retentionMs)
    redis.call('ZREMRANGEBYSCORE', keys.messagesIn(session, to), '-inf', now - retentionMs)
    if record.waiter and (record.waitsFor or not settled[state]) then tellWaiter(id, record, to) end
  end
  return { 'moved', to, ackedToday }
end
`

const MOVE = defineScript(
  {
    ...{ session: 'text', token: 'text?', retentionMs: 'number', writtenAt: 'text', withBodies: 'flag' },
    ...{ id: 'text', to: 'text', from: 'text?', fields: 'pairs' },
  },
  `${MOVE_ONE}
return move(id, to, from and ' ' .. from .. ' ', fields)
`,
)

/** `moves`: id and state in turn. */
const MOVE_MANY = defineScript(
  {
    ...{ session: 'text', token: 'text?', retentionMs: 'number', writtenAt: 'text', withBodies: 'flag' },
    moves: 'texts',
  },
  `${MOVE_ONE}
local moved, ackedToday = 0, 0
for i = 1, #moves, 2 do
  local answer = move(moves[i], moves[i + 1], nil, {})
  if answer[1] == 'moved' then moved = moved + 1 end
  ackedToday = math.max(ackedToday, answer[3] or 0)
end
return { 'moved', moved, ackedToday }
`,
)

export interface MessageMove {
  sessionId: string
  messageId: string
  to: MessageState
  /** The owner's token; absent for a gateway, which cancels and expires without being an owner. */
  token?: LeaseToken
  /** The states it may come from; all that the lifecycle allows where absent. */
  from?: readonly MessageState[]
  /** How long the record is kept from now on, in ms, once its state is settled. */
  retentionMs: number
  /** Whether the events of it say what was written; true where absent. */
  withBodies?: boolean
  fields?: Partial<Record<(typeof newsFields)[number], string>>
}

export type MoveAnswer =
  /**
   * `to` is `expired` where `sending` was asked for too late. `ackedToday`: of the account on this calendar day (UTC), this
   * one included, where this was its first ack; 0 where not.
   */
  | { moved: true; to: MessageState; ackedToday: number }
  | { moved: false; why: 'fenced' | 'absent' }
  /** It is in `state`, from which this move is not allowed. */
  | { moved: false; why: 'refused'; state: MessageState }

/** Moves a message from one state to the next, if it is where the caller thinks it is. */
export async function moveMessage(redis: RedisClient, move: MessageMove): Promise<MoveAnswer> {
  const { sessionId, token, retentionMs, withBodies = true, messageId, to, from, fields = {} } = move
  const answer = (await runScript(redis, MOVE, {
    ...{ session: sessionId, token, retentionMs, writtenAt: new Date().toISOString(), withBodies },
    ...{ id: messageId, to, from: from?.join(' '), fields },
  })) as [string, string?, number?]
  if (answer[0] === 'moved') return { moved: true, to: answer[1] as MessageState, ackedToday: answer[2] ?? 0 }
  if (answer[0] === 'refused') return { moved: false, why: 'refused', state: answer[1] as MessageState }
  return { moved: false, why: answer[0] as 'fenced' | 'absent' }
}

/** To a state that decides what became of it, or refines that. */
export interface SettledMove {
  messageId: string
  to: Exclude<MessageState, 'queued' | 'sending'>
}

/** How many messages one script moves at most: Redis does nothing else for some 2 ms then. */
export const MOVED_AT_ONCE = 100

/**
 * Moves messages on, each where its lifecycle allows it, `MOVED_AT_ONCE` of them at most.
 * @returns `fenced` where a token was given and the lease is somebody else's; how many moved, and the account's acked
 *   messages of this calendar day (UTC) where some of these were first acks, 0 where none was
 */
export async function moveMessages(
  redis: RedisClient,
  moving: Pick<MessageMove, 'sessionId' | 'token' | 'retentionMs' | 'withBodies'> & {
    moves: readonly SettledMove[]
  },
): Promise<{ moved: number; ackedToday: number } | 'fenced'> {
  const { sessionId, token, retentionMs, withBodies = true } = moving
  const moves = moving.moves.flatMap(({ messageId, to }) => [messageId, to])
  const writtenAt = new Date().toISOString()
  const given = { session: sessionId, token, retentionMs, writtenAt, withBodies, moves }
  const answer = (await runScript(redis, MOVE_MANY, given)) as ['fenced'] | ['moved', number, number]
  return answer[0] === 'fenced' ? 'fenced' : { moved: answer[1], ackedToday: answer[2] }
}

/** Cancels those of the messages that still wait, `MOVED_AT_ONCE` of them at most. @returns how many there were */
export async function cancelMessages(
  redis: RedisClient,
  sessionId: string,
  messageIds: readonly string[],
  retentionMs: number,
): Promise<number> {
  if (messageIds.length === 0) return 0
  const moves = messageIds.map((messageId) => ({ messageId, to: 'canceled' }) as const)
  const answer = await moveMessages(redis, { sessionId, retentionMs, moves })
  return answer === 'fenced' ? 0 : answer.moved
}

/**
 * Cancels every message of a session that still waits, due or not. Whoever waits for one of them is told at once.
 * @returns how many there were
 */
export async function cancelWaiting(
  redis: RedisClient,
  sessionId: string,
  retentionMs: number,
): Promise<number> {
  let canceled = 0
  for (const isDue of [true, false]) {
    for (let moved = -1; moved !== 0; canceled += moved) {
      const ids = await listWaiting(redis, sessionId, { isDue, limit: MOVED_AT_ONCE })
      // None moved: there are none, a worker took them in the meantime, or their records are gone.
      moved = await cancelMessages(redis, sessionId, ids, retentionMs)
    }
  }
  return canceled
}
