import type { Redis } from 'ioredis'
import { type NewMessageRecord, toHashFields } from '../../messages/message-record.ts'
import { DAY_MS } from '../../messages/pacing.ts'
import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'
import { NOTIFY_OF_MESSAGE } from '../session/session-notifications.ts'
import { figures } from '../worker/fleet-figures.ts'

/** A message that says nothing else expires so long after it is due. */
export const EXPIRES_AFTER_MS = 24 * 3_600_000
/** What a score of this size (epoch ms) still tells apart: messages for one instant are so many ms apart. */
const TELLS_APART_MS = 1 / 4_096

/**
 * KEYS: idempotency, message, session, lease, desired, queued, waiting, scheduled, scheduled of the
 * session, urgent, recipient, messages in `queued`, reference, batch, messages of the batch, how many are due then,
 * figures, sending.
 * ARGV: id, session, idempotency key given (1 or 0), fingerprints (all are the same, the first is written), how long the
 * key holds (ms), cap, latest time (epoch ms, empty: none), whether the session was judged already (1 or 0), due (epoch
 * ms, empty: now), expires (epoch ms, empty: EXPIRES_AFTER_MS after it is due), urgent (1 or 0), reference given (1 or 0), line in the batch (empty: no
 * batch), retention (ms), the counts of acked messages without account and day, the channel of notifications, then the fields.
 */
const ACCEPT = defineScript(`${NOTIFY_OF_MESSAGE}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, session = ARGV[1], ARGV[2]
if ARGV[7] ~= '' and now > tonumber(ARGV[7]) then return { 'late', '', now } end
local status, token, deleting, account, refusedFrom = unpack(redis.call('HMGET', KEYS[3], 'status', 'token', 'deleting', 'account', 'refusedFrom'))
if deleting == '1' then return { 'deleting', '', now } end
if ARGV[3] == '1' then
  local known = redis.call('GET', KEYS[1])
  if known then
    local fingerprint, messageId = string.match(known, '^(%S+) (%S+)$')
    return { string.find(ARGV[4], fingerprint, 1, true) and 'replayed' or 'reused', messageId, now }
  end
end
if ARGV[8] == '0' then
  local isReady = status == 'ready' and token and redis.call('GET', KEYS[4]) == token
  if not isReady or not redis.call('ZSCORE', KEYS[5], session) then return { 'not_judged', '', now } end
end
local waiting = redis.call('ZCARD', KEYS[6])
if waiting + redis.call('ZCARD', KEYS[9]) >= tonumber(ARGV[6]) then return { 'queue_full', '', now } end
local due = tonumber(ARGV[9]) or now
if refusedFrom and account and due <= now then
  local day, cap = string.match(refusedFrom, '^(%d+):(%d+)$')
  if tonumber(day) == math.floor(now / ${DAY_MS}) then
    local acked = tonumber(redis.call('GET', ARGV[15] .. account .. ':' .. day) or '0')
    if acked + waiting + redis.call('SCARD', KEYS[18]) >= tonumber(cap) then return { 'daily_cap_reached', '', now } end
  end
end
local expires = tonumber(ARGV[10]) or math.max(due, now) + ${EXPIRES_AFTER_MS}
local member = session .. '/' .. id
local sequence = 0
if due > now then
  local earlier = redis.call('INCR', KEYS[16]) - 1
  if earlier == 0 then redis.call('PEXPIREAT', KEYS[16], due) end
  due = due + earlier * ${TELLS_APART_MS}
  redis.call('ZADD', KEYS[8], due, member)
  redis.call('ZADD', KEYS[9], due, id)
else
  sequence = redis.call('HINCRBY', KEYS[3], 'sequence', 1)
  redis.call('ZADD', KEYS[6], sequence, id)
  redis.call('ZADD', KEYS[11], sequence, id)
  if ARGV[11] == '1' then redis.call('ZADD', KEYS[10], sequence, id) end
end
redis.call('HSET', KEYS[2], 'state', 'queued', 'sequence', sequence, 'acceptedAt', now, 'expiresAt', expires, unpack(ARGV, 17))
if account then redis.call('HSET', KEYS[2], 'account', account) end
redis.call('ZADD', KEYS[7], expires, member)
redis.call('ZADD', KEYS[12], now, id)
local kept = expires - now + ARGV[14]
local function keep(key)
  if redis.call('PEXPIRE', key, kept, 'GT') == 0 and redis.call('PTTL', key) < 0 then redis.call('PEXPIRE', key, kept) end
end
if ARGV[12] == '1' then
  redis.call('ZADD', KEYS[13], now, id)
  keep(KEYS[13])
end
if ARGV[13] ~= '' then
  redis.call('HINCRBY', KEYS[14], 'queued', 1)
  redis.call('ZADD', KEYS[15], ARGV[13], id)
  keep(KEYS[14])
  keep(KEYS[15])
end
if ARGV[3] == '1' then redis.call('SET', KEYS[1], string.match(ARGV[4], '%S+') .. ' ' .. id, 'PX', ARGV[5]) end
redis.call('HINCRBY', KEYS[17], '${figures.accepted}', 1)
if sequence > 0 then notifyOfMessage(ARGV[16], waiting, ARGV[11] == '1') end
return { 'accepted', id, now, sequence }
`)

