import { pacingChangesSchema } from '@wsg/shared/messages/pacing.ts'
import { setPacing } from '@wsg/shared/redis/session/set-pacing.ts'
import { viewSession } from '@wsg/shared/sessions/session-view.ts'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponses } from '../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../sessions/session-answer.ts'

/** Its worker looks once a second in any case. */
const HINT_WITHIN_MS = 5_000

const body = z.strictObject({
  pacing: pacingChangesSchema
    .nullable()
    .describe('How fast this session sends; what is left out, or null for all of it, is as configured.'),
})

export function sessionPutRoute(app: GatewayApp, { redis, directory, control, log }: GatewayParts): void {
  app.route({
    method: 'PUT',
    url: '/session',
    config: { access: 'admin', session: true },
    schema: {
      summary: 'Sets how fast a session sends, in place of all that was set before',
      body,
      response: {
        200: sessionAnswerSchema.extend({
          pacing: pacingChangesSchema
            .nullable()
            .describe('What this session changes of the configured pacing.'),
        }),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, body: { pacing }, id: requestId }) => {
      const written = await setPacing(redis, sessionId, pacing)
      if (written === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
      if (written === 'deleting') throw new Problem('session_deleting', { members: { sessionId } })
      const snapshot = await directory.snapshot(sessionId)
      if (viewSession(snapshot).live)
        await control
          .ask({ sessionId, name: 'queue.check', payload: {}, requestId, timeoutMs: HINT_WITHIN_MS })
          .catch((err: unknown) => log.debug({ err, sessionId }, 'the worker was not told of its pacing'))
      return { ...toSessionAnswer(sessionId, snapshot), pacing }
    },
  })
}
