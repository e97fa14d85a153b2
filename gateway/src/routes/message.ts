import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponses } from '../http/problem.ts'
import { expireIfDue } from '../messages/expire-if-due.ts'
import { messageAnswerSchema, toMessageAnswer } from '../messages/message-answer.ts'
import { toOwnId } from '../messages/own-id.ts'
import { knownSession } from '../sessions/known-session.ts'

export function messageRoute(
  app: GatewayApp,
  { redis, directory, desired, retentionMs }: GatewayParts,
): void {
  app.route({
    method: 'GET',
    url: '/messages/:id',
    config: { access: 'viewer', session: true },
    schema: {
      summary: 'What became of a message',
      params: z.object({ id: z.string() }),
      response: { 200: messageAnswerSchema, ...problemResponses },
    },
    handler: async ({ sessionId, params }) => {
      await knownSession(desired, sessionId)
      const record = await directory.message(sessionId, toOwnId(params.id))
      if (record === null) throw new Problem('message_not_found', { members: { sessionId } })
      return toMessageAnswer(await expireIfDue(redis, record, retentionMs))
    },
  })
}
