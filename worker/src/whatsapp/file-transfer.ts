import { type FileStore, MediaRefused, type StoredFile } from '@wsg/shared/media/file-store.ts'
import { storedMediaSchema } from '@wsg/shared/messages/media.ts'
import { placeOf } from '@wsg/shared/messages/recipient.ts'
import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import pLimit from 'p-limit'
import pTimeout from 'p-timeout'
import { Downloads } from './browser/downloads.ts'
import type { UnixUser } from './browser/isolation.ts'
import { NotHandedOver, OperationRefused, PageUnresponsive } from './client-errors.ts'
import { mustHave } from './must-have.ts'
import type { OpenedPage } from './opened-page.ts'
import type { PageKit } from './page/page-kit.ts'
import type { PageCalls } from './page-calls.ts'
import type { OutgoingMessage } from './whatsapp-client.ts'

/** What a slow line carries. */
const BYTES_PER_S = 500_000
/** The page holds a file as a whole, up to three times: two larger ones at once could be too much for its worker. */
const LARGE_BYTES = 8_000_000
/** What is saved at once of a file that comes out of the page. */
const PIECE_BYTES = 16_000_000
/** How long Chromium and the store may take for a file that the page has. */
const SAVED_WITHIN_MS = 60_000
/** How long a caller who did not wait long enough may ask again for a file that has come meanwhile. */
const REMEMBERED_MS = 600_000

type Fetched = OperationOutput<'message.media'>

/** How often it is asked how much of a large file is uploaded. */
const LOOKED_AT_EVERY_MS = 1_000

export interface FileTransferSettings {
  /** The files of messages. */
  store: Pick<FileStore, 'stat' | 'localPath' | 'put'>
  /** Where Chromium saves what it fetches. */
  downloadsPath: string
  /** The largest file that is fetched. */
  maxFileBytes: number
  /** How long a file that was fetched is kept. */
  fileRetentionMs: number
}

interface FileTransferOptions extends FileTransferSettings {
  /** The limit of an upload or download besides what its size takes. */
  uploadMs: number
  calls: PageCalls
  /** Who the browser runs as; null for ours. */
  user(): UnixUser | null
}

/** Brings files from the store into the page, and out of it into the store, without their bytes passing through Node. */
export class FileTransfer {
  readonly #options: FileTransferOptions
  readonly #oneAtATime = pLimit(1)
  /** By message id: those under way, and those that came when nobody waited for them any more. */
  readonly #fetched = new Map<string, Promise<Fetched>>()
  #downloads: Downloads | undefined
  #underWay = 0

  constructor(options: FileTransferOptions) {
    this.#options = options
  }

  get isBusy(): boolean {
    return this.#underWay > 0
  }

  /** @throws NotHandedOver, PageUnresponsive, and whatever the page threw */
  async prepare(
    { messageId, chatId, media }: Pick<OutgoingMessage, 'messageId' | 'chatId' | 'media'>,
    onSent: (sentBytes: number) => void = () => {},
  ) {
    if (media === undefined) return
    const { store, uploadMs, calls } = this.#options
    const { upload, ...given } = media
    const file = await store.stat(upload)
    if (file === null) throw new NotHandedOver('media_not_found', 'Its file is not kept any more.')
    const limitMs = uploadMs + (file.size / BYTES_PER_S) * 1_000
    const path = await store.localPath(upload)
    const work = async ({ kit }: OpenedPage) => {
      await mustHave(kit, media.as === 'sticker' ? 'sending stickers' : 'sending files', NotHandedOver)
      const isForStatus = placeOf(chatId) === 'status'
      const isRead = await followed({ ...file, kit, onSent }, () =>
        kit.prepareMedia(path, { ...given, messageId, isForStatus }),
      )
      if (!isRead) throw new PageUnresponsive('Chromium could not read a file')
      void clearAfter(file.size, kit)
    }
    await this.#moving(file.size, () => calls.callUsable('upload', work, () => limitMs))
  }

