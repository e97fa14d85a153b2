import { isSettled, type MessageState, statesBefore } from '../../messages/message-lifecycle.ts'
import { fromHash, type MessageRecord, newsFields } from '../../messages/message-record.ts'
import { DAY_MS } from '../../messages/pacing.ts'
import { keys } from '../keys.ts'
import { defineScript, pairsToObject, runScript, type Script, type ScriptClient } from '../script.ts'
import type { LeaseToken } from '../session/lease.ts'
import { figures, sendLatencyBoundsMs } from '../worker/fleet-figures.ts'

/**
 * KEYS: lease, queued, sending, session, figures, waiting, scheduled, scheduled of the session, urgent.
 * ARGV: session, token (empty: no owner is needed), retention (ms), wake prefix, then the prefixes of the messages, of the
 * recipients' sets, of the sets by state, of the batches and of the counts by account and day; further as each script says.
 * Recipient, states and batch are read from the record, the account from the session: it is the one that is logged in.
 *
 * `move` takes an id, a state, the states that may come before it (comma-separated), whether it is settled, and fields. A
 * message that expired while it waited ends as `expired` instead of going out. Whoever waits for it is woken when it is
 * settled, and by receipts where it is they that are waited for, and told how it stands.
 */
const MOVE_ONE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local session, token, retention, wakes = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local messages, recipients, states, batches, ackedOn = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local newsFields = { ${newsFields.map((field) => `'${field}'`).join(', ')} }

local function move(id, to, allowed, isSettled, fields)
  local message = messages .. id
  local state, sequence, acceptedAt, sendAt, expiresAt, waiter, waitsFor, recipient, batch, urgent = unpack(redis.call('HMGET', message,
    'state', 'sequence', 'acceptedAt', 'sendAt', 'expiresAt', 'waiter', 'waitsFor', 'recipient', 'batch', 'urgent'))
  if not state then return { 'absent' } end
  if not string.find(',' .. allowed .. ',', ',' .. state .. ',', 1, true) then return { 'refused', state } end
  if to == 'sending' and tonumber(expiresAt) <= now then
    to = 'expired'
    isSettled = true
  end
  local member = session .. '/' .. id
  redis.call('HSET', message, 'state', to, to .. 'At', now, unpack(fields))
  if state == 'queued' and to ~= 'queued' then
    redis.call('ZREM', KEYS[2], id)
    redis.call('ZREM', KEYS[6], member)
    redis.call('ZREM', recipients .. recipient, id)
    if urgent then redis.call('ZREM', KEYS[9], id) end
    if sequence == '0' then
      redis.call('ZREM', KEYS[7], member)
      redis.call('ZREM', KEYS[8], id)
    end
  elseif to == 'queued' and state ~= 'queued' then
    redis.call('ZADD', KEYS[2], sequence, id)
    redis.call('ZADD', KEYS[6], expiresAt, member)
    redis.call('ZADD', recipients .. recipient, sequence, id)
    if urgent then redis.call('ZADD', KEYS[9], sequence, id) end
  end
  if to == 'sending' then redis.call('SADD', KEYS[3], id) elseif state == 'sending' then redis.call('SREM', KEYS[3], id) end
  local ackedToday = 0
  if to == 'sent' or to == 'delivered' or to == 'read' or to == 'played' then
    if redis.call('HSETNX', message, 'counted', 1) == 1 then
      redis.call('HINCRBY', KEYS[4], 'messageCount', 1)
      local account = redis.call('HGET', KEYS[4], 'account')
      if account then
        local acked = ackedOn .. account .. ':' .. math.floor(now / ${DAY_MS})
        ackedToday = redis.call('INCR', acked)
        if ackedToday == 1 then redis.call('PEXPIRE', acked, ${2 * DAY_MS}) end
      end
      -- After a failover the clock may be another machine's.
      local latency = math.max(0, now - math.max(acceptedAt, tonumber(sendAt) or 0))
      local within = 'more'
      for _, bound in ipairs({ ${sendLatencyBoundsMs.join(', ')} }) do
        if latency <= bound then within = bound break end
      end
      redis.call('HINCRBY', KEYS[5], '${figures.ackedWithin('')}' .. within, 1)
      redis.call('HINCRBY', KEYS[5], '${figures.ackedAfterMs}', latency)
    end
  elseif to ~= 'queued' and to ~= 'sending' then
    redis.call('HINCRBY', KEYS[5], '${figures.ended('')}' .. to, 1)
  end
  if state ~= to then
    redis.call('ZREM', states .. state, id)
    redis.call('ZADD', states .. to, now, id)
  end
  if isSettled then
    redis.call('PEXPIRE', message, retention)
    redis.call('ZREMRANGEBYSCORE', states .. to, '-inf', now - retention)
    local isReceipt = state ~= 'queued' and state ~= 'sending'
    if waiter and (waitsFor or not isReceipt) then
      local news = { state = to, [to .. 'At'] = now }
      for i, value in ipairs(redis.call('HMGET', message, unpack(newsFields))) do
        if value then news[newsFields[i]] = value end
      end
      redis.call('PUBLISH', wakes .. waiter, id .. ' ' .. cjson.encode(news))
    end
  end
  if batch and state ~= to then
    redis.call('HINCRBY', batches .. batch, state, -1)
    redis.call('HINCRBY', batches .. batch, to, 1)
    if isSettled and (state == 'queued' or state == 'sending') then redis.call('HSET', batches .. batch, 'settledAt', now) end
    redis.call('PEXPIRE', batches .. batch, retention, 'GT')
  end
  if to == 'sending' then return { 'moved', to, redis.call('HGETALL', message) } end
  return { 'moved', to, {}, ackedToday }
