import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

export function webhookDeleteRoute(app: GatewayApp, { webhooks }: GatewayParts): void {
  app.route({
    method: 'DELETE',
    url: '/webhooks/:name',
    config: { access: 'admin', session: 'optional' },
    schema: {
      operationId: 'webhook.delete',
      summary: 'Removes a webhook, and all that waits for it',
      params: webhookParams,
      response: { 200: z.object({ success: z.literal(true), name: z.string() }), ...problemResponses },
    },
    handler: async ({ sessionId, params: { name } }) => {
      await webhooks.remove(scopeOf(sessionId), name)
      return { success: true as const, name }
    },
  })
}
