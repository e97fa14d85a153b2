import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { noBody } from '../http/no-body.ts'
import { Problem, problemResponses } from '../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../sessions/session-answer.ts'

/** A browser closes within ten seconds or is killed. */
const STOP_WITHIN_MS = 15_000

export function sessionStopRoute(
  app: GatewayApp,
  { directory, desired, control, waiters }: GatewayParts,
): void {
  app.route({
    method: 'POST',
    url: '/session/stop',
    config: { access: 'admin', session: true },
    schema: {
      summary: 'Stops a session and keeps its login: 200 when it is stopped, 202 while that goes on',
      body: noBody,
      response: {
        200: sessionAnswerSchema.describe('It is stopped.'),
        202: sessionAnswerSchema.describe('Its browser is still closing.'),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, id: requestId }, reply) => {
      if (!(await desired.stop(sessionId))) throw new Problem('session_not_found', { members: { sessionId } })
      const isOver = async () => ((await directory.snapshot(sessionId)).leaseToken === null ? true : null)
      if ((await isOver()) === null) {
        const timeoutMs = STOP_WITHIN_MS
        const asked = await control.tell({ sessionId, name: 'wish.check', payload: {}, requestId, timeoutMs })
        await waiters.wait(asked, isOver, timeoutMs)
      }
      const snapshot = await directory.snapshot(sessionId)
      const stopped = viewSession(snapshot).status === 'stopped'
      return reply.code(stopped ? 200 : 202).send(toSessionAnswer(sessionId, snapshot))
    },
  })
}
