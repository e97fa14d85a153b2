import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { problemResponses } from '../http/problem.ts'
import { sessionDetailsSchema, toSessionDetails } from '../sessions/session-answer.ts'

const querystring = z.object({
  limit: z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(500, 'must be at most 500')
    .default(100),
  after: z.string().max(80).optional().describe('`next` of the page before.'),
  status: z.enum(sessionStatuses).optional(),
})

export function sessionsRoute(app: GatewayApp, { directory }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/sessions',
    config: { access: 'viewer' },
    schema: {
      summary: 'The known sessions, page by page; wakes none of them',
      querystring,
      response: {
        200: z.object({ sessions: z.array(sessionDetailsSchema), next: z.string().nullable() }),
        ...problemResponses,
      },
    },
    handler: async ({ query, grant }) => {
      const { sessions, next } = await directory.list({
        limit: query.limit,
        after: query.after ?? null,
        status: query.status ?? null,
        visible: grant?.sessions ?? null,
      })
      return { sessions: sessions.map((one) => toSessionDetails(one.sessionId, one.snapshot)), next }
    },
  })
}
