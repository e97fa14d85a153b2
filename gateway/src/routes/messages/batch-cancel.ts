import { readBatch } from '@wsg/shared/redis/batch/batch.ts'
import { z } from 'zod'
import { batchAnswerSchema, toBatchAnswer } from '../../batches/batch-answer.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'

export function batchCancelRoute(app: GatewayApp, { batches, redis, desired }: GatewayParts): void {
  app.route({
    method: 'DELETE',
    url: '/batches/:id',
    config: { access: 'sender', session: true },
    schema: {
      operationId: 'batch.cancel',
      summary: 'Cancels all of a batch that waits, and accepts nothing more of it; what was sent stays sent',
      params: z.object({ id: z.string() }),
      response: {
        200: batchAnswerSchema.extend({
          canceledNow: z.number().int().min(0).describe('How many messages this request canceled.'),
        }),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, grant, params, log }) => {
      const { nowMs } = await desired.known(sessionId, grant)
      const canceledNow = await batches.cancel(sessionId, params.id)
      log.info({ sessionId, batchId: params.id, canceled: canceledNow }, 'batch canceled')
      const batch = await readBatch(redis, sessionId, params.id)
      if (batch === null) throw new Problem('batch_not_found', { members: { sessionId } })
      return { ...toBatchAnswer(sessionId, params.id, batch, nowMs), canceledNow }
    },
  })
}
