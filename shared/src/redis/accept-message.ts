import { figures } from '../fleet-figures.ts'
import { type NewMessageRecord, toHashFields } from '../message-record.ts'
import { keys } from './keys.ts'
import { defineScript, runScript, type ScriptClient } from './script.ts'

/**
 * KEYS: idempotency, message, queued, without-job, session, figures.
 * ARGV: id, session, idempotency key given (1 or 0), fingerprint, how long the key holds (ms), cap, latest time (epoch
 * ms, empty: none), then the fields.
 */
const ACCEPT = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, session = ARGV[1], ARGV[2]
if ARGV[7] ~= '' and now > tonumber(ARGV[7]) then return { 'late' } end
if redis.call('HGET', KEYS[5], 'deleting') == '1' then return { 'deleting' } end
if ARGV[3] == '1' then
  local known = redis.call('GET', KEYS[1])
  if known then
    local fingerprint, messageId = string.match(known, '^(%S+) (%S+)$')
    return { fingerprint == ARGV[4] and 'replayed' or 'reused', messageId }
  end
end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[6]) then return { 'queue_full' } end
local sequence = redis.call('HINCRBY', KEYS[5], 'sequence', 1)
redis.call('HSET', KEYS[2], 'state', 'queued', 'sequence', sequence, unpack(ARGV, 8))
redis.call('ZADD', KEYS[3], sequence, id)
redis.call('ZADD', KEYS[4], redis.call('HGET', KEYS[2], 'acceptedAt'), session .. '/' .. id)
if ARGV[3] == '1' then redis.call('SET', KEYS[1], ARGV[4] .. ' ' .. id, 'PX', ARGV[5]) end
redis.call('HINCRBY', KEYS[6], '${figures.accepted}', 1)
return { 'accepted', id }
`)

export interface Acceptance {
  record: NewMessageRecord
  /** SHA-256 of the caller's Idempotency-Key, and of the body that it came with; null where none was given. */
  idempotency: { keyHash: string; fingerprint: string; holdMs: number } | null
  maxQueued: number
  /**
   * Redis' time (epoch ms) after which it must not be accepted any more: a command that a stalled Redis finds in
   * its socket once it wakes up, when the caller has long been told that nothing was accepted.
   */
  notAfter?: number
}

export type AcceptAnswer =
  | { outcome: 'accepted' | 'replayed' | 'reused'; messageId: string }
  /** `late`: past `notAfter`. `deleting`: the session is being removed. Nothing was written. */
  | { outcome: 'queue_full' | 'late' | 'deleting' }

/**
 * Writes the record of a message, once per Idempotency-Key: from here on it is accepted. Its job is added next,
 * and until it is taken out of `keys.withoutJob` the sweep may add it as well.
 */
export async function acceptMessage(redis: ScriptClient, acceptance: Acceptance): Promise<AcceptAnswer> {
  const { record, idempotency, maxQueued } = acceptance
  const { sessionId, id } = record
  const answer = (await runScript(
    redis,
    ACCEPT,
    [
      keys.idempotency(sessionId, idempotency?.keyHash ?? ''),
      keys.message(sessionId, id),
      keys.queued(sessionId),
      keys.withoutJob,
      keys.session(sessionId),
      keys.figures,
    ],
    [
      id,
      sessionId,
      idempotency === null ? 0 : 1,
      idempotency?.fingerprint ?? '',
      idempotency?.holdMs ?? 0,
      maxQueued,
      acceptance.notAfter ?? '',
      ...toHashFields(record),
    ],
  )) as [string, string?]
  const outcome = answer[0] as AcceptAnswer['outcome']
  if (outcome === 'queue_full' || outcome === 'late' || outcome === 'deleting') return { outcome }
  return { outcome, messageId: answer[1] as string }
}
