import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { toWebhookAnswer, webhookAnswerSchema } from '../../webhooks/webhook-answer.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

export function webhookRoute(app: GatewayApp, { redis, webhooks }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/webhooks/:name',
    config: { access: 'operator', session: 'optional' },
    schema: {
      operationId: 'webhook.get',
      summary: 'A webhook, and how far behind it is',
      params: webhookParams,
      response: { 200: webhookAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, params: { name } }) => {
      const scope = scopeOf(sessionId)
      return await toWebhookAnswer(redis, { scope, name }, await webhooks.get(scope, name))
    },
  })
}
