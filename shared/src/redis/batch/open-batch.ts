import { keys } from '../keys.ts'
import { defineScript, runScript, type ScriptClient } from '../script.ts'

/**
 * KEYS: idempotency. ARGV: id, idempotency key given (1 or 0), how long the key holds (ms), how long the batch is kept
 * (ms), the start of the batch's key: which batch it is may be known only inside.
 */
const OPEN = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local id, isNew = ARGV[1], 1
if ARGV[2] == '1' then
  local known = redis.call('GET', KEYS[1])
  if known then
    id, isNew = string.match(known, '(%S+)$'), 0
  else
    redis.call('SET', KEYS[1], 'batch ' .. id, 'PX', ARGV[3])
  end
end
local batch = ARGV[5] .. id
redis.call('HSETNX', batch, 'createdAt', now)
redis.call('HSET', batch, 'upload', 'receiving', 'seenAt', now)
if redis.call('PEXPIRE', batch, ARGV[4], 'GT') == 0 and redis.call('PTTL', batch) < 0 then redis.call('PEXPIRE', batch, ARGV[4]) end
return { id, isNew, redis.call('HEXISTS', batch, 'canceledAt') }
`)

export interface OpenedBatch {
  batchId: string
  /** False where the Idempotency-Key stood for it already. */
  isNew: boolean
  /** Nothing more of it is accepted. */
  isCanceled: boolean
}

/** Writes down that messages of a batch are about to come: a new one, or the one that the Idempotency-Key stands for. */
export async function openBatch(
  redis: ScriptClient,
  request: {
    sessionId: string
    /** The id of a new one. */
    batchId: string
    /** SHA-256 of what the key is remembered under, null where none was given. */
    idempotency: { keyHash: string; holdMs: number } | null
    keptMs: number
  },
): Promise<OpenedBatch> {
  const { sessionId, batchId, idempotency, keptMs } = request
  const [id, isNew, isCanceled] = (await runScript(
    redis,
    OPEN,
    [keys.idempotency(sessionId, idempotency?.keyHash ?? '')],
    [batchId, idempotency === null ? 0 : 1, idempotency?.holdMs ?? 0, keptMs, keys.batch(sessionId, '')],
  )) as [string, 0 | 1, 0 | 1]
  return { batchId: id, isNew: isNew === 1, isCanceled: isCanceled === 1 }
}
