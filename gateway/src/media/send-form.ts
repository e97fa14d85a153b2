import { OCTET_STREAM } from '@wsg/shared/media/folder-store.ts'
import { kindOfFile, takesFilename } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { storedMediaSchema } from '@wsg/shared/messages/media.ts'
import type { FastifyRequest } from 'fastify'
import { invalidRequest } from '../http/problem.ts'
import { readForm } from '../http/read-form.ts'
import type { MediaIntake } from './media-intake.ts'

/**
 * Reads a form as the body of `POST /send`: `file` goes into the store as it comes; `type` (told from the file where absent)
 * and `caption` are of the message, all other fields of the request. It has yet to be checked.
 */
export async function readSendForm(request: FastifyRequest, media: MediaIntake): Promise<unknown> {
  media.assertFits(request.headers['content-length'])
  const { fields, file } = await readForm(request, async ({ pieces, filename, mimetype: declared }) => {
    const { id: upload, mimetype } = await media.take(request.sessionId, pieces)
    const told = mimetype === OCTET_STREAM ? declared : mimetype
    const named = storedMediaSchema.safeParse({ upload, mimetype: told })
    return { filename, mimetype, media: named.success ? named.data : { upload } }
  })
  if (file === null) throw invalidRequest('file: is required')
  const { type = kindOfFile(file.mimetype), caption, ...rest } = Object.fromEntries(fields)
  const filename = takesFilename(type) ? file.filename : undefined
  const message = {
    ...{ type, media: file.media },
    ...(caption !== undefined && { caption }),
    ...(filename && { filename }),
  }
  return { ...rest, message }
}
