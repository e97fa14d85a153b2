import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { toWebhookAnswer, webhookAnswerSchema } from '../../webhooks/webhook-answer.ts'
import { scopeOf } from '../../webhooks/webhook-store.ts'

export function webhooksRoute(app: GatewayApp, { redis, webhooks, desired }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/webhooks',
    config: { access: 'operator', session: 'optional' },
    schema: {
      operationId: 'webhook.list',
      summary: 'The webhooks of a session, or those for all sessions',
      response: { 200: z.object({ items: z.array(webhookAnswerSchema) }), ...problemResponses },
    },
    handler: async ({ sessionId, grant }) => {
      if (sessionId !== '') await desired.known(sessionId, grant)
      const scope = scopeOf(sessionId)
      const found = await webhooks.list(scope)
      const items = found.map(({ name, webhook }) => toWebhookAnswer(redis, { scope, name }, webhook))
      return { items: await Promise.all(items) }
    },
  })
}
