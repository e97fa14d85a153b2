import { messageStates } from '@wsg/shared/messages/message-lifecycle.ts'
import { pageQuery, pageSchema } from '@wsg/shared/paging.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { problemResponses } from '../../http/problem.ts'
import { messageAnswerSchema, toMessageAnswer } from '../../messages/message-answer.ts'
import { listMessages } from '../../read/list-messages.ts'

const time = z.iso.datetime({ offset: true, error: 'must be an ISO time with its zone' })

const querystring = z.object({
  status: z.enum(messageStates).optional(),
  reference: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .describe('Your own word, given with the message. With it the messages accepted last come first.'),
  since: time.optional().describe('Only what changed its state then or later.'),
  until: time.optional().describe('Only what changed its state then or before.'),
  ...pageQuery(/^\d{1,16}_[0-9A-Z]{1,40}$/),
})

export function messagesRoute(app: GatewayApp, { redis, desired }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/messages',
    config: { access: 'viewer', session: true },
    schema: {
      operationId: 'message.list',
      summary: 'The messages of a session, what changed last first; their texts are not shown',
      querystring,
      response: {
        200: pageSchema(messageAnswerSchema).describe(
          'A message that changes its state between two pages moves to the front.',
        ),
        ...problemResponses,
      },
    },
    handler: async ({ sessionId, grant, query }) => {
      await desired.known(sessionId, grant)
      const { messages, next } = await listMessages(redis, {
        sessionId,
        status: query.status ?? null,
        reference: query.reference ?? null,
        since: query.since === undefined ? null : Date.parse(query.since),
        until: query.until === undefined ? null : Date.parse(query.until),
        limit: query.limit,
        cursor: query.cursor ?? null,
      })
      return { items: messages.map(toMessageAnswer), nextCursor: next }
    },
  })
}
