import { pacingChangesSchema } from '@wsg/shared/messages/pacing.ts'
import { setPacing } from '@wsg/shared/redis/session/queue-settings.ts'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponses } from '../http/problem.ts'
import { sessionAnswerSchema, toSessionAnswer } from '../sessions/session-answer.ts'

const body = z.strictObject({
  pacing: pacingChangesSchema
    .nullable()
    .describe('How fast this session sends; what is left out, or null for all of it, is as configured.'),
})

export function sessionPutRoute(app: GatewayApp, { redis, directory }: GatewayParts): void {
  app.route({
    method: 'PUT',
    url: '/session',
    config: { access: 'admin', session: true },
    schema: {
      operationId: 'session.update',
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
    handler: async ({ sessionId, body: { pacing } }) => {
      const written = await setPacing(redis, sessionId, pacing)
      if (written === 'not_found') throw new Problem('session_not_found', { members: { sessionId } })
      if (written === 'deleting') throw new Problem('session_deleting', { members: { sessionId } })
      return { ...toSessionAnswer(sessionId, await directory.snapshot(sessionId)), pacing }
    },
  })
}
