import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Msg, PageGlobals, PageModules } from './page-globals.ts'

/** A file that the page holds until it is let go of, or refuses. */
export type PageFile =
  | { size: number; mimetype: string; filename?: string }
  | { refused: ErrorCode; detail?: string }

/** What a message with a file says of it. */
interface MediaMsg extends Msg {
  directPath?: string
  encFilehash?: string
  filehash?: string
  mediaKey?: string
  mediaKeyTimestamp?: number
  mimetype?: string
  filename?: string
  size?: number
  mediaData?: { mediaStage?: string }
  /** Has the page fetch the file for itself, and ask the phone for it where the server has it no more. */
  downloadMedia(how: { downloadEvenIfExpensive: true; rmrReason: 1 }): Promise<unknown>
}

export interface FilePiece {
  messageId: string
  /** Where it begins. */
  from: number
  bytes: number
}

interface MediaModules extends PageModules {
  WAWebDownloadManager: {
    downloadManager: { downloadAndMaybeDecrypt(wanted: object): Promise<ArrayBuffer> }
  }
}

/**
 * Runs in the page: downloads the file of a message from WhatsApp and holds it, so that Chromium saves it to disk piece by
 * piece. WhatsApp has so long (ms) for it.
 */
export async function fetchMedia(given: {
  messageId: string
  maxBytes: number
  limitMs: number
}): Promise<PageFile> {
  const page = window as unknown as PageGlobals<MediaModules>
  const message = (await page.sessionGatewayKit.findAnyMessage(given.messageId)) as MediaMsg | undefined
  if (!message) return { refused: 'message_not_found' }
  const types = ['image', 'video', 'audio', 'ptt', 'ptv', 'document', 'sticker']
  if (!types.includes(message.type ?? '')) return { refused: 'message_without_media' }
  // As for a file that may be seen once, on a phone.
  if (!message.directPath) return { refused: 'media_gone', detail: 'WhatsApp Web was not given this file.' }
  if ((message.size ?? 0) > given.maxBytes) return { refused: 'payload_too_large' }
  const mimetype = message.mimetype ?? 'application/octet-stream'
  const signal = AbortSignal.timeout(given.limitMs)

  const download = async (): Promise<ArrayBuffer> => {
    // The page measures its downloads with it.
    const downloadQpl = { addPoint: () => downloadQpl, addAnnotations: () => downloadQpl }
    const { directPath, encFilehash, filehash, mediaKey, mediaKeyTimestamp, type } = message
    return await page.require('WAWebDownloadManager').downloadManager.downloadAndMaybeDecrypt({
      ...{ directPath, encFilehash, filehash, mediaKey, mediaKeyTimestamp, type },
      // Without it the page takes the file for an unknown one, and refuses that for some accounts.
      ...{ mimetype, downloadQpl, signal },
    })
  }
  const isMissing = (error: unknown) => [404, 410].includes((error as { status?: number }).status ?? 0)

  try {
    let bytes: ArrayBuffer
    try {
      bytes = await download()
    } catch (error) {
      if (!isMissing(error)) throw error
      await message.downloadMedia({ downloadEvenIfExpensive: true, rmrReason: 1 })
      if (message.mediaData?.mediaStage !== 'RESOLVED') return { refused: 'media_gone' }
      bytes = await download()
    }
    page.sessionGatewayKit.fetchedFiles.set(given.messageId, bytes)
    return { size: bytes.byteLength, mimetype, ...(message.filename && { filename: message.filename }) }
  } catch (error) {
    if (isMissing(error)) return { refused: 'media_gone' }
    const { name, message: text } = error as Error
    const detail = `WhatsApp Web threw ${name}: ${text}`
    return { refused: name === 'InvalidMediaFileType' ? 'not_supported' : 'worker_failed', detail }
  }
}

/**
 * Runs in the page: a piece of a file that is held, under a URL. Chromium copies what it saves more than once, so that a file as
 * a whole would be there four times.
 */
export function pieceOfFile({ messageId, from, bytes }: FilePiece): string {
  const held = (window as unknown as PageGlobals).sessionGatewayKit.fetchedFiles.get(messageId)
  if (!held) throw new Error('the page does not hold this file any more')
  return URL.createObjectURL(new Blob([new Uint8Array(held, from, Math.min(bytes, held.byteLength - from))]))
}

/** Runs in the page: has Chromium save what is held under a URL of the page. */
export function saveFile(url: string): void {
  Object.assign(document.createElement('a'), { href: url, download: '' }).click()
}
