import { sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { FORM, readSendForm, withForms } from '../../media/send-form.ts'
import { answerSend, sendSchema } from '../../messages/answer-send.ts'
import { assertSendable } from '../../messages/assert-sendable.ts'

export function sendRoute(app: GatewayApp, { sender, media }: GatewayParts): void {
  withForms(
    app,
    (request) => readSendForm(request, media),
    (scope) =>
      scope.route({
        method: 'POST',
        url: '/send',
        config: { access: 'sender', session: true, isAudited: false },
        schema: {
          ...sendSchema,
          operationId: 'message.send',
          summary:
            'Sends a message: 200 once WhatsApp has it, 202 when it is accepted and safe but still on its way',
          consumes: ['application/json', FORM],
          body: sendRequestSchema.meta({ examples: [{ to: '5511999887766', message: 'Hello' }] }),
        },
        handler: async (request, reply) => {
          assertSendable(request.body)
          const body = await media.settle(request.sessionId, request.body)
          const answer = await answerSend(sender, request, reply, body)
          return reply.code(answer.status).send(answer.body)
        },
      }),
  )
}
