import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

const answerSchema = z.object({
  success: z.boolean().describe('Whether the receiver took it, with a 2xx.'),
  id: z.string().describe('Of the event, `webhook.test`.'),
  httpStatus: z.number().int().nullable().describe('Null where no answer came.'),
  tookMs: z.number(),
  answer: z.string().describe('The beginning of the answer, or why none came.'),
})
export type WebhookTestAnswer = z.infer<typeof answerSchema>

export function webhookTestRoute(app: GatewayApp, { webhooks }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/webhooks/:name/test',
    config: { access: 'operator', session: 'optional' },
    schema: {
      operationId: 'webhook.test',
      summary: 'Posts a test event to a webhook, once, and tells what its receiver answered',
      params: webhookParams,
      response: { 200: answerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, params: { name } }) => {
      const { id, outcome, status, tookMs, answer } = await webhooks.test(scopeOf(sessionId), name)
      return { success: outcome === 'delivered', id, httpStatus: status ?? null, tookMs, answer }
    },
  })
}
