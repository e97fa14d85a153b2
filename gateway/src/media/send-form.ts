import { OCTET_STREAM } from '@wsg/shared/media/folder-store.ts'
import { kindOfFile, takesFilename } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { type StoredMedia, storedMediaSchema } from '@wsg/shared/messages/media.ts'
import type { FastifyRequest } from 'fastify'
import type { GatewayApp } from '../gateway-app.ts'
import { invalidRequest } from '../http/problem.ts'
import { readForm } from '../http/read-form.ts'
import type { MediaIntake } from './media-intake.ts'

export const FORM = 'multipart/form-data'

/** Registers routes whose body may be a form as well: what `read` makes of it. No other route takes one. */
export function withForms(
  app: GatewayApp,
  read: (request: FastifyRequest) => Promise<unknown>,
  routes: (scope: GatewayApp) => void,
): void {
  app.register(async (scope: GatewayApp) => {
    scope.addContentTypeParser(FORM, read)
    routes(scope)
  })
}

interface FileForm {
  fields: ReadonlyMap<string, string>
  file: { filename: string | undefined; mimetype: string; media: StoredMedia }
}

/** Reads a form of which `file` goes into the store as it comes. @throws Problem also where it has none */
async function readFileForm(request: FastifyRequest, media: MediaIntake): Promise<FileForm> {
  media.assertFits(request.headers['content-length'])
  const { fields, file } = await readForm(request, async ({ pieces, filename, mimetype: declared }) => {
    const { id: upload, mimetype } = await media.take(request.sessionId, pieces)
    const told = mimetype === OCTET_STREAM ? declared : mimetype
    const named = storedMediaSchema.safeParse({ upload, mimetype: told })
    return { filename, mimetype, media: named.success ? named.data : { upload } }
  })
  if (file === null) throw invalidRequest('file: is required')
  return { fields, file }
}

/**
 * Reads a form as the body of `POST /send`: `type` (told from the file where absent) and `caption` are of the message, all other
 * fields of the request. It has yet to be checked.
 */
export async function readSendForm(request: FastifyRequest, media: MediaIntake): Promise<unknown> {
  const { fields, file } = await readFileForm(request, media)
  const { type = kindOfFile(file.mimetype), caption, ...rest } = Object.fromEntries(fields)
  const filename = takesFilename(type) ? file.filename : undefined
  const message = {
    ...{ type, media: file.media },
    ...(caption !== undefined && { caption }),
    ...(filename && { filename }),
  }
  return { ...rest, message }
}

/** Reads a form as the body of a request whose `media` is its file. It has yet to be checked. */
export async function readMediaForm(request: FastifyRequest, media: MediaIntake): Promise<unknown> {
  const { fields, file } = await readFileForm(request, media)
  return { ...Object.fromEntries(fields), media: file.media }
}
