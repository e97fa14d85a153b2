import type { MessageRecord } from '@wsg/shared/messages/message-record.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { readMessage } from '@wsg/shared/redis/message/read-message.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { messageAnswerSchema, messageParams, toMessageAnswer } from '../../messages/message-answer.ts'

export function messageRoute(app: GatewayApp, { redis, desired, retentionMs }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/messages/:id',
    config: { access: 'viewer', session: true },
    schema: {
      operationId: 'message.get',
      summary: 'What became of a message',
      params: messageParams,
      response: { 200: messageAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, grant, params }) => {
      const { nowMs } = await desired.known(sessionId, grant)
      const record = await readMessage(redis, sessionId, params.id)
      if (record === null) throw new Problem('message_not_found', { members: { sessionId } })
      return toMessageAnswer(await expireIfDue(record, nowMs))
    },
  })

  /** Its time may be over while no worker was there to say so. */
  async function expireIfDue(record: MessageRecord, nowMs: number): Promise<MessageRecord> {
    if (record.state !== 'queued' || record.expiresAt > nowMs) return record
    const { sessionId, id: messageId } = record
    await moveMessage(redis, { sessionId, messageId, to: 'expired', from: ['queued'], retentionMs })
    return (await readMessage(redis, sessionId, messageId)) ?? record
  }
}
