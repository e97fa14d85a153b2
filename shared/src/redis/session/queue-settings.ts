import { DAY_MS, type PacingChanges } from '../../messages/pacing.ts'
import { type NewChatRestriction, readNewChatRestriction } from '../../sessions/restriction.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, NOW, pairsToObject, runScript } from '../script.ts'
import { REFUSE_UNKNOWN } from './known-sessions.ts'
import { notify } from './session-notifications.ts'

const SET_FIELD = defineScript(
  { session: 'text', field: 'text', value: 'text?' },
  `${NOW}${REFUSE_UNKNOWN}
if value then redis.call('HSET', keys.session(session), field, value)
else redis.call('HDEL', keys.session(session), field) end
if field == 'paused' and not value then redis.call('HSET', keys.session(session), 'resumedAt', now) end
${notify('queue_settings')}
return 'done'
`,
)

export type SettingAnswer = 'done' | 'not_found' | 'deleting'

/**
 * Pauses or resumes the sending of a session. While it is paused nothing new is handed to WhatsApp: messages are
 * accepted and wait, until they expire. It outlives owners and restarts. When it was resumed is kept: that ends the pause of a
 * restriction which had begun by then (`pauseEnd`).
 */
export async function pauseQueue(
  redis: RedisClient,
  sessionId: string,
  isPaused: boolean,
): Promise<SettingAnswer> {
  const setting = { session: sessionId, field: 'paused', value: isPaused ? '1' : null }
  return (await runScript(redis, SET_FIELD, setting)) as SettingAnswer
}

/** Writes what a session changes of the default pacing; null for nothing. */
export async function setPacing(
  redis: RedisClient,
  sessionId: string,
  changes: PacingChanges | null,
): Promise<SettingAnswer> {
  const value = changes === null ? null : JSON.stringify(changes)
  const setting = { session: sessionId, field: 'pacing', value }
  return (await runScript(redis, SET_FIELD, setting)) as SettingAnswer
}

/** Urgent messages told of in one look. */
const URGENT_AT_ONCE = 200

const settingFields = [
  ...(['paused', 'pacing', 'pairedAt', 'unackedRestarts', 'resumedAt'] as const),
  ...(['restriction', 'restrictedSince', 'restrictedUntil', 'restrictionMet'] as const),
]

const READ_SETTINGS = defineScript(
  { session: 'text', fields: 'texts' },
  `${NOW}
local found = {}
for i, value in ipairs(redis.call('HMGET', keys.session(session), unpack(fields))) do
  if value then
    found[#found + 1] = fields[i]
    found[#found + 1] = value
  end
end
local account = redis.call('HGET', keys.session(session), 'account')
local sent = account and redis.call('GET', keys.ackedOn(account .. ':' .. math.floor(now / ${DAY_MS})))
return { now, tonumber(sent or '0'), redis.call('ZRANGE', keys.urgent(session), 0, ${URGENT_AT_ONCE - 1}), found }
`,
)

/** What the owner of a session has to know between two messages, as of one instant. */
export interface QueueSettings {
  /** Redis' time, epoch ms. */
  nowMs: number
  /** Messages of the account that were acked on this calendar day (UTC). */
  sentToday: number
  paused: boolean
  /** What the session changes of the default pacing, as JSON. */
  pacing: string | undefined
  /** When its account was first paired, epoch ms. */
  pairedAt: number | null
  /** Browsers replaced in a row because sends stayed without an ack. */
  unackedRestarts: number
  /** When somebody last had the queue go on, epoch ms; null for never. */
  resumedAt: number | null
  /** Under which new chats have to wait. */
  restriction: NewChatRestriction | null
  /** The urgent messages that wait, in accepted order, the first of them only where there are many. */
  urgent: string[]
}

export async function readQueueSettings(redis: RedisClient, sessionId: string): Promise<QueueSettings> {
  const [nowMs, sentToday, urgent, pairs] = (await runScript(redis, READ_SETTINGS, {
    session: sessionId,
    fields: settingFields,
  })) as [number, number, string[], string[]]
  const fields: Partial<Record<(typeof settingFields)[number], string>> = pairsToObject(pairs)
  return {
    nowMs,
    sentToday,
    urgent,
    paused: fields.paused === '1',
    pacing: fields.pacing,
    pairedAt: fields.pairedAt === undefined ? null : Number(fields.pairedAt),
    unackedRestarts: Number(fields.unackedRestarts ?? 0),
    resumedAt: fields.resumedAt === undefined ? null : Number(fields.resumedAt),
    restriction: readNewChatRestriction(fields),
  }
}
