import { DAY_MS } from '../../messages/pacing.ts'
import { keys } from '../keys.ts'
import { defineScript, pairsToObject, runScript, type ScriptClient } from '../script.ts'

/** Urgent messages told of in one look. */
export const URGENT_AT_ONCE = 200

const lookedAt = ['paused', 'pacing', 'pairedAt', 'account', 'unackedRestarts'] as const

/** KEYS: session, urgent. ARGV: the counts of acked messages without account and day, then the session's fields to read. */
const LOOK = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fields = {}
for i = 2, #ARGV do
  local value = redis.call('HGET', KEYS[1], ARGV[i])
  if value then
    fields[#fields + 1] = ARGV[i]
    fields[#fields + 1] = value
  end
end
local account = redis.call('HGET', KEYS[1], 'account')
local sent = account and redis.call('GET', ARGV[1] .. account .. ':' .. math.floor(now / ${DAY_MS}))
return { now, tonumber(sent or '0'), redis.call('ZRANGE', KEYS[2], 0, ${URGENT_AT_ONCE - 1}), fields }
`)

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
  /** The urgent messages that wait, in accepted order, the first of them only where there are many. */
  urgent: string[]
}

export async function readQueueSettings(redis: ScriptClient, sessionId: string): Promise<QueueSettings> {
  const [nowMs, sentToday, urgent, pairs] = (await runScript(
    redis,
    LOOK,
    [keys.session(sessionId), keys.urgent(sessionId)],
    [keys.ackedOn(''), ...lookedAt],
  )) as [number, number, string[], string[]]
  const fields: Partial<Record<(typeof lookedAt)[number], string>> = pairsToObject(pairs)
  return {
    nowMs,
    sentToday,
    urgent,
    paused: fields.paused === '1',
    pacing: fields.pacing,
    pairedAt: fields.pairedAt === undefined ? null : Number(fields.pairedAt),
    unackedRestarts: Number(fields.unackedRestarts ?? 0),
  }
}
