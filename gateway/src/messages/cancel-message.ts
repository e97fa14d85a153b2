import { messageStateSentences } from '@wsg/shared/messages/message-lifecycle.ts'
import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import type { Redis } from 'ioredis'
import { Problem } from '../http/problem.ts'
import { readMessage } from '../read/read-message.ts'

/**
 * Takes back a message that waits. One that is not going to be sent anyway, because it was canceled, expired or failed,
 * stays as it is.
 * @returns its record afterwards
 * @throws Problem message_not_found, or already_sent from the moment at which a worker hands it over
 */
export async function cancelMessage(
  redis: Redis,
  sessionId: string,
  messageId: string,
  retentionMs: number,
): Promise<MessageRecord> {
  await moveMessage(redis, { sessionId, messageId, to: 'canceled', from: ['queued'], retentionMs })
  const record = await readMessage(redis, sessionId, messageId)
  if (record === null) throw new Problem('message_not_found', { members: { sessionId } })
  const { state } = record
  if (state === 'canceled' || state === 'expired' || state === 'failed') return record
  throw new Problem('already_sent', {
    detail: messageStateSentences[state],
    members: { id: messageId, sessionId, messageStatus: state },
  })
}
