import { create as contentDisposition } from 'content-disposition'
import type { FastifyReply } from 'fastify'
import type { NamedFile } from './message-files.ts'
import type { SessionFiles } from './session-files.ts'

/** Answers with a file of the store. A browser that is led there shows nothing of it and runs nothing. */
export async function sendFile(
  reply: FastifyReply,
  files: SessionFiles,
  file: NamedFile,
): Promise<FastifyReply> {
  const bytes = await files.open(file.id)
  return await reply
    .type(file.mimetype)
    .headers({
      'content-length': file.size,
      etag: `"${file.id}"`,
      'content-disposition': contentDisposition(file.filename),
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    .send(bytes)
}