end
if token ~= '' and redis.call('GET', KEYS[1]) ~= token then return { 'fenced' } end
`

/** ARGV further: id, to, the states it may come from, whether `to` is settled (1 or 0), then fields. */
const MOVE = defineScript(`${MOVE_ONE}
return move(ARGV[10], ARGV[11], ARGV[12], ARGV[13] == '1', { unpack(ARGV, 14) })
`)

/** ARGV further: id, to, and the states it may come from, of each. */
const MOVE_MANY = defineScript(`${MOVE_ONE}
local moved, ackedToday = 0, 0
for i = 10, #ARGV, 3 do
  local answer = move(ARGV[i], ARGV[i + 1], ARGV[i + 2], true, {})
  if answer[1] == 'moved' then moved = moved + 1 end
  ackedToday = math.max(ackedToday, answer[4] or 0)
end
return { 'moved', moved, ackedToday }
`)

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
  fields?: Partial<Record<'chatId' | 'lid' | 'messageId' | 'reason' | 'detail', string>>
}

export type MoveAnswer =
  /**
   * `to` is `expired` where `sending` was asked for too late; `record` comes with `sending` only. `ackedToday`: of the
   * account on this calendar day (UTC), this one included, where this was its first ack; 0 where not.
   */
  | { moved: true; to: MessageState; record: MessageRecord | null; ackedToday: number }
  | { moved: false; why: 'fenced' | 'absent' }
  /** It is in `state`, from which this move is not allowed. */
  | { moved: false; why: 'refused'; state: MessageState }

/** Moves a message from one state to the next, if it is where the caller thinks it is. */
export async function moveMessage(redis: ScriptClient, move: MessageMove): Promise<MoveAnswer> {
  const { messageId, to, from = statesBefore(to), fields = {} } = move
  const answer = (await runMove(redis, MOVE, move, [
    messageId,
    to,
    from.join(','),
    isSettled(to) ? 1 : 0,
    ...Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [field, value])),
  ])) as [string, string?, string[]?, number?]
  if (answer[0] === 'moved') {
    const [, to, pairs = [], ackedToday = 0] = answer
    return { moved: true, to: to as MessageState, record: fromHash(pairsToObject(pairs)), ackedToday }
  }
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
  redis: ScriptClient,
  moving: Pick<MessageMove, 'sessionId' | 'token' | 'retentionMs'> & { moves: readonly SettledMove[] },
): Promise<{ moved: number; ackedToday: number } | 'fenced'> {
  const further = moving.moves.flatMap(({ messageId, to }) => [messageId, to, statesBefore(to).join(',')])
  const answer = (await runMove(redis, MOVE_MANY, moving, further)) as ['fenced'] | ['moved', number, number]
  return answer[0] === 'fenced' ? 'fenced' : { moved: answer[1], ackedToday: answer[2] }
}

/** Cancels those of the messages that still wait, `MOVED_AT_ONCE` of them at most. @returns how many there were */
export async function cancelMessages(
  redis: ScriptClient,
  sessionId: string,
  messageIds: readonly string[],
  retentionMs: number,
): Promise<number> {
  if (messageIds.length === 0) return 0
  const moves = messageIds.map((messageId) => ({ messageId, to: 'canceled' }) as const)
  const answer = await moveMessages(redis, { sessionId, retentionMs, moves })
  return answer === 'fenced' ? 0 : answer.moved
}

async function runMove(
  redis: ScriptClient,
  script: Script,
  { sessionId, token = '', retentionMs }: Pick<MessageMove, 'sessionId' | 'token' | 'retentionMs'>,
  further: readonly (string | number)[],
): Promise<unknown> {
  return await runScript(
    redis,
    script,
    [
      keys.lease(sessionId),
      keys.queued(sessionId),
      keys.sending(sessionId),
      keys.session(sessionId),
      keys.figures,
      keys.waiting,
      keys.scheduled,
      keys.scheduledOf(sessionId),
      keys.urgent(sessionId),
    ],
    [
      sessionId,
      token,
      retentionMs,
      keys.wake(''),
      keys.message(sessionId, ''),
      keys.recipient(sessionId, ''),
      keys.messagesIn(sessionId, ''),
      keys.batch(sessionId, ''),
      keys.ackedOn(''),
      ...further,
    ],
  )
}
