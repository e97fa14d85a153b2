import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { webhookBodySchema } from '../../webhooks/webhook.ts'
import { toWebhookAnswer, webhookAnswerSchema } from '../../webhooks/webhook-answer.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

export function webhookPutRoute(app: GatewayApp, { redis, webhooks }: GatewayParts): void {
  app.route({
    method: 'PUT',
    url: '/webhooks/:name',
    config: { access: 'admin', session: 'optional' },
    schema: {
      operationId: 'webhook.set',
      summary: 'Sets up a webhook of a session, or for all sessions, in place of the one of that name',
      params: webhookParams,
      body: webhookBodySchema.meta({
        examples: [{ url: 'https://example.org/hook', events: ['message', 'message.ack'] }],
      }),
      response: {
        200: webhookAnswerSchema.extend({
          secret: z.string().optional().describe('Where it is new. It is not shown again.'),
          warnings: z.array(z.string()).describe('What else would bring the same events to this address.'),
        }),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, grant, params: { name }, body }) => {
      const scope = scopeOf(sessionId)
      const { webhook, secret, warnings } = await webhooks.put(scope, name, body, grant)
      return {
        ...(await toWebhookAnswer(redis, { scope, name }, webhook)),
        ...(secret !== null && { secret }),
        warnings,
      }
    },
  })
}
