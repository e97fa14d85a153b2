import { readSnapshot } from '@wsg/shared/redis/session/snapshot.ts'
import { sentenceFor } from '@wsg/shared/sessions/session-lifecycle.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../../sessions/session-answer.ts'

/** One that runs is logged out in a few seconds; one that does not has to be loaded first. */
const LOG_OUT_WITHIN_MS = 25_000
const LOOK_EVERY_MS = 100

export function sessionLogoutRoute(app: GatewayApp, { redis, desired, waiters }: GatewayParts): void {
  app.route({
    method: 'POST',
    url: '/session/logout',
    config: { access: 'operator', session: true },
    schema: {
      operationId: 'session.logout',
      summary:
        'Logs the session out at WhatsApp and keeps all else of it: 200 when the phone does not list it any more, 202 while that goes on',
      response: {
        200: sessionAnswerSchema.describe(
          'It is stopped and holds no login. Its settings, webhooks and waiting messages stay.',
        ),
        202: sessionAnswerSchema.describe(
          'It goes on; it ends with the reason `unlinked`, or `logout_unconfirmed` where WhatsApp cannot be reached.',
        ),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId }, reply) => {
      await desired.logOut(sessionId)
      const isOver = async () =>
        (await readSnapshot(redis, sessionId)).fields.loggingOut === '1' ? null : true
      await waiters.wait(sessionId, isOver, LOG_OUT_WITHIN_MS, LOOK_EVERY_MS)
      const snapshot = await readSnapshot(redis, sessionId)
      const { status, reason } = viewSession(snapshot)
      if (reason === 'deleting') throw new Problem('session_deleting', { members: { sessionId } })
      if (reason !== 'logging_out' && snapshot.fields.savedLogin === '1')
        throw new Problem('logout_not_confirmed', {
          detail: sentenceFor(reason),
          members: { sessionId, sessionStatus: status, reason },
        })
      return reply.code(reason === 'logging_out' ? 202 : 200).send(toSessionAnswer(sessionId, snapshot))
    },
  })
}
