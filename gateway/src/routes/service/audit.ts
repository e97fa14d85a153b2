import { pageQuery, pageSchema } from '@wsg/shared/paging.ts'
import { readAudit } from '@wsg/shared/redis/access/audit.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'

const entrySchema = z.object({
  at: z.iso.datetime(),
  by: z.string().describe('Name of the token.'),
  request: z.string().describe('`PUT /webhooks/:name`'),
  named: z.record(z.string(), z.unknown()).describe('What its address names.'),
  sessionId: z.string().optional(),
  status: z.number().int(),
  requestId: z.string(),
})
export type AuditAnswer = z.infer<typeof entrySchema>

export function auditRoute(app: GatewayApp, { redis }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/audit',
    config: { access: 'admin', session: 'optional' },
    schema: {
      operationId: 'audit.list',
      summary:
        'Who changed what, the newest first: of a session, or of all. About the last 10,000 changes are kept',
      querystring: z.object({
        ...pageQuery(/^\d{1,16}-\d{1,10}$/),
        search: z
          .string()
          .max(100)
          .transform((text) => text.trim().toLowerCase())
          .default('')
          .describe("Part of a token's name, of a request, of what its address names, or of its id."),
      }),
      response: { 200: pageSchema(entrySchema), ...problemResponses },
    },
    handler: async ({ query: { limit, cursor = null, search }, sessionId }) => {
      const entries = await readAudit(redis, {
        before: cursor,
        limit: limit + 1,
        isVisible: (entry) =>
          (sessionId === '' || entry.sessionId === sessionId) &&
          `${entry.by} ${entry.request} ${entry.named} ${entry.requestId}`.toLowerCase().includes(search),
      })
      const shown = entries.slice(0, limit)
      return {
        items: shown.map(({ id, named, status, sessionId: of, ...entry }) => ({
          ...entry,
          at: new Date(Number(id.split('-')[0])).toISOString(),
          named: JSON.parse(named) as Record<string, unknown>,
          status: Number(status),
          ...(of !== '' && { sessionId: of }),
        })),
        nextCursor: entries.length > limit ? (shown.at(-1)?.id ?? null) : null,
      }
    },
  })
}
