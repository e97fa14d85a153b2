import { isFullId } from '@wsg/shared/messages/message-id.ts'
import { messageStateSentences } from '@wsg/shared/messages/message-lifecycle.ts'
import type { RedisClient } from '@wsg/shared/redis/connection/redis-client.ts'
import { readMessage } from '@wsg/shared/redis/message/read-message.ts'
import { Problem } from '../http/problem.ts'

/**
 * WhatsApp's full id of a message that a caller names. Of one that was being handed over, and whose full id is not known
 * yet, it is ours, under which the page finds it.
 * @throws Problem message_not_found, message_not_sent, not_supported
 */
export async function findWhatsAppId(redis: RedisClient, sessionId: string, id: string): Promise<string> {
  const fullId = isFullId(id) ? id : await fullIdOf(redis, sessionId, id)
  if (/@(newsletter|broadcast)_/.test(fullId))
    throw new Problem('not_supported', {
      detail: 'This cannot be done with messages of channels and status.',
      members: { sessionId },
    })
  return fullId
}

async function fullIdOf(redis: RedisClient, sessionId: string, id: string): Promise<string> {
  const record = await readMessage(redis, sessionId, id)
  if (record === null)
    throw new Problem('message_not_found', {
      detail: "It was not sent through this session, or is not kept any more: give WhatsApp's full id.",
      members: { sessionId },
    })
  const { state, messageId } = record
  if (state === 'queued' || state === 'failed' || state === 'canceled' || state === 'expired')
    throw new Problem('message_not_sent', {
      detail: messageStateSentences[state],
      members: { id, sessionId, messageStatus: state },
      retryable: state === 'queued',
    })
  return messageId ?? id
}
