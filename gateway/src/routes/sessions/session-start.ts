import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

export function sessionStartRoute(app: GatewayApp, { redis, desired }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/session/start',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.start',
      summary: 'Starts a session that was stopped or has failed',
      response: { 200: sessionAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId }) => {
      const { fields } = await readSnapshot(redis, sessionId)
      if (fields.createdAt === undefined) throw new Problem('session_not_found', { members: { sessionId } })
      return toSessionAnswer(sessionId, await desired.want(sessionId, 'create'))
    },
  })
}
