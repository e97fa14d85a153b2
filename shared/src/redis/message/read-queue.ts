import type { MessageState } from '../../messages/message-lifecycle.ts'
import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'

/** ARGV: the record's key without the id, then as the script says. The content itself, which may be long, stays where it is. */
const READ_ENVELOPE = `
local function envelope(id)
  local key = ARGV[1] .. id
  local one = redis.call('HMGET', key, 'state', 'sequence', 'to', 'recipient', 'account', 'urgent')
  if not one[1] then return nil end
  local row = { id, redis.call('HSTRLEN', key, 'content') }
  for i = 1, 6 do row[i + 2] = one[i] or '' end
  return row
end
`

/** KEYS: queued. ARGV further: the place (sequence) behind which, and how many. What has no record has no place in it. */
const QUEUED = defineScript(`${READ_ENVELOPE}
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[2], '+inf', 'LIMIT', 0, ARGV[3])) do
  local one = envelope(id)
  if one then found[#found + 1] = one else redis.call('ZREM', KEYS[1], id) end
end
return found
`)

/** ARGV further: the id. */
const ONE = defineScript(`${READ_ENVELOPE}
return envelope(ARGV[2]) or false
`)

/** All that has to be known of a message before it is handed over: who gets it, not what. */
export interface Envelope {
  id: string
  state: MessageState
  sequence: number
  to: string
  recipient: string
  /** Digits of the account that it was accepted for, where one was known. */
  account: string | null
  isUrgent: boolean
  /** Characters of its content as JSON: near enough to how long it takes to type. */
  contentLength: number
}

/**
 * Reads what waits in the send queue of a session, in the order of acceptance.
 * @param request.after the place in the queue (sequence) behind which; 0 for its head
 * @returns fewer than `limit` where there are no more
 */
export async function readQueue(
  redis: ScriptClient,
  sessionId: string,
  { after, limit }: { after: number; limit: number },
): Promise<Envelope[]> {
  const rows = await runScript(
    redis,
    QUEUED,
    [keys.queued(sessionId)],
    [keys.message(sessionId, ''), after, limit],
  )
  return (rows as Row[]).map(toEnvelope)
}

/** @returns null where there is no such record */
export async function readEnvelope(
  redis: ScriptClient,
  sessionId: string,
  messageId: string,
): Promise<Envelope | null> {
  const row = (await runScript(redis, ONE, [], [keys.message(sessionId, ''), messageId])) as Row | null
  return row === null ? null : toEnvelope(row)
}

type Row = [string, number, ...string[]]

function toEnvelope([id, contentLength, ...fields]: Row): Envelope {
  const [state, sequence, to = '', recipient = '', account = '', urgent = ''] = fields
  return {
    id,
    state: state as MessageState,
    sequence: Number(sequence),
    to,
    recipient,
    account: account === '' ? null : account,
    isUrgent: urgent === '1',
    contentLength,
  }
}

/** KEYS: the recipients' sets. ARGV: sequence before which, limit. */
const OLDER = defineScript(`
local older = {}
for _, key in ipairs(KEYS) do
  local found = redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. ARGV[1], 'WITHSCORES', 'LIMIT', 0, ARGV[2])
  for i = 1, #found, 2 do older[#older + 1] = { tonumber(found[i + 1]), found[i] } end
end
table.sort(older, function(a, b) return a[1] < b[1] end)
local ids = {}
for i = 1, math.min(#older, tonumber(ARGV[2])) do ids[i] = older[i][2] end
return ids
`)

/** The messages to any of the recipients that were accepted before `sequence` and still wait, in order, at most `limit`. */
export async function readOlder(
  redis: ScriptClient,
  sessionId: string,
  request: { recipients: readonly string[]; sequence: number; limit: number },
): Promise<string[]> {
  const { recipients, sequence, limit } = request
  const sets = recipients.map((recipient) => keys.recipient(sessionId, recipient))
  return (await runScript(redis, OLDER, sets, [sequence, limit])) as string[]
}
