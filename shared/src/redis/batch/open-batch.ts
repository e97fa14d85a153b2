import { defineScript, NOW, runScript, type ScriptClient } from '../script.ts'

const OPEN = defineScript(
  { session: 'text', id: 'text', keptMs: 'number' },
  `${NOW}
local batch = keys.batch(session, id)
local isNew = redis.call('HSETNX', batch, 'createdAt', now)
redis.call('HSET', batch, 'upload', 'receiving', 'seenAt', now)
if redis.call('PEXPIRE', batch, keptMs, 'GT') == 0 and redis.call('PTTL', batch) < 0 then redis.call('PEXPIRE', batch, keptMs) end
return { isNew, redis.call('HEXISTS', batch, 'canceledAt') }
`,
)

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
  const answer = await runScript(redis, OPEN, { session: sessionId, id: batchId, keptMs })
  const [isNew, isCanceled] = answer as [0 | 1, 0 | 1]
  return { isNew: isNew === 1, isCanceled: isCanceled === 1 }
}
