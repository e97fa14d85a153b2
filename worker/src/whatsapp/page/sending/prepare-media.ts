import type { LibraryMedia } from '../../to-library/library-message.ts'
import type { PageGlobals } from '../page-globals.ts'

export interface PageMedia extends Omit<LibraryMedia, 'upload'> {
  messageId: string
  /** There a piece of audio is shown with its waveform. */
  isForStatus: boolean
}

/**
 * Runs in the page: makes a file ready to be sent and uploads it to WhatsApp, by whatsapp-web.js' own functions, and keeps what
 * came of it until its message is handed over. @returns false where a file input has no file: Chromium could not read it
 */
export async function prepareMedia(input: HTMLInputElement, given: PageMedia): Promise<boolean> {
  const page = window as unknown as PageGlobals
  const library = page.WWebJS
  if (!library) throw new Error('the page is not ready')
  const { preparedMedia } = page.sessionGatewayKit
  if (preparedMedia.has(given.messageId)) return true
  const picked = input.files?.[0]
  if (!picked) return false

  // The library makes a file of base64 there, which would be the whole file several times over.
  const fileOfBase64 = library.mediaInfoToFile
  if (!fileOfBase64.takesFiles) {
    library.mediaInfoToFile = Object.assign(
      (info: Parameters<typeof fileOfBase64>[0]) => info.file ?? fileOfBase64(info),
      { takesFiles: true as const },
    )
    const waveformOf = library.generateWaveform
    library.generateWaveform = async (file) => file.waveform ?? (await waveformOf(file))
  }
  const { as, sound } = given
  const isSticker = as === 'sticker'
  const mustBecomeWebp = isSticker && given.mimetype !== 'image/webp'
  const picture = mustBecomeWebp ? await page.require('WAWebImageUtils').toWebpSticker(picked) : picked
  const { withStickerPack } = page.sessionGatewayKit
  const bytes = given.pack ? await withStickerPack(picture, { ...given.pack, id: given.messageId }) : picture
  const mimetype = mustBecomeWebp ? 'image/webp' : given.mimetype
  const file = new File([bytes], given.filename, { type: mimetype })
  const info = { mimetype, file: Object.assign(file, sound && { waveform: new Uint8Array(sound.waveform) }) }
  const prepared = isSticker
    ? await library.processStickerData(info)
    : await library.processMediaData(info, {
        forceGif: as === 'gif',
        forceVoice: as === 'voice',
        forceDocument: as === 'document',
        forceMediaHd: as === 'hd',
        sendToStatus: given.isForStatus,
      })
  // As the library puts a file into its message.
  const fields = { ...prepared, ...prepared.toJSON?.() }
  if (sound) fields.duration ??= Math.max(1, Math.round(sound.seconds))
  preparedMedia.set(given.messageId, { body: isSticker ? undefined : prepared.preview, fields })
  return true
}
