import { type BatchRecord, batchRecordSchema } from '@wsg/shared/messages/batch-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

/** @returns null where the session has no such batch, or has it no more */
export async function readBatch(
  redis: Redis,
  sessionId: string,
  batchId: string,
): Promise<BatchRecord | null> {
  const hash = await redis.hgetall(keys.batch(sessionId, batchId))
  return hash.createdAt === undefined ? null : batchRecordSchema.parse(hash)
}
