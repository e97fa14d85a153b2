import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { Problem, problemResponses } from '../../http/problem.ts'
import { sendFile } from '../../media/send-file.ts'
import { scopeOf } from '../../webhooks/webhook-store.ts'

export function mediaRoute(app: GatewayApp, { files }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/media/:id',
    config: { access: 'sender', session: 'optional' },
    schema: {
      operationId: 'media.get',
      summary: 'Gives back a file that was stored for a session, or for all',
      params: z.object({ id: z.string() }),
      produces: ['application/octet-stream'],
      response: { 200: z.unknown().describe('The bytes.'), ...problemResponses },
    },
    handler: async ({ sessionId, params: { id } }, reply) => {
      const file = await files.find(scopeOf(sessionId), id)
      if (file === null) throw new Problem('media_not_found')
      return await sendFile(reply, files, file)
    },
  })
}
