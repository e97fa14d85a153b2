import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

/** A browser closes within ten seconds or is killed. */
const STOP_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 100

export function sessionStopRoute(app: GatewayApp, { redis, desired, waiters }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/session/stop',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.stop',
      summary: 'Stops a session and keeps its login: 200 when it is stopped, 202 while that goes on',
      response: {
        200: sessionAnswerSchema.describe('It is stopped.'),
        202: sessionAnswerSchema.describe('Its browser is still closing.'),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId }, reply) => {
      if (!(await desired.stop(sessionId))) throw new Problem('session_not_found', { members: { sessionId } })
      const isOver = async () => ((await readSnapshot(redis, sessionId)).leaseToken === null ? true : null)
      await waiters.wait(sessionId, isOver, STOP_WITHIN_MS, LOOK_EVERY_MS)
      const snapshot = await readSnapshot(redis, sessionId)
      const stopped = viewSession(snapshot).status === 'stopped'
      return reply.code(stopped ? 200 : 202).send(toSessionAnswer(sessionId, snapshot))
    },
  })
}
