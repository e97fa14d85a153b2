import { MediaRefused, type StoredFile } from '@wsg/shared/media/file-store.ts'
import { OCTET_STREAM } from '@wsg/shared/media/folder-store.ts'
import { safeFileName } from '@wsg/shared/media/safe-file-name.ts'
import {
  type ConvertedKind,
  judgeFile,
  type MessageContent,
} from '@wsg/shared/messages/kinds/message-kinds.ts'
import { type Media, type StoredMedia, storedMediaSchema } from '@wsg/shared/messages/media.ts'
import type { SendRequest, StoredRequest } from '@wsg/shared/messages/send-request.ts'
import type { StoredProxy } from '@wsg/shared/net/proxy-address.ts'
import { EXPIRES_AFTER_MS } from '@wsg/shared/redis/message/accept-message.ts'
import pLimit from 'p-limit'
import type { GuardedFetch } from '../http/guarded-fetch.ts'
import { invalidRequest, Problem } from '../http/problem.ts'
import type { Converter } from './converter.ts'
import { fetchFile } from './fetch-file.ts'
import type { SessionFiles } from './session-files.ts'

/** A message that was begun before it expired may still be reading its file. */
const KEPT_BEYOND_MS = 3_600_000

const PICTURES = ['image/jpeg', 'image/png', 'image/webp']
/** Of what files are converted into. */
const endings: Readonly<Record<ConvertedKind, string>> = { image: 'jpg', video: 'mp4', voice: 'ogg' }

/** Of one gateway; each may be as large as a file may be. */
const FETCHES_AT_ONCE = 8
/** What a form has around its file. */
const FORM_BYTES = 1_000_000

interface MediaIntakeParts {
  files: SessionFiles
  fetch: GuardedFetch
  proxyOf: (sessionId: string) => Promise<StoredProxy | null>
  /** Null where there is none. */
  converter: Converter | null
  /** How long a file is kept after it was stored, at least. */
  retentionMs: number
  maxBytes: number
}

/** Takes files into the store, and makes messages ready that have one. */
export class MediaIntake {
  readonly #parts: MediaIntakeParts
  readonly #fetches = pLimit(FETCHES_AT_ONCE)

  constructor(parts: MediaIntakeParts) {
    this.#parts = parts
  }

