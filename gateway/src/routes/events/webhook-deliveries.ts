import { pageQuery, pageSchema } from '@wsg/shared/paging.ts'
import { type Attempts, listDeliveries } from '@wsg/shared/redis/event/deliveries.ts'
import { deliveryStatuses } from '@wsg/shared/redis/event/webhooks.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { scopeOf, webhookParams } from '../../webhooks/webhook-store.ts'

const attemptSchema = z.object({
  at: z.iso.datetime(),
  httpStatus: z.number().int().nullable().describe('Null where no answer came.'),
  tookMs: z.number(),
  answer: z.string().describe('The beginning of the answer, or why none came.'),
})
export type AttemptAnswer = z.infer<typeof attemptSchema>

const deliverySchema = z.object({
  id: z.string().describe('Of the event.'),
  sessionId: z.string(),
  chatId: z.string().nullable(),
  status: z.enum(deliveryStatuses),
  at: z.iso
    .datetime()
    .describe('When it came to that status; of one that is retrying, when it is tried again.'),
  attempts: z.number().int(),
  lastAttempt: attemptSchema.nullable(),
  earlierAttempts: z
    .array(attemptSchema)
    .describe('Up to nine before the last one, the latest first, with shorter answers.'),
})
export type DeliveryAnswer = z.infer<typeof deliverySchema>

function toAttempt({
  at,
  status,
  tookMs,
  answer,
}: { at: number } & Pick<Attempts, 'status' | 'tookMs' | 'answer'>) {
  return { at: new Date(at).toISOString(), httpStatus: status ?? null, tookMs, answer }
}

export function webhookDeliveriesRoute(app: GatewayApp, { redis, webhooks }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/webhooks/:name/deliveries',
    config: { access: 'operator', session: 'optional' },
    schema: {
      operationId: 'webhook.deliveries',
      summary: 'What became of the deliveries of a webhook, the latest first',
      params: webhookParams,
      querystring: z.object({
        status: z.enum(deliveryStatuses).default('dead'),
        ...pageQuery(/^\d{1,9}$/),
      }),
      response: { 200: pageSchema(deliverySchema), ...problemResponses },
    },
    handler: async ({ sessionId, params: { name }, query: { status, limit, cursor = '0' } }) => {
      const scope = scopeOf(sessionId)
      await webhooks.get(scope, name)
      const offset = Number(cursor)
      const found = await listDeliveries(redis, { scope, name }, { status, offset, limit })
      return {
        items: found.map((delivery) => ({
          id: delivery.eventId,
          sessionId: delivery.sessionId,
          chatId: delivery.chat === '' ? null : delivery.chat,
          status,
          at: new Date(delivery.at).toISOString(),
          attempts: delivery.attempts?.attempts ?? 0,
          lastAttempt: delivery.attempts && toAttempt({ ...delivery.attempts, at: delivery.attempts.lastAt }),
          earlierAttempts: (delivery.attempts?.earlier ?? []).map(toAttempt),
        })),
        nextCursor: found.length < limit ? null : String(offset + limit),
      }
    },
  })
}
