import { readQueueDetails } from '@wsg/shared/redis/message/queue-figures.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { queueAnswerSchema, toQueueAnswer } from '../../messages/queue-answer.ts'

export function queuePauseRoute(app: GatewayApp, { redis, desired }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/queue/pause',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'queue.pause',
      summary:
        'Stops handing messages of a session to WhatsApp; they are accepted and wait, until they expire',
      response: { 200: queueAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId }) => {
      await desired.pause(sessionId, true)
      const { nowMs } = await readSnapshot(redis, sessionId)
      return toQueueAnswer(sessionId, await readQueueDetails(redis, sessionId, nowMs))
    },
  })
}
