import { cancelWaiting } from '@wsg/shared/redis/message/move-message.ts'
import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

export function sessionDeleteRoute(app: GatewayApp, parts: GatewayParts): void {
  const { desired, redis, retentionMs } = parts
  app.route({
    method: 'DELETE',
    url: '/session',
    config: { access: 'admin', session: true },
    schema: {
      operationId: 'session.delete',
      summary: 'Logs the session out at WhatsApp and forgets it: 202 while that goes on, 404 when it is gone',
      response: { 202: sessionAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, log }, reply) => {
      if (!(await desired.delete(sessionId)))
        throw new Problem('session_not_found', { members: { sessionId } })
      const canceled = await cancelWaiting(redis, sessionId, retentionMs)
      log.info({ sessionId, canceled }, 'session is being deleted')
      return reply.code(202).send(toSessionAnswer(sessionId, await readSnapshot(redis, sessionId)))
    },
  })
}
