import { figures, sendLatencyBoundsMs } from '../fleet-figures.ts'
import { isSettled, type MessageState, statesBefore } from '../message-lifecycle.ts'
import { fromHash, type MessageRecord } from '../message-record.ts'
import { DAY_MS } from '../pacing.ts'
import { keys } from './keys.ts'
import type { LeaseToken } from './lease.ts'
import { defineScript, pairsToObject, runScript, type ScriptClient } from './script.ts'

/** More than WhatsApp Web can have in flight, and longer than it takes to store an ack. */
const SETTLED_KEPT = 256
const SETTLED_KEPT_MS = 600_000

/**
 * KEYS: message, lease, queued, sending, session, figures, settled, waiting, scheduled, scheduled of the session, urgent,
 * unanswered.
 * ARGV: session, id, token (empty: no owner is needed), to, the states it may come from (comma-separated), whether `to` is
 * settled (1 or 0), retention (ms), wake prefix, then the prefixes of the recipients' sets, of the sets by state, of the
 * batches and of the counts by account and day, then fields. Recipient, states and batch are read from the record, the
 * account from the session: it is the one that is logged in.
 * A message that expired while it waited ends as `expired` instead of going out. Whoever waits for it is woken on every
 * settled state. One that was handed over stays in `settled` for a while: when its browser dies with its owner, the page
 * may have lost the ack that the record has, and would send it again.
 */
const MOVE = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local message, session, id, token, to = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local isSettled, retention = ARGV[6] == '1', ARGV[7]
local recipients, states, batches = ARGV[9], ARGV[10], ARGV[11]
if token ~= '' and redis.call('GET', KEYS[2]) ~= token then return { 'fenced' } end
local state, sequence, acceptedAt, sendAt, expiresAt, waiter, recipient, batch, urgent = unpack(redis.call('HMGET', message,
  'state', 'sequence', 'acceptedAt', 'sendAt', 'expiresAt', 'waiter', 'recipient', 'batch', 'urgent'))
if not state then return { 'absent' } end
if not string.find(',' .. ARGV[5] .. ',', ',' .. state .. ',', 1, true) then return { 'refused', state } end
if to == 'sending' and tonumber(expiresAt) <= now then
  to = 'expired'
  isSettled = true
end
local member = session .. '/' .. id
if to == 'sending' and redis.call('ZSCORE', KEYS[12], member) then return { 'unanswered' } end
redis.call('HSET', message, 'state', to, to .. 'At', now, unpack(ARGV, 13))
if state == 'queued' and to ~= 'queued' then
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[8], member)
  if to ~= 'sending' then redis.call('ZREM', KEYS[12], member) end
  redis.call('ZREM', recipients .. recipient, id)
  if urgent then redis.call('ZREM', KEYS[11], id) end
  if sequence == '0' then
    redis.call('ZREM', KEYS[9], member)
    redis.call('ZREM', KEYS[10], id)
  end
elseif to == 'queued' and state ~= 'queued' then
  redis.call('ZADD', KEYS[3], sequence, id)
  redis.call('ZADD', KEYS[8], expiresAt, member)
  redis.call('ZADD', recipients .. recipient, sequence, id)
  if urgent then redis.call('ZADD', KEYS[11], sequence, id) end
end
if to == 'sending' then redis.call('SADD', KEYS[4], id) elseif state == 'sending' then redis.call('SREM', KEYS[4], id) end
if state == 'sending' and to ~= 'sending' and to ~= 'queued' then
  redis.call('LPUSH', KEYS[7], id)
  redis.call('LTRIM', KEYS[7], 0, ${SETTLED_KEPT - 1})
  redis.call('PEXPIRE', KEYS[7], ${SETTLED_KEPT_MS})
