import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import type { Redis } from 'ioredis'
import { readMessage } from '../read/read-message.ts'

/** Expires a message whose time is over while no worker was there to do so. @returns its record as it is then */
export async function expireIfDue(
  redis: Redis,
  record: MessageRecord,
  retentionMs: number,
): Promise<MessageRecord> {
  if (record.state !== 'queued' || record.expiresAt > Date.now()) return record
  const { sessionId, id: messageId } = record
  await moveMessage(redis, { sessionId, messageId, to: 'expired', from: ['queued'], retentionMs })
  return (await readMessage(redis, sessionId, messageId)) ?? record
}