  /** @throws Problem payload_too_large before anything is read, where the caller says that so much will come */
  assertFits(contentLength: string | undefined): void {
    if (Number(contentLength) > this.#parts.maxBytes + FORM_BYTES) throw this.#tooLarge()
  }

  /**
   * Stores a file as it comes, for messages of a scope: a session, or `ALL_SESSIONS`.
   * @throws Problem where it is empty or too large or the store is full, and whatever reading threw
   */
  async take(scope: string, pieces: AsyncIterable<Uint8Array>): Promise<StoredFile> {
    try {
      const { files, maxBytes, retentionMs } = this.#parts
      return await files.put(scope, pieces, { maxBytes, untilMs: Date.now() + retentionMs })
    } catch (error) {
      if (!(error instanceof MediaRefused)) throw error
      if (error.reason === 'store_full') throw new Problem('media_store_full')
      throw error.reason === 'empty' ? invalidRequest('the file is empty') : this.#tooLarge()
    }
  }

  /**
   * Makes a message ready to be accepted: its file is in the store and kept as long as the message may wait, and of a type
   * that WhatsApp takes for this kind, or was converted into one.
   * @throws Problem
   */
  async settle(sessionId: string, request: SendRequest): Promise<StoredRequest> {
    const { files, converter } = this.#parts
    const { message } = request
    if (!('media' in message)) return { ...request, message }
    const { media } = message
    const { file, declared } = await this.#fileOf(sessionId, media)
    if (file === null) throw new Problem('media_not_found')
    // What is said of a file counts only where its bytes tell nothing and it may be of any type.
    const mayBeAny = judgeFile(message.type, OCTET_STREAM).verdict === 'fits'
    const isUntold = file.mimetype === OCTET_STREAM && mayBeAny
    const mimetype = isUntold ? (media.mimetype ?? declared) : file.mimetype
    const { verdict, as, accepted } = judgeFile(message.type, mimetype)
    if (verdict === 'refused' || (as !== null && converter === null))
      throw wrongType(message.type, mimetype, accepted, as !== null)
    const untilMs = keptUntil(request)
    const kept = await files.keep(sessionId, file.id, untilMs)
    if (kept === null) throw new Problem('media_not_found')
    const stored = { ...message, media: { upload: file.id, mimetype } }
    const isNamed = stored.type === 'document' || ('filename' in stored && stored.filename !== undefined)
    const given = isNamed ? (stored.filename ?? nameOf(media)) : ''
    const filename = as === null ? safeFileName(given, file.extension) : renamed(given, as)
    const ready = { ...request, message: { ...stored, ...(isNamed && { filename }) } as MessageContent }
    if (as === null || converter === null) return ready
    const converted = await converter.convert({ sessionId, file, mimetype, as, untilMs })
    return { ...ready, converted }
  }

  /**
   * Takes the file of an operation: a picture, which is kept until it was carried out.
   * @throws Problem
   */
  async settlePicture(sessionId: string, media: Media): Promise<StoredMedia> {
    const { file } = await this.#fileOf(sessionId, media)
    if (file === null) throw new Problem('media_not_found')
    const { id: upload, mimetype } = file
    if (!PICTURES.includes(mimetype)) {
      const sentence = `The file is ${mimetype}, and a picture must be ${PICTURES.join(', ')}.`
      throw new Problem('unsupported_media_type', { sentence })
    }
    if ((await this.#parts.files.keep(sessionId, upload, Date.now() + KEPT_BEYOND_MS)) === null)
      throw new Problem('media_not_found')
    return { upload, mimetype }
  }

  /** The file that a request names, and what is said of its type beside its bytes. */
  async #fileOf(sessionId: string, media: Media): Promise<{ file: StoredFile | null; declared: string }> {
    if ('upload' in media)
      return { file: await this.#parts.files.find(sessionId, media.upload), declared: OCTET_STREAM }
    if ('data' in media)
      return { file: await this.take(sessionId, decode(media.data)), declared: typeOfDataUrl(media.data) }
    return await this.#fetches(async () => {
      const asked = { url: media.url, proxy: await this.#parts.proxyOf(sessionId) }
      const { pieces, mimetype } = await fetchFile(this.#parts.fetch, asked, (length) =>
        this.assertFits(length),
      )
      const isType = storedMediaSchema.shape.mimetype.safeParse(mimetype).success
      return { file: await this.take(sessionId, pieces), declared: isType ? mimetype : OCTET_STREAM }
    })
  }

  #tooLarge(): Problem {
    const sentence = `The file is larger than ${this.#parts.maxBytes / 1_000_000} MB, the most that is taken here.`
    return new Problem('payload_too_large', { sentence })
  }
}

/** When its message is sent at the latest (epoch ms). */
function keptUntil({ sendAt, expiresAt }: SendRequest): number {
  const dueAt = Math.max(Date.now(), sendAt === undefined ? 0 : Date.parse(sendAt))
  return KEPT_BEYOND_MS + (expiresAt === undefined ? dueAt + EXPIRES_AFTER_MS : Date.parse(expiresAt))
}

function typeOfDataUrl(data: string): string {
  return /^data:([\w.+-]+\/[\w.+-]+)[;,]/.exec(data)?.[1] ?? OCTET_STREAM
}

/** A name that says what the file became. */
function renamed(filename: string, as: ConvertedKind): string {
  return safeFileName(filename.replace(/\.[^./\\ ]{1,16}$/, ''), endings[as])
}

function nameOf(media: Media): string {
  if (!('url' in media)) return ''
  const last = new URL(media.url).pathname.split('/').at(-1) as string
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** @throws Problem where it is no base64 */
async function* decode(data: string): AsyncGenerator<Buffer, void, undefined> {
  const text = data.replace(/^data:[^,]*;base64,/, '').replace(/\s+/g, '')
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) throw invalidRequest('media.data: must be base64')
  // Node reads the URL-safe letters as well.
  yield Buffer.from(text, 'base64')
}

/** @param isConvertible whether a converter would make it fit */
function wrongType(
  type: string,
  mimetype: string,
  accepted: readonly string[],
  isConvertible = false,
): Problem {
  const remedy = `Convert it, or send it as ${type === 'voice' ? 'audio' : 'a document'}`
  const hint = isConvertible ? '; where its operator sets up a converter, this service does that itself' : ''
  return new Problem('unsupported_media_type', {
    sentence: `The file is ${mimetype}, and type ${type} takes only ${accepted.join(', ')}. ${remedy}${hint}.`,
  })
}
