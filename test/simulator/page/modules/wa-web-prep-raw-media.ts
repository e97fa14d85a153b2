import { passFaults } from '../faults.ts'
import { filehashOf } from '../filehash.ts'
import { type MediaAttributes, MediaData, type MediaKind } from '../media-data.ts'
import type { WAWebMediaOpaqueData } from './wa-web-media-opaque-data.ts'

interface HowToSend {
  asSticker?: boolean | undefined
  asGif?: boolean | undefined
  isPtt?: boolean | undefined
  asDocument?: boolean | undefined
}

/** Pixels of a preview's longer side. */
const PREVIEW_DIMENSION = 72

export const WAWebPrepRawMedia = {
  /** Finds out what some bytes are and makes them fit to be sent. `waitForPrep` rejects for an image that is none. */
  prepRawMedia(data: WAWebMediaOpaqueData, how: HowToSend): { waitForPrep(): Promise<MediaData> } {
    const prepared = prepare(data.formData(), data, how)
    prepared.catch(() => {})
    return { waitForPrep: () => prepared }
  },
}

async function prepare(file: Blob, mediaBlob: WAWebMediaOpaqueData, how: HowToSend): Promise<MediaData> {
  await passFaults()
  const type = kindOf(file.type, how)
  const attributes: MediaAttributes = {
    type,
    mimetype: file.type,
    filehash: await filehashOf(file),
    size: file.size,
    mediaStage: 'RESOLVED',
    mediaBlob,
  }
  if (type === 'image') Object.assign(attributes, await imageFacts(file))
  if (type === 'video') attributes.isGif = how.asGif === true
  if (type === 'document' && file instanceof File) attributes.filename = file.name
  return new MediaData(attributes)
}

function kindOf(mimetype: string, { asSticker, asDocument, isPtt }: HowToSend): MediaKind {
  if (asDocument) return 'document'
  if (asSticker) return 'sticker'
  const [kind] = mimetype.split('/')
  if (kind === 'audio') return isPtt ? 'ptt' : 'audio'
  return kind === 'image' || kind === 'video' ? kind : 'document'
}

async function imageFacts(file: Blob): Promise<Pick<MediaAttributes, 'width' | 'height' | 'preview'>> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error('MediaFileFailedToLoad')
  })
  const { width, height } = bitmap
  const scale = Math.min(1, PREVIEW_DIMENSION / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  canvas.getContext('2d')?.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  bitmap.close()
  return { width, height, preview: canvas.toDataURL('image/jpeg', 0.5).split(',')[1] ?? '' }
}
