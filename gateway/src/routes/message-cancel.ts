import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { problemResponses } from '../http/problem.ts'
import { cancelMessage } from '../messages/cancel-message.ts'
import { messageAnswerSchema, toMessageAnswer } from '../messages/message-answer.ts'
import { toOwnId } from '../messages/own-id.ts'
import { knownSession } from '../sessions/known-session.ts'

export function messageCancelRoute(app: GatewayApp, { redis, desired, retentionMs }: GatewayParts): void {
  app.route({
    method: 'DELETE',
    url: '/messages/:id',
    config: { access: 'sender', session: true },
    schema: {
      summary: 'Cancels a message that waits; 409 once it was handed to WhatsApp',
      params: z.object({ id: z.string() }),
      response: { 200: messageAnswerSchema.describe('It is not going to be sent.'), ...problemResponses },
    },
    handler: async ({ sessionId, params }) => {
      await knownSession(desired, sessionId)
      return toMessageAnswer(await cancelMessage(redis, sessionId, toOwnId(params.id), retentionMs))
    },
  })
}
