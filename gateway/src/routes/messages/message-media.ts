import { operations } from '@wsg/shared/operations/operations.ts'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponsesOf } from '../../http/problem.ts'
import { sendFile } from '../../media/send-file.ts'
import { askReadySession } from '../../sessions/ask-ready-session.ts'

const { name, access, input, errors = [] } = operations['message.media']

export function messageMediaRoute(app: GatewayApp, parts: GatewayParts): void {
  const { files, messageFiles, desired } = parts
  app.route({
    method: 'GET',
    url: '/messages/:id/media',
    config: { access, session: true },
    schema: {
      operationId: 'message.media',
      summary: 'Gives the file of a message: one that was sent, or one that somebody wrote to the account',
      params: input,
      produces: ['application/octet-stream'],
      response: {
        200: z.unknown().describe('The bytes, under the name and type that the message gives them.'),
        ...problemResponsesOf(errors),
      },
    },
    handler: async ({ sessionId, grant, params: { id }, id: requestId, traceparent }, reply) => {
      await desired.known(sessionId, grant)
      const stored = await messageFiles.find(sessionId, id)
      if (stored !== null) return await sendFile(reply, files, stored)
      const request = { sessionId, name, input: { id }, requestId, traceparent }
      const fetched = await askReadySession(parts, grant, request)
      if (fetched === null) throw new Problem('worker_timeout', { members: { sessionId } })
      return await sendFile(reply, files, await messageFiles.take(sessionId, id, fetched))
    },
  })
}
