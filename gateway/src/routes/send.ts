import { sendRequestSchema } from '@wsg/shared/messages/send-request.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { problemResponses } from '../http/problem.ts'
import { readSendForm } from '../media/send-form.ts'
import { assertSendable } from '../messages/assert-sendable.ts'
import { claimMessage, readIdempotencyKey } from '../messages/idempotency.ts'
import { sendAnswerSchema, toSendAnswer } from '../messages/message-answer.ts'

const FORM = 'multipart/form-data'

const querystring = z.object({
  wait: z
    .enum(['none', 'server', 'delivered'])
    .optional()
    .describe("What to wait for; the server's ack where absent."),
})

const headers = z.looseObject({
  'idempotency-key': z
    .string()
    .optional()
    .describe('The same key with the same body is the same message, for 24 hours.'),
  prefer: z.string().optional().describe('`respond-async` is short for `?wait=none`.'),
})

export function sendRoute(app: GatewayApp, { sender, media }: GatewayParts): void {
  // A scope of its own: here a body may be a form.
  app.register(async (scope: GatewayApp) => {
    scope.addContentTypeParser(FORM, async (request: FastifyRequest) => await readSendForm(request, media))
    scope.route({
      method: 'POST',
      url: '/send',
      config: { access: 'sender', session: true, isAudited: false },
      schema: {
        summary:
          'Sends a message: 200 once WhatsApp has it, 202 when it is accepted and safe but still on its way',
        querystring,
        headers,
        consumes: ['application/json', FORM],
        body: sendRequestSchema,
        response: {
          200: sendAnswerSchema.describe('WhatsApp has it.'),
          202: sendAnswerSchema.describe('It is accepted and safe; its address tells what becomes of it.'),
          ...problemResponses,
        },
      },
      handler: async (request, reply) => {
        const { sessionId, headers, query, id: requestId } = request
        const key = readIdempotencyKey(headers['idempotency-key'])
        assertSendable(request.body)
        const body = await media.settle(sessionId, request.body)
        const idempotency = key === null ? null : claimMessage(key, body)
        const preferAsync = /(^|[\s,;])respond-async($|[\s,;])/i.test(headers.prefer ?? '')
        const until = query.wait ?? (preferAsync ? 'none' : 'server')
        if (preferAsync && until === 'none') reply.header('preference-applied', 'respond-async')
        const { record, replayed } = await sender.send({ sessionId, body, idempotency, requestId, until })
        request.messageId = record.id
        reply.header('location', `/messages/${record.id}`)
        if (replayed) reply.header('idempotent-replayed', 'true')
        const answer = toSendAnswer(record)
        return reply.code(answer.status).send(answer.body)
      },
    })
  })
}
