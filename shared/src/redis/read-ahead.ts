import type { MessageState } from '../message-lifecycle.ts'
import { keys } from './keys.ts'
import { defineScript, runScript, type ScriptClient } from './script.ts'

/** How many of the messages that follow in the queue are read along. */
export const READ_AHEAD = 100

/**
 * KEYS: queued. ARGV: the record's key without the id, the id, how many of those behind it. These are told of only while
 * they are queued. The content itself, which may be long, stays where it is.
 */
const READ = defineScript(`
local found = {}
local function add(id, always)
  local key = ARGV[1] .. id
  local one = redis.call('HMGET', key, 'state', 'sequence', 'to', 'recipient', 'account', 'urgent')
  if not one[1] or not (always or one[1] == 'queued') then return end
  local row = { id, redis.call('HSTRLEN', key, 'content') }
  for i = 1, 6 do row[i + 2] = one[i] or '' end
  found[#found + 1] = row
  return one[2]
end
local sequence = add(ARGV[2], true)
if sequence and sequence ~= '0' then
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. sequence, '+inf', 'LIMIT', 0, ARGV[3])) do add(id, false) end
end
return found
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

/** Reads one message, and those that follow it in the queue: they are needed next. @returns nothing where there is no such record */
export async function readAhead(
  redis: ScriptClient,
  sessionId: string,
  messageId: string,
): Promise<Envelope[]> {
  const rows = (await runScript(
    redis,
    READ,
    [keys.queued(sessionId)],
    [keys.message(sessionId, ''), messageId, READ_AHEAD],
  )) as [string, number, ...string[]][]
  return rows.map(
    ([id, contentLength, state, sequence, to = '', recipient = '', account = '', urgent = '']) => ({
      id,
      state: state as MessageState,
      sequence: Number(sequence),
      to,
      recipient,
      account: account === '' ? null : account,
      isUrgent: urgent === '1',
      contentLength,
    }),
  )
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
