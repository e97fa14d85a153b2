import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponses } from '../http/problem.ts'
import { expireIfDue } from '../sending/expire-if-due.ts'
import { messageAnswerSchema, toMessageAnswer } from '../sending/message-answer.ts'

export function messageRoute(app: GatewayApp, { redis, directory, wishes, retentionMs }: GatewayParts): void {
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
      const { fields } = await wishes.touch(sessionId)
      if (fields.createdAt === undefined) throw new Problem('session_not_found', { members: { sessionId } })
      // WhatsApp's full id, `true_<chat>_<id>`, ends with ours.
      const messageId = params.id.slice(params.id.lastIndexOf('_') + 1)
      const record = await directory.message(sessionId, messageId)
      if (record === null) throw new Problem('message_not_found', { members: { sessionId } })
      return toMessageAnswer(await expireIfDue(redis, record, retentionMs))
    },
  })
}
