import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { noBody } from '../http/no-body.ts'
import { problemResponses } from '../http/problem.ts'
import { cancelMessage } from '../sending/cancel-message.ts'
import { messageAnswerSchema, toMessageAnswer } from '../sending/message-answer.ts'
import { toOwnId } from '../sending/own-id.ts'
import { knownSession } from '../sessions/known-session.ts'

export function messageCancelRoute(app: GatewayApp, { redis, wishes, retentionMs }: GatewayParts): void {
  app.route({
    method: 'DELETE',
    url: '/messages/:id',
    config: { access: 'sender', session: true },
    schema: {
      summary: 'Cancels a message that waits; 409 once it was handed to WhatsApp',
      params: z.object({ id: z.string() }),
      body: noBody,
      response: { 200: messageAnswerSchema.describe('It is not going to be sent.'), ...problemResponses },
    },
    handler: async ({ sessionId, params }) => {
      await knownSession(wishes, sessionId)
      return toMessageAnswer(await cancelMessage(redis, sessionId, toOwnId(params.id), retentionMs))
    },
  })
}
