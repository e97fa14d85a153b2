import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'

/** KEYS: batch. ARGV: how long the batch is kept (ms). */
const OPEN = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local isNew = redis.call('HSETNX', KEYS[1], 'createdAt', now)
redis.call('HSET', KEYS[1], 'upload', 'receiving', 'seenAt', now)
if redis.call('PEXPIRE', KEYS[1], ARGV[1], 'GT') == 0 and redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { isNew, redis.call('HEXISTS', KEYS[1], 'canceledAt') }
`)

export interface OpenedBatch {
  /** False where an earlier upload opened it. */
  isNew: boolean
  /** Nothing more of it is accepted. */
  isCanceled: boolean
}

/** Writes down that messages of a batch are about to come. */
export async function openBatch(
  redis: ScriptClient,
  { sessionId, batchId, keptMs }: { sessionId: string; batchId: string; keptMs: number },
): Promise<OpenedBatch> {
  const batch = keys.batch(sessionId, batchId)
  const [isNew, isCanceled] = (await runScript(redis, OPEN, [batch], [keptMs])) as [0 | 1, 0 | 1]
  return { isNew: isNew === 1, isCanceled: isCanceled === 1 }
}
