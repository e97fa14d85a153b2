import { type NewMessageRecord, toHashFields } from '../../messages/message-record.ts'
import { DAY_MS } from '../../messages/pacing.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, FIELDS_OF, KEEP, loadScript, NOW, runScript } from '../script.ts'
import { figures } from '../worker/fleet-figures.ts'
import { QUEUE_PLACES } from './queue-places.ts'

/** A message that says nothing else expires so long after it is due. */
export const EXPIRES_AFTER_MS = 24 * 3_600_000
/** An Idempotency-Key stands for its message for as long as that waits, and so long after that or after a repetition. */
const KEY_KEPT_MS = 24 * 3_600_000
/** What a score of this size (epoch ms) still tells apart: messages for one instant are so many ms apart. */
const TELLS_APART_MS = 1 / 4_096

const ACCEPT = defineScript(
  {
    ...{ session: 'text', keyHash: 'text?', fingerprints: 'text?', isKeyOfBatch: 'flag', isJudged: 'flag' },
    ...{ maxQueued: 'number', notAfter: 'number?', retentionMs: 'number', fields: 'pairs' },
  },
  `${NOW}${FIELDS_OF}${KEEP}${QUEUE_PLACES}
local record = {}
for i = 1, #fields, 2 do record[fields[i]] = fields[i + 1] end
local id = record.id
local owned = fieldsOf(keys.session(session), 'createdAt', 'status', 'token', 'deleting', 'loggingOut', 'account', 'refusedFrom', 'sendingLacks')
local waiting = redis.call('ZCARD', keys.queued(session))
local due = tonumber(record.sendAt) or now
local expiresAt = tonumber(record.expiresAt) or math.max(due, now) + ${EXPIRES_AFTER_MS}
-- What names this message is kept at least as long as its record may be.
local keptMs = expiresAt - now + retentionMs

-- A line's key of its batch is kept with the batch, since a batch is repeated as a whole; any other by itself.
local function readKey()
  if isKeyOfBatch then return redis.call('HGET', keys.batchKeys(session, record.batch), keyHash) end
  local claim = redis.call('GET', keys.idempotency(session, keyHash))
  if claim then keep(keys.idempotency(session, keyHash), ${KEY_KEPT_MS}) end
  return claim
end

local function rememberKey(claim)
  local waitsAndMore = expiresAt - now + ${KEY_KEPT_MS}
  if isKeyOfBatch then
    redis.call('HSET', keys.batchKeys(session, record.batch), keyHash, claim)
    keep(keys.batchKeys(session, record.batch), math.max(keptMs, waitsAndMore))
  else
    redis.call('SET', keys.idempotency(session, keyHash), claim, 'PX', waitsAndMore)
  end
end

local function isPlainlyReady()
  return owned.status == 'ready' and not owned.loggingOut and not owned.sendingLacks and owned.token and redis.call('GET', keys.lease(session)) == owned.token
    and redis.call('ZSCORE', keys.desired, session)
end

-- What was acked today, is being sent and waits, against the cap of a session that refuses what is over it.
local function isOverDailyCap()
  if not owned.refusedFrom or not owned.account or due > now then return false end
  local day, cap = string.match(owned.refusedFrom, '^(%d+):(%d+)$')
  if tonumber(day) ~= math.floor(now / ${DAY_MS}) then return false end
  local acked = tonumber(redis.call('GET', keys.ackedOn(owned.account .. ':' .. day)) or '0')
  return acked + waiting + redis.call('SCARD', keys.sending(session)) >= tonumber(cap)
end

-- What is due at one instant stays in the order of acceptance: each is a little later than the one before.
local function schedule()
  local sameInstant = keys.dueAt(session, record.sendAt)
  local earlier = redis.call('INCR', sameInstant) - 1
  if earlier == 0 then redis.call('PEXPIREAT', sameInstant, due) end
  local at = due + earlier * ${TELLS_APART_MS}
  redis.call('ZADD', keys.scheduled, at, session .. '/' .. id)
  redis.call('ZADD', keys.scheduledOf(session), at, id)
end

if notAfter and now > notAfter then return { 'late', '', now } end
if not owned.createdAt then return { 'not_found', '', now } end
if owned.deleting == '1' then return { 'deleting', '', now } end
local known = keyHash and readKey()
if known then
  local knownFingerprint, knownId = string.match(known, '^(%S+) (%S+)$')
  return { string.find(fingerprints, knownFingerprint, 1, true) and 'replayed' or 'reused', knownId, now }
end
if not isJudged and not isPlainlyReady() then return { 'not_judged', '', now } end
if waiting + redis.call('ZCARD', keys.scheduledOf(session)) >= maxQueued then return { 'queue_full', '', now } end
if isOverDailyCap() then return { 'daily_cap_reached', '', now } end

local sequence = 0
if due > now then schedule() else sequence = nextPlace(id, record.recipient, record.urgent, waiting) end
if owned.account then fields[#fields + 1], fields[#fields + 2] = 'account', owned.account end
redis.call('HSET', keys.message(session, id), 'state', 'queued', 'sequence', sequence, 'acceptedAt', now, 'expiresAt', expiresAt, unpack(fields))
redis.call('ZADD', keys.waiting, expiresAt, session .. '/' .. id)
redis.call('ZADD', keys.messagesIn(session, 'queued'), now, id)
if record.reference then
  redis.call('ZADD', keys.reference(session, record.reference), now, id)
  keep(keys.reference(session, record.reference), keptMs)
end
if record.batch then
  redis.call('HINCRBY', keys.batch(session, record.batch), 'queued', 1)
  redis.call('ZADD', keys.batchMessages(session, record.batch), record.line, id)
  keep(keys.batch(session, record.batch), keptMs)
  keep(keys.batchMessages(session, record.batch), keptMs)
end
if keyHash then rememberKey(string.match(fingerprints, '%S+') .. ' ' .. id) end
redis.call('HINCRBY', keys.figures, '${figures.accepted}', 1)
return { 'accepted', id, now, sequence }
`,
)