export interface Acceptance {
  record: NewMessageRecord
  /**
   * SHA-256 of the caller's Idempotency-Key and of its request; null where none was given. A key that is known with one of
   * the fingerprints is a repetition, and a new one is remembered with the first of them.
   */
  idempotency: { keyHash: string; fingerprints: readonly string[]; holdMs: number } | null
  maxQueued: number
  /** How long the record is kept after its final state, in ms. */
  retentionMs: number
  /** True where the caller has judged the session already; without it only one that is plainly ready takes messages. */
  isJudged: boolean
  /**
   * Redis' time (epoch ms) after which it must not be accepted any more: a command that a stalled Redis finds in
   * its socket once it wakes up, when the caller has long been told that nothing was accepted.
   */
  notAfter?: number
}

export type AcceptAnswer = {
  /** Redis' time, epoch ms. */
  nowMs: number
} & (
  | { outcome: 'accepted'; messageId: string; sequence: number }
  /** An Idempotency-Key that is known, with this body or with another one. */
  | { outcome: 'replayed' | 'reused'; messageId: string }
  /**
   * Nothing was written. `late`: past `notAfter`. `deleting`: the session is being removed. `not_judged`: the session is
   * not plainly ready, so that somebody has to look at it first. `daily_cap_reached`: what was acked today and what waits
   * fill the day's cap of a session that refuses what is over it; what is scheduled is not counted, and not refused.
   */
  | { outcome: 'queue_full' | 'late' | 'deleting' | 'not_judged' | 'daily_cap_reached' }
)

/**
 * To be given to the connection right before many acceptances: one that came to a Redis that does not know the script
 * would be asked again, behind those that came after it.
 */
export async function loadAcceptance(redis: Pick<Redis, 'script'>): Promise<void> {
  await redis.script('LOAD', ACCEPT.lua)
}

/**
 * Writes the record of a message, once per Idempotency-Key: from here on it is accepted. Where it is due it is in its
 * session's send queue with that, and the owner is woken; what is scheduled gets its place there when it is due
 * (`promote-message.ts`).
 */
export async function acceptMessage(redis: ScriptClient, acceptance: Acceptance): Promise<AcceptAnswer> {
  const { record, idempotency, maxQueued, retentionMs, isJudged, notAfter } = acceptance
  const { sessionId, id, batch = '', reference = '' } = record
  const [outcome, messageId, nowMs, sequence] = (await runScript(
    redis,
    ACCEPT,
    [
      keys.idempotency(sessionId, idempotency?.keyHash ?? ''),
      keys.message(sessionId, id),
      keys.session(sessionId),
      keys.lease(sessionId),
      keys.desired,
      keys.queued(sessionId),
      keys.waiting,
      keys.scheduled,
      keys.scheduledOf(sessionId),
      keys.urgent(sessionId),
      keys.recipient(sessionId, record.recipient),
      keys.messagesIn(sessionId, 'queued'),
      keys.reference(sessionId, reference),
      keys.batch(sessionId, batch),
      keys.batchMessages(sessionId, batch),
      keys.dueAt(sessionId, record.sendAt ?? ''),
      keys.figures,
      keys.sending(sessionId),
    ],
    [
      id,
      sessionId,
      idempotency === null ? 0 : 1,
      idempotency?.fingerprints.join(' ') ?? '',
      idempotency?.holdMs ?? 0,
      maxQueued,
      notAfter ?? '',
      isJudged ? 1 : 0,
      record.sendAt ?? '',
      record.expiresAt ?? '',
      record.urgent === '1' ? 1 : 0,
      reference === '' ? 0 : 1,
      batch === '' ? '' : (record.line ?? 0),
      retentionMs,
      keys.ackedOn(''),
      keys.notifications(sessionId),
      ...toHashFields(record),
    ],
  )) as [AcceptAnswer['outcome'], string, number, number?]
  switch (outcome) {
    case 'accepted':
      return { outcome, messageId, nowMs, sequence: sequence ?? 0 }
    case 'replayed':
    case 'reused':
      return { outcome, messageId, nowMs }
    default:
      return { outcome, nowMs }
  }
}