end
local ackedToday = 0
if to == 'sent' or to == 'delivered' or to == 'read' or to == 'played' then
  if redis.call('HSETNX', message, 'counted', 1) == 1 then
    redis.call('HINCRBY', KEYS[5], 'messageCount', 1)
    local account = redis.call('HGET', KEYS[5], 'account')
    if account then
      local acked = ARGV[12] .. account .. ':' .. math.floor(now / ${DAY_MS})
      ackedToday = redis.call('INCR', acked)
      if ackedToday == 1 then redis.call('PEXPIRE', acked, ${2 * DAY_MS}) end
    end
    -- After a failover the clock may be another machine's.
    local latency = math.max(0, now - math.max(acceptedAt, tonumber(sendAt) or 0))
    local within = 'more'
    for _, bound in ipairs({ ${sendLatencyBoundsMs.join(', ')} }) do
      if latency <= bound then within = bound break end
    end
    redis.call('HINCRBY', KEYS[6], '${figures.ackedWithin('')}' .. within, 1)
    redis.call('HINCRBY', KEYS[6], '${figures.ackedAfterMs}', latency)
  end
elseif to ~= 'queued' and to ~= 'sending' then
  redis.call('HINCRBY', KEYS[6], '${figures.ended('')}' .. to, 1)
end
if state ~= to then
  redis.call('ZREM', states .. state, id)
  redis.call('ZADD', states .. to, now, id)
end
if isSettled then
  redis.call('PEXPIRE', message, retention)
  redis.call('ZREMRANGEBYSCORE', states .. to, '-inf', now - retention)
  if waiter then redis.call('PUBLISH', ARGV[8] .. waiter, id) end
end
if batch and state ~= to then
  redis.call('HINCRBY', batches .. batch, state, -1)
  redis.call('HINCRBY', batches .. batch, to, 1)
  if isSettled and (state == 'queued' or state == 'sending') then redis.call('HSET', batches .. batch, 'settledAt', now) end
  redis.call('PEXPIRE', batches .. batch, retention, 'GT')
end
if to == 'sending' then return { 'moved', to, redis.call('HGETALL', message) } end
return { 'moved', to, {}, ackedToday }
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
  /**
   * `refused`: it is in `state`, from which this move is not allowed. `unanswered`: its gateway may be about to take it
   * back, so that it must not be handed over yet.
   */
  | { moved: false; why: 'fenced' | 'absent' | 'unanswered' }
  | { moved: false; why: 'refused'; state: MessageState }

/** Moves a message from one state to the next, if it is where the caller thinks it is. The only way a state changes. */
export async function moveMessage(redis: ScriptClient, move: MessageMove): Promise<MoveAnswer> {
  const { sessionId, messageId, to, token = '', from = statesBefore(to), retentionMs, fields = {} } = move
  const answer = (await runScript(
    redis,
    MOVE,
    [
      keys.message(sessionId, messageId),
      keys.lease(sessionId),
      keys.queued(sessionId),
      keys.sending(sessionId),
      keys.session(sessionId),
      keys.figures,
      keys.settled(sessionId),
      keys.waiting,
      keys.scheduled,
      keys.scheduledOf(sessionId),
      keys.urgent(sessionId),
      keys.unanswered,
    ],
    [
      sessionId,
      messageId,
      token,
      to,
      from.join(','),
      isSettled(to) ? 1 : 0,
      retentionMs,
      keys.wake(''),
      keys.recipient(sessionId, ''),
      keys.messagesIn(sessionId, ''),
      keys.batch(sessionId, ''),
      keys.ackedOn(''),
      ...Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [field, value])),
    ],
  )) as [string, string?, string[]?, number?]
  if (answer[0] === 'moved') {
    const [, to, pairs = [], ackedToday = 0] = answer
    return { moved: true, to: to as MessageState, record: fromHash(pairsToObject(pairs)), ackedToday }
  }
  if (answer[0] === 'refused') return { moved: false, why: 'refused', state: answer[1] as MessageState }
  return { moved: false, why: answer[0] as 'fenced' | 'absent' | 'unanswered' }
}