export interface Acceptance {
  record: NewMessageRecord
  /**
   * SHA-256 of the caller's Idempotency-Key and of its request; null where none was given. A key that is known with one of
   * the fingerprints is a repetition, and a new one is remembered with the first of them. `isOfBatch`: it was made from the
   * batch's, and is kept as long as the batch.
   */
  idempotency: { keyHash: string; fingerprints: readonly string[]; isOfBatch: boolean } | null
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
   * Nothing was written. `late`: past `notAfter`. `not_found`, `deleting`: the session is not known, or being removed. `not_judged`: the session is
   * not plainly ready, so that somebody has to look at it first. `daily_cap_reached`: what was acked today and what waits
   * fill the day's cap of a session that refuses what is over it; what is scheduled is not counted, and not refused.
   */
  | { outcome: 'queue_full' | 'late' | 'not_found' | 'deleting' | 'not_judged' | 'daily_cap_reached' }
)

/**
 * To be given to the connection right before many acceptances: one that came to a Redis that does not know the script
 * would be asked again, behind those that came after it.
 */
export async function loadAcceptance(redis: RedisClient): Promise<void> {
  await loadScript(redis, ACCEPT)
}

/**
 * Writes the record of a message, once per Idempotency-Key: from here on it is accepted. Where it is due it is in its
 * session's send queue with that, and the owner is woken; what is scheduled gets its place there when it is due
 * (`promoteMessage`).
 */
export async function acceptMessage(redis: RedisClient, acceptance: Acceptance): Promise<AcceptAnswer> {
  const { record, idempotency, maxQueued, retentionMs, isJudged, notAfter } = acceptance
  const [outcome, messageId, nowMs, sequence] = (await runScript(redis, ACCEPT, {
    session: record.sessionId,
    keyHash: idempotency?.keyHash,
    fingerprints: idempotency?.fingerprints.join(' '),
    isKeyOfBatch: idempotency?.isOfBatch ?? false,
    isJudged,
    maxQueued,
    notAfter,
    retentionMs,
    fields: toHashFields(record),
  })) as [AcceptAnswer['outcome'], string, number, number?]
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