  /** Carries out an operation on a file of the store. @throws OperationRefused, and whatever the page threw */
  async perform<T>(
    upload: string,
    deadline: number,
    work: (opened: OpenedPage, path: string) => Promise<T>,
  ): Promise<T> {
    const { store, calls } = this.#options
    const file = await store.stat(upload)
    if (file === null) throw new OperationRefused('media_not_found')
    const path = await store.localPath(upload)
    const leftMs = () => Math.max(1, deadline - Date.now())
    return await this.#moving(file.size, () =>
      calls.callUsable('upload', (opened) => work(opened, path), leftMs),
    )
  }

  /**
   * A file that takes longer goes on coming, for whoever asks again.
   * @param deadline epoch ms
   * @throws OperationRefused, PageUnresponsive, and whatever the page, the browser or the store threw
   */
  async fetch(messageId: string, deadline: number): Promise<Fetched> {
    const fetched = this.#fetched.get(messageId) ?? this.#begin(messageId)
    const late = () => {
      throw new PageUnresponsive('download: the file did not come in time')
    }
    const file = await pTimeout(fetched, { milliseconds: Math.max(1, deadline - Date.now()), fallback: late })
    // From here on it is the caller's.
    this.#fetched.delete(messageId)
    return file
  }

  #begin(messageId: string): Promise<Fetched> {
    // How large it is, only the page knows.
    const limitMs = this.#options.uploadMs + (this.#options.maxFileBytes / BYTES_PER_S) * 1_000
    const work = (opened: OpenedPage) => this.#fetch(opened, messageId, limitMs)
    const call = () => this.#options.calls.callUsable('download', work, () => limitMs + SAVED_WITHIN_MS)
    const fetched = this.#moving(Number.POSITIVE_INFINITY, call)
    this.#fetched.set(messageId, fetched)
    const forget = () => this.#fetched.delete(messageId)
    fetched.then(() => setTimeout(forget, REMEMBERED_MS).unref(), forget)
    return fetched
  }

  async #fetch({ kit, page }: OpenedPage, messageId: string, limitMs: number): Promise<Fetched> {
    const { store, downloadsPath, maxFileBytes: maxBytes, fileRetentionMs, user } = this.#options
    await mustHave(kit, 'fetching files', OperationRefused)
    const found = await kit.call('fetchMedia', { messageId, maxBytes, limitMs })
    if ('refused' in found) throw new OperationRefused(found.refused, found.detail)
    const { size, filename } = found
    try {
      this.#downloads ??= await Downloads.into(downloadsPath, page.browser(), user())
      const pieces = piecesOf(kit, this.#downloads, { messageId, size })
      const untilMs = Date.now() + fileRetentionMs
      const file = await store.put(pieces, { maxBytes, untilMs }).catch(refuse)
      const isType = storedMediaSchema.shape.mimetype.safeParse(found.mimetype).success
      return {
        upload: file.id,
        mimetype: isType ? found.mimetype : file.mimetype,
        ...(filename !== undefined && { filename }),
      }
    } finally {
      await kit.letGoOfFile(messageId).catch(() => {})
      await clearAfter(size, kit)
    }
  }

  async #moving<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    const counted = async () => {
      this.#underWay += 1
      try {
        return await work()
      } finally {
        this.#underWay -= 1
      }
    }
    return await (bytes > LARGE_BYTES ? this.#oneAtATime(counted) : counted())
  }
}

/** Has the page let go of what a large file leaves in it, before the next one comes. */
async function clearAfter(bytes: number, kit: PageKit): Promise<void> {
  if (bytes > LARGE_BYTES) await kit.collectGarbage().catch(() => {})
}

/** A file that the page holds, as Chromium saves it. */
async function* piecesOf(
  kit: PageKit,
  downloads: Downloads,
  { messageId, size }: { messageId: string; size: number },
): AsyncGenerator<Buffer, void, undefined> {
  for (let from = 0; from < size; from += PIECE_BYTES) {
    // A piece that was saved is held by Chromium until the page has let go of it.
    if (from > 0) await kit.collectGarbage()
    const url = await kit.call('pieceOfFile', { messageId, from, bytes: PIECE_BYTES })
    try {
      yield* downloads.take(url, () => kit.call('saveFile', url))
    } finally {
      await kit.letGoOfPiece(url).catch(() => {})
    }
  }
}

/**
 * Tells how much of a large file the page has uploaded, until it is done. Where the page made another file of it, as it does of
 * some pictures, nothing is told before the end.
 */
async function followed(
  { id, size, kit, onSent }: StoredFile & { kit: OpenedPage['kit']; onSent(sentBytes: number): void },
  upload: () => Promise<boolean>,
): Promise<boolean> {
  if (size <= LARGE_BYTES) return await upload()
  const filehash = Buffer.from(id, 'hex').toString('base64')
  // What the page counts has been encrypted, which makes it a little larger.
  const look = () => kit.call('sentBytes', filehash).then((sent) => onSent(Math.min(sent, size)))
  const watch = setInterval(() => look().catch(() => {}), LOOKED_AT_EVERY_MS)
  let sentBytes = 0
  try {
    const isRead = await upload()
    sentBytes = size
    return isRead
  } finally {
    clearInterval(watch)
    onSent(sentBytes)
  }
}

/** @throws OperationRefused where the store did not take the file, else what it threw */
function refuse(error: unknown): never {
  if (!(error instanceof MediaRefused)) throw error
  throw new OperationRefused(error.reason === 'store_full' ? 'media_store_full' : 'payload_too_large')
}
