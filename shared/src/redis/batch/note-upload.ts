import { defineScript, NOW, runScript, type ScriptClient } from '../script.ts'

const NOTE = defineScript(
  { session: 'text', id: 'text', keptMs: 'number', upload: 'text', refused: 'number' },
  `${NOW}
local batch = keys.batch(session, id)
local isNew = redis.call('HSETNX', batch, 'createdAt', now)
redis.call('HSET', batch, 'upload', upload, 'refused', refused, 'seenAt', now)
if redis.call('PEXPIRE', batch, keptMs, 'GT') == 0 and redis.call('PTTL', batch) < 0 then redis.call('PEXPIRE', batch, keptMs) end
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
  redis: ScriptClient,
  { sessionId, batchId, ...note }: UploadNote,
): Promise<{ isNew: boolean; isCanceled: boolean }> {
  const answer = await runScript(redis, NOTE, { session: sessionId, id: batchId, ...note })
  const [isNew, isCanceled] = answer as [0 | 1, 0 | 1]
  return { isNew: isNew === 1, isCanceled: isCanceled === 1 }
}
