import type { MessageState } from '../../messages/message-lifecycle.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'

/** Lua for scripts with the argument `session`. The content itself, which may be long, stays where it is. */
const READ_ENVELOPE = `
local function envelope(id)
  local message = keys.message(session, id)
  local state, sequence, to, recipient, account, urgent =
    unpack(redis.call('HMGET', message, 'state', 'sequence', 'to', 'recipient', 'account', 'urgent'))
  if not state then return nil end
  return { id, state, sequence, to or '', recipient or '', account or '', urgent or '', redis.call('HSTRLEN', message, 'content') }
end
`

/** What has no record has no place in the queue. */
const READ_QUEUE = defineScript(
  { session: 'text', after: 'number', limit: 'number' },
  `${READ_ENVELOPE}
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.queued(session), '(' .. after, '+inf', 'LIMIT', 0, limit)) do
  local one = envelope(id)
  if one then found[#found + 1] = one else redis.call('ZREM', keys.queued(session), id) end
end
return found
`,
)

const READ_ONE = defineScript(
  { session: 'text', id: 'text' },
  `${READ_ENVELOPE}
return envelope(id) or false
`,
)

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
  const rows = await runScript(redis, READ_QUEUE, { session: sessionId, after, limit })
  return (rows as Row[]).map(toEnvelope)
}

/** @returns null where there is no such record */
export async function readEnvelope(
  redis: ScriptClient,
  sessionId: string,
  messageId: string,
): Promise<Envelope | null> {
  const row = (await runScript(redis, READ_ONE, { session: sessionId, id: messageId })) as Row | null
  return row === null ? null : toEnvelope(row)
}

type Row = [
  id: string,
  state: MessageState,
  sequence: string,
  to: string,
  recipient: string,
  account: string,
  urgent: string,
  contentLength: number,
]

function toEnvelope([id, state, sequence, to, recipient, account, urgent, contentLength]: Row): Envelope {
  return {
    id,
    state,
    sequence: Number(sequence),
    to,
    recipient,
    account: account === '' ? null : account,
    isUrgent: urgent === '1',
    contentLength,
  }
}

const READ_OLDER = defineScript(
  { session: 'text', sequence: 'number', limit: 'number', recipients: 'texts' },
  `
local older = {}
for _, recipient in ipairs(recipients) do
  local key = keys.recipient(session, recipient)
  local found = redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. sequence, 'WITHSCORES', 'LIMIT', 0, limit)
  for i = 1, #found, 2 do older[#older + 1] = { tonumber(found[i + 1]), found[i] } end
end
table.sort(older, function(a, b) return a[1] < b[1] end)
local ids = {}
for i = 1, math.min(#older, limit) do ids[i] = older[i][2] end
return ids
`,
)

/** The messages to any of the recipients that were accepted before `sequence` and still wait, in order, at most `limit`. */
export async function readOlder(
  redis: ScriptClient,
  sessionId: string,
  request: { recipients: readonly string[]; sequence: number; limit: number },
): Promise<string[]> {
  return (await runScript(redis, READ_OLDER, { session: sessionId, ...request })) as string[]
}
