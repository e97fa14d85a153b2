import { passFaults } from '../faults.ts'
import { filehashOf } from '../filehash.ts'
import { pageSettings } from '../page-settings.ts'
import { WAWebMmsMediaTypes } from './wa-web-mms-media-types.ts'

interface Wanted {
  directPath: string
  filehash: string
  type: string
  mimetype?: string
  signal?: AbortSignal
  downloadQpl: { addPoint(name: string): unknown; addAnnotations(annotations: object): unknown }
}

class InvalidMediaFileType extends Error {
  override readonly name = 'InvalidMediaFileType'
}

class HttpStatusCodeError extends Error {
  readonly status: number
  constructor(status: number) {
    super(`media download was answered with ${status}`)
    this.status = status
  }
}

/** Kinds without a list of their own refuse nothing but SVG. */
function assertMimetype(type: string, mimetype: string): void {
  if (!pageSettings.current.account.mimetypeCheck) return
  const valid = WAWebMmsMediaTypes.getValidMimeTypes(type)
  if (valid ? !valid.test(mimetype) : mimetype.startsWith('image/svg'))
    throw new InvalidMediaFileType(`Unexpected mimetype ${mimetype} for media type ${type}`)
}

export const WAWebDownloadManager = {
  downloadManager: {
    /**
     * The bytes of a media message. Rejects with InvalidMediaFileType for accounts that check the mimetype, with
     * a `status` where the server does not give them, and where they are not what the message says.
     */
    async downloadAndMaybeDecrypt(wanted: Wanted): Promise<ArrayBuffer> {
      await passFaults()
      const {
        directPath,
        filehash,
        type,
        mimetype = 'application/octet-stream',
        signal,
        downloadQpl,
      } = wanted
      downloadQpl.addPoint('start')
      assertMimetype(type, mimetype)
      const response = await fetch(directPath, { signal: signal ?? null })
      if (!response.ok) throw new HttpStatusCodeError(response.status)
      const data = await response.arrayBuffer()
      if ((await filehashOf(data)) !== filehash) throw new Error('media-fault: filehash mismatch')
      return data
    },
  },
}
