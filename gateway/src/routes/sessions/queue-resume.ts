import { readQueueDetails } from '@wsg/shared/redis/message/queue-figures.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { queueAnswerSchema, toQueueAnswer } from '../../messages/queue-answer.ts'

export function queueResumeRoute(app: GatewayApp, { redis, desired }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/queue/resume',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'queue.resume',
      summary: 'Goes on handing messages of a session to WhatsApp',
      response: { 200: queueAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId }) => {
      await desired.pause(sessionId, false)
      const { nowMs } = await readSnapshot(redis, sessionId)
      return toQueueAnswer(sessionId, await readQueueDetails(redis, sessionId, nowMs))
    },
  })
}
