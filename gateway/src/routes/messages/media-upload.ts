import type { StoredFile } from '@wsg/shared/media/file-store.ts'
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { GatewayApp } from '../../gateway-app.ts'
import type { GatewayParts } from '../../gateway-parts.ts'
import { invalidRequest, problemResponses } from '../../http/problem.ts'
import { bodyPieces } from '../../http/read-body.ts'
import { readForm } from '../../http/read-form.ts'
import { FORM } from '../../media/send-form.ts'
import { scopeOf } from '../../webhooks/webhook-store.ts'

const mediaAnswerSchema = z.object({
  id: z.string().describe('What `media.upload` of a message names.'),
  sha256: z.string().describe('Of the bytes, in hex.'),
  mimetype: z.string().describe('Told from the bytes.'),
  size: z.number().int().describe('Bytes.'),
})

export function mediaUploadRoute(app: GatewayApp, { media }: GatewayParts): void {
  // A scope of its own: here a body is a file, whatever its type.
  app.register(async (scope: GatewayApp) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', async () => undefined)
    scope.route({
      method: 'POST',
      url: '/media',
      config: { access: 'sender', session: 'optional', isAudited: false },
      schema: {
        operationId: 'media.upload',
        summary:
          'Stores a file for messages of a session (without X-Session-Id: of every session): the body itself, or the part `file` of a form',
        consumes: ['application/octet-stream', FORM],
        body: z.unknown().describe('The bytes. The same bytes have the same id.'),
        response: { 201: mediaAnswerSchema.describe('It is stored.'), ...problemResponses },
      },
      handler: async (request, reply) => {
        const file = await takeFile(request)
        reply.header('location', `/media/${file.id}`)
        return reply.code(201).send(toAnswer(file))
      },
    })
  })

  async function takeFile(request: FastifyRequest): Promise<StoredFile> {
    const { headers, raw, sessionId } = request
    const scope = scopeOf(sessionId)
    media.assertFits(headers['content-length'])
    if (!headers['content-type']?.startsWith(FORM)) return await media.take(scope, bodyPieces(raw))
    const { file } = await readForm(request, ({ pieces }) => media.take(scope, pieces))
    if (file === null) throw invalidRequest('the form has no field file')
    return file
  }
}

function toAnswer({ id, mimetype, size }: StoredFile): z.infer<typeof mediaAnswerSchema> {
  return { id, sha256: id, mimetype, size }
}
