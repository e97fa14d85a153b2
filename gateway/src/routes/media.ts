import { MEDIA_ID_PATTERN } from '@wsg/shared/messages/media.ts'
import { z } from 'zod'
import type { GatewayApp } from '../gateway-app.ts'
import type { GatewayParts } from '../gateway-parts.ts'
import { Problem, problemResponses } from '../http/problem.ts'

export function mediaRoute(app: GatewayApp, { media }: GatewayParts): void {
  app.route({
    method: 'GET',
    url: '/media/:id',
    config: { access: 'sender' },
    schema: {
      summary: 'Gives a stored file back',
      params: z.object({ id: z.string() }),
      produces: ['application/octet-stream'],
      response: { 200: z.unknown().describe('The bytes.'), ...problemResponses },
    },
    handler: async ({ params: { id } }, reply) => {
      const file = MEDIA_ID_PATTERN.test(id) ? await media.store.stat(id) : null
      if (file === null) throw new Problem('media_not_found')
      return await reply
        .type(file.mimetype)
        .headers({
          'content-length': file.size,
          etag: `"${id}"`,
          // Whatever a caller uploaded: a browser that is led here shows nothing of it and runs nothing.
          'content-disposition': 'attachment',
          'content-security-policy': "default-src 'none'; sandbox",
          'x-content-type-options': 'nosniff',
        })
        .send(media.store.open(id))
    },
  })
}
