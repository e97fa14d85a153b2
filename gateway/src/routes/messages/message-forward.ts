import { messageIdSchema } from '@wsg/shared/messages/message-id.ts'
import { forwardRequestSchema } from '@wsg/shared/messages/send-request.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { answerSend, sendSchema } from '../../messages/answer-send.ts'
import { assertSendable } from '../../messages/assert-sendable.ts'
import { findWhatsAppId } from '../../messages/find-whatsapp-id.ts'

/** A forward is a message of the account like any other: it has a record, waits in its chat's order, and is sent once. */
export function messageForwardRoute(app: GatewayApp, { sender, redis, desired }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/messages/:id/forward',
    config: { access: 'sender', session: true },
    schema: {
      ...sendSchema,
      operationId: 'message.forward',
      summary:
        'Forwards a message, as `POST /send` sends one, under a new id; `{"type": "forward", "messageId": …}` does the same there',
      params: z.object({ id: messageIdSchema }),
      body: forwardRequestSchema.meta({ examples: [{ to: '5511999887766', reference: 'order-42' }] }),
    },
    handler: async (request, reply) => {
      const { sessionId, grant, params } = request
      await desired.known(sessionId, grant)
      const messageId = await findWhatsAppId(redis, sessionId, params.id)
      const body = { ...request.body, message: { type: 'forward' as const, messageId } }
      assertSendable(body)
      const answer = await answerSend(sender, request, reply, body)
      return reply.code(answer.status).send(answer.body)
    },
  })
}
