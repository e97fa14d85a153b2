import { type MessageContent, messageContentSchema } from '../../messages/kinds/message-kinds.ts'
import { convertedSchema } from '../../messages/media.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { defineScript, runScript } from '../script.ts'

/** A message that waits to be sent, with all that its way to WhatsApp needs. */
export interface QueuedMessage {
  id: string
  /** Its place in the send queue. */
  sequence: number
  /** As the caller wrote it. */
  to: string
  /** The same for all spellings of a recipient that can be told to be one without asking WhatsApp. */
  recipient: string
  /** Digits of the account that it was accepted for, where one was known. */
  account: string | null
  /** Epoch ms. */
  acceptedAt: number
  isUrgent: boolean
  /** With the file that is sent. Null where this version cannot read it. */
  content: MessageContent | null
  replyTo: string | null
  /** Of the request that it came with, where that is traced. */
  traceparent: string | null
}

/** Lua for scripts with the argument `session`. */
const READ_MESSAGE = `
local function read(id)
  local values = redis.call('HMGET', keys.message(session, id),
    'state', 'sequence', 'to', 'recipient', 'account', 'acceptedAt', 'urgent', 'content', 'replyTo', 'traceparent',
    'converted')
  if values[1] ~= 'queued' then return nil end
  values[1] = id
  for i, value in ipairs(values) do values[i] = value or '' end
  return values
end
`

/** What does not wait has no place in the queue. */
const READ_QUEUE = defineScript(
  { session: 'text', after: 'number', limit: 'number' },
  `${READ_MESSAGE}
local found = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.queued(session), '(' .. after, '+inf', 'LIMIT', 0, limit)) do
  local message = read(id)
  if message then found[#found + 1] = message else redis.call('ZREM', keys.queued(session), id) end
end
return found
`,
)

const READ_ONE = defineScript(
  { session: 'text', id: 'text' },
  `${READ_MESSAGE}
return read(id) or false
`,
)

const READ_OLDER = defineScript(
  { session: 'text', sequence: 'number', limit: 'number', recipients: 'texts' },
  `${READ_MESSAGE}
local older = {}
for _, recipient in ipairs(recipients) do
  local key = keys.recipient(session, recipient)
  local found = redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. sequence, 'WITHSCORES', 'LIMIT', 0, limit)
  for i = 1, #found, 2 do older[#older + 1] = { tonumber(found[i + 1]), found[i] } end
end
table.sort(older, function(a, b) return a[1] < b[1] end)
local messages = {}
for i = 1, math.min(#older, limit) do messages[#messages + 1] = read(older[i][2]) end
return messages
`,
)

/**
 * Reads what waits in the send queue of a session, in the order of acceptance.
 * @param request.after the place in the queue (sequence) behind which; 0 for its head
 * @returns fewer than `limit` where there are no more
 */
export async function readQueue(
  redis: RedisClient,
  sessionId: string,
  { after, limit }: { after: number; limit: number },
): Promise<QueuedMessage[]> {
  const rows = await runScript(redis, READ_QUEUE, { session: sessionId, after, limit })
  return (rows as Row[]).map(toMessage)
}

/** @returns null where it does not wait any more */
export async function readQueued(
  redis: RedisClient,
  sessionId: string,
  messageId: string,
): Promise<QueuedMessage | null> {
  const row = (await runScript(redis, READ_ONE, { session: sessionId, id: messageId })) as Row | null
  return row === null ? null : toMessage(row)
}

/** The messages to any of the recipients that were accepted before `sequence` and still wait, in order, at most `limit`. */
export async function readOlder(
  redis: RedisClient,
  sessionId: string,
  request: { recipients: readonly string[]; sequence: number; limit: number },
): Promise<QueuedMessage[]> {
  const rows = await runScript(redis, READ_OLDER, { session: sessionId, ...request })
  return (rows as Row[]).map(toMessage)
}

type Row = [
  id: string,
  sequence: string,
  to: string,
  recipient: string,
  account: string,
  acceptedAt: string,
  urgent: string,
  content: string,
  replyTo: string,
  traceparent: string,
  converted: string,
]

function toMessage([
  id,
  sequence,
  to,
  recipient,
  account,
  acceptedAt,
  urgent,
  content,
  replyTo,
  traceparent,
  converted,
]: Row): QueuedMessage {
  return {
    id,
    sequence: Number(sequence),
    to,
    recipient,
    account: account === '' ? null : account,
    acceptedAt: Number(acceptedAt),
    isUrgent: urgent === '1',
    content: readContent(content, converted),
    replyTo: replyTo === '' ? null : replyTo,
    traceparent: traceparent === '' ? null : traceparent,
  }
}

function readContent(text: string, converted: string): MessageContent | null {
  try {
    const content = messageContentSchema.parse(JSON.parse(text))
    if (converted === '' || !('media' in content)) return content
    return { ...content, media: convertedSchema.parse(JSON.parse(converted)) }
  } catch {
    return null
  }
}
