import { pageQuery, pageSchema } from '@wsg/shared/paging.ts'
import { sessionStatuses } from '@wsg/shared/sessions/session-lifecycle.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { listSessions } from '../../read/list-sessions.ts'
import { sessionDetailsSchema, toSessionDetails } from '../../sessions/session-answer.ts'

const querystring = z.object({
  ...pageQuery(/^\d{1,16}_[A-Za-z0-9_-]{1,50}$/),
  status: z.enum(sessionStatuses).optional(),
  search: z
    .string()
    .max(100)
    .transform(toSearched)
    .optional()
    .describe("Part of a name, of a phone number or of an account's name."),
})

export function sessionsRoute(app: GatewayApp, { redis }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/sessions',
    config: { access: 'viewer' },
    schema: {
      operationId: 'session.list',
      summary: 'The known sessions, page by page; wakes none of them',
      querystring,
      response: {
        200: pageSchema(sessionDetailsSchema),
        ...problemResponses,
      },
    },
    handler: async ({ query, grant }) => {
      const { sessions, next } = await listSessions(redis, {
        limit: query.limit,
        after: query.cursor ?? null,
        status: query.status ?? null,
        search: query.search || null,
        visible: grant?.sessions ?? null,
      })
      return {
        items: sessions.map((one) => toSessionDetails(one.sessionId, one.snapshot)),
        nextCursor: next,
      }
    },
  })
}

/** As names and numbers are kept: a number without what people write between its digits. */
function toSearched(text: string): string {
  const searched = text.trim().toLowerCase()
  return /^\+?[\d\s().-]*\d[\d\s().-]*$/.test(searched) && /[+\s()]/.test(searched)
    ? searched.replaceAll(/\D/g, '')
    : searched
}
