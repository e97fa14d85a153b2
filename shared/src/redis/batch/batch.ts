import { type BatchRecord, batchRecordSchema } from '../../messages/batch-record.ts'
import type { RedisClient } from '../connection/redis-client.ts'
import { commandsOf } from '../connection/redis-commands.ts'
import { keys } from '../keys.ts'
import { defineScript, KEEP, NOW, runScript } from '../script.ts'

const NOTE = defineScript(
  { session: 'text', id: 'text', keptMs: 'number', upload: 'text', refused: 'number' },
  `${NOW}${KEEP}
local batch = keys.batch(session, id)
local isNew = redis.call('HSETNX', batch, 'createdAt', now)
redis.call('HSET', batch, 'upload', upload, 'refused', refused, 'seenAt', now)
keep(batch, keptMs)
keep(keys.batchKeys(session, id), keptMs)
return { isNew, redis.call('HEXISTS', batch, 'canceledAt') }
`,
)

export interface UploadNote {
  sessionId: string
  batchId: string
  /** How long the batch is kept at least, in ms. */
  keptMs: number
  upload: 'receiving' | 'complete' | 'interrupted'
  /** How many lines of this upload were refused. */
  refused: number
}

/**
 * Writes down how far an upload of a batch is. The first note makes the batch.
 * @returns whether this was the first, and whether the batch is canceled
 */
export async function noteUpload(
  redis: RedisClient,
  { sessionId, batchId, ...note }: UploadNote,
): Promise<{ isNew: boolean; isCanceled: boolean }> {
  const answer = await runScript(redis, NOTE, { session: sessionId, id: batchId, ...note })
  const [isNew, isCanceled] = answer as [0 | 1, 0 | 1]
  return { isNew: isNew === 1, isCanceled: isCanceled === 1 }
}

const CLOSE = defineScript(
  { session: 'text', id: 'text' },
  `${NOW}
if redis.call('HEXISTS', keys.batch(session, id), 'createdAt') == 0 then return 0 end
redis.call('HSETNX', keys.batch(session, id), 'canceledAt', now)
return 1
`,
)

/** Nothing more of a batch is accepted from here on. @returns false where the session has no such batch */
export async function closeBatch(redis: RedisClient, sessionId: string, batchId: string): Promise<boolean> {
  return (await runScript(redis, CLOSE, { session: sessionId, id: batchId })) === 1
}

export async function isBatchClosed(
  redis: RedisClient,
  sessionId: string,
  batchId: string,
): Promise<boolean> {
  return (await commandsOf(redis).hexists(keys.batch(sessionId, batchId), 'canceledAt')) === 1
}

/** @returns null where the session has no such batch, or has it no more */
export async function readBatch(
  redis: RedisClient,
  sessionId: string,
  batchId: string,
): Promise<BatchRecord | null> {
  const hash = await commandsOf(redis).hgetall(keys.batch(sessionId, batchId))
  return hash.createdAt === undefined ? null : batchRecordSchema.parse(hash)
}

/** Ids of the messages of a batch by their lines, from the place `from` on. */
export async function listBatch(
  redis: RedisClient,
  sessionId: string,
  batchId: string,
  { from, limit }: { from: number; limit: number },
): Promise<string[]> {
  const list = keys.batchMessages(sessionId, batchId)
  return await commandsOf(redis).zrange(list, from, String(from + limit - 1))
}

/**
 * Reads, at one moment, what earlier uploads of a batch left of some of its lines.
 * @param request the numbers of the first and the last line, and the lines' keys to look for, at least one
 * @returns the ids of the messages that were accepted on each line, and those of the keys that stand for a message
 */
export async function readLines(
  redis: RedisClient,
  request: { sessionId: string; batchId: string; first: number; last: number; keyHashes: readonly string[] },
): Promise<{ accepted: ReadonlyMap<number, string[]>; known: ReadonlySet<string> }> {
  const { sessionId, batchId, first, last, keyHashes } = request
  const answers = await commandsOf(redis)
    .multi()
    .zrange(keys.batchMessages(sessionId, batchId), String(first), String(last), 'BYSCORE', 'WITHSCORES')
    .hmget(keys.batchKeys(sessionId, batchId), ...keyHashes)
    .exec()
  if (answers === null) throw new Error('a transaction was not carried out')
  const [messages = [], held = []] = answers.map(([error, answer]) => {
    if (error !== null) throw error
    return answer as (string | null)[]
  })
  const accepted = new Map<number, string[]>()
  for (let i = 0; i + 1 < messages.length; i += 2) {
    const line = Number(messages[i + 1])
    accepted.set(line, [...(accepted.get(line) ?? []), messages[i] as string])
  }
  return { accepted, known: new Set(keyHashes.filter((_, i) => held[i] !== null)) }
}
