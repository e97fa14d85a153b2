import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { redeliverOne } from '../../webhooks/redeliver.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

export function webhookDeliveryRedeliverRoute(app: GatewayApp, { redis, webhooks }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/webhooks/:name/deliveries/:id/redeliver',
    config: { access: 'operator', session: 'optional' },
    schema: {
      operationId: 'webhook.redeliver-one',
      summary: 'Sends one event again, under its id',
      params: webhookParams.extend({ id: z.string().max(64) }),
      response: { 200: z.object({ success: z.literal(true), id: z.string() }), ...problemResponses },
    },
    handler: async ({ sessionId, params: { name, id } }) => {
      const scope = scopeOf(sessionId)
      await webhooks.get(scope, name)
      if (!(await redeliverOne(redis, { scope, name }, id))) throw new Problem('delivery_not_found')
      return { success: true as const, id }
    },
  })
}
