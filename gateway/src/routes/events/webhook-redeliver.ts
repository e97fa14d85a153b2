import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { redeliverable, redeliverMany } from '../../webhooks/redeliver.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

export function webhookRedeliverRoute(app: GatewayApp, { redis, webhooks }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/webhooks/:name/redeliver',
    config: { access: 'operator', session: 'optional' },
    schema: {
      operationId: 'webhook.redeliver',
      summary: 'Sends events again that came to a status, under their ids',
      params: webhookParams,
      body: z
        .strictObject({
          status: z.enum(redeliverable),
          since: z.iso.datetime({ offset: true }).optional().describe('Only what came to it then or later.'),
        })
        .meta({ examples: [{ status: 'dead', since: '2026-11-29T00:00:00Z' }] }),
      response: {
        200: z.object({ success: z.literal(true), redelivered: z.number().int() }),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, params: { name }, body: { status, since } }) => {
      const scope = scopeOf(sessionId)
      await webhooks.get(scope, name)
      const from = since === undefined ? 0 : Date.parse(since)
      const redelivered = await redeliverMany(redis, { scope, name }, { status, since: from })
      return { success: true as const, redelivered }
    },
  })
}
