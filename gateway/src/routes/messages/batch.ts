import { readBatch } from '@wsg/shared/redis/batch/batch.ts'
import { z } from 'zod'
import { batchAnswerSchema, toBatchAnswer } from '../../batches/batch-answer.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'

export function batchRoute(app: GatewayApp, { redis, desired }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/batches/:id',
    config: { access: 'viewer', session: true },
    schema: {
      operationId: 'batch.get',
      summary: 'How far a batch came: how many of its messages are in which state',
      params: z.object({ id: z.string() }),
      response: { 200: batchAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, grant, params }) => {
      const { nowMs } = await desired.known(sessionId, grant)
      const batch = await readBatch(redis, sessionId, params.id)
      if (batch === null) throw new Problem('batch_not_found', { members: { sessionId } })
      return toBatchAnswer(sessionId, params.id, batch, nowMs)
    },
  })
}
