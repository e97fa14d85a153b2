import { fromHash, type MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { keys } from '@wsg/shared/redis/keys.ts'
import type { Redis } from 'ioredis'

/** @returns null where the session has no such message */
export async function readMessage(
  redis: Redis,
  sessionId: string,
  messageId: string,
): Promise<MessageRecord | null> {
  return fromHash(await redis.hgetall(keys.message(sessionId, messageId)))
}
