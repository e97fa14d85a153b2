import { readQueueDetails } from '@wsg/shared/redis/message/queue-figures.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { queueAnswerSchema, toQueueAnswer } from '../../messages/queue-answer.ts'

export function queueRoute(app: GatewayApp, { redis, desired }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/queue',
    config: { access: 'viewer', session: true },
    schema: {
      operationId: 'queue.get',
      summary: 'How many messages of a session wait, and whether its sending is paused',
      response: { 200: queueAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, grant }) => {
      const { nowMs } = await desired.known(sessionId, grant)
      return toQueueAnswer(sessionId, await readQueueDetails(redis, sessionId, nowMs))
    },
  })
}
