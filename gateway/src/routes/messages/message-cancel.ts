import { messageStateSentences } from '@wsg/shared/messages/message-lifecycle.ts'
import { moveMessage } from '@wsg/shared/redis/message/move-message.ts'
import { readMessage } from '@wsg/shared/redis/message/read-message.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { messageAnswerSchema, messageParams, toMessageAnswer } from '../../messages/message-answer.ts'

export function messageCancelRoute(app: GatewayApp, { redis, desired, retentionMs }: GatewayParts): void {
  app.route({
    method: 'DELETE',
    url: '/messages/:id',
    config: { access: 'sender', session: true },
    schema: {
      operationId: 'message.cancel',
      summary: 'Cancels a message that waits; 409 once it was handed to WhatsApp',
      params: messageParams,
      response: { 200: messageAnswerSchema.describe('It is not going to be sent.'), ...problemResponses },
    },
    handler: async ({ sessionId, grant, params }) => {
      await desired.known(sessionId, grant)
      const messageId = params.id
      await moveMessage(redis, { sessionId, messageId, to: 'canceled', from: ['queued'], retentionMs })
      const record = await readMessage(redis, sessionId, messageId)
      if (record === null) throw new Problem('message_not_found', { members: { sessionId } })
      const { state } = record
      // What was not going to be sent anyway stays as it is.
      if (state === 'canceled' || state === 'expired' || state === 'failed') return toMessageAnswer(record)
      throw new Problem('already_sent', {
        detail: messageStateSentences[state],
        members: { id: messageId, sessionId, messageStatus: state },
      })
    },
  })
}
