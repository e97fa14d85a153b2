import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

export function sessionRestartRoute(app: GatewayApp, { redis, desired, operations }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/session/restart',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.restart',
      summary: 'Closes the browser of a session and opens it again; starts one that does not run',
      response: { 200: sessionAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, id: requestId, traceparent }) => {
      const before = await readSnapshot(redis, sessionId)
      if (before.fields.createdAt === undefined)
        throw new Problem('session_not_found', { members: { sessionId } })
      const wanted = await desired.want(sessionId, 'create')
      if (!viewSession(before).live) return toSessionAnswer(sessionId, wanted)
      const asked = { sessionId, requestId, traceparent }
      const answer = await operations.ask({ ...asked, name: 'session.restart', input: {} })
      if (answer === null) throw new Problem('worker_timeout', { members: { sessionId } })
      return toSessionAnswer(sessionId, await readSnapshot(redis, sessionId))
    },
  })
}
