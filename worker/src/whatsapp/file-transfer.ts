import { type FileStore, MediaRefused } from '@wsg/shared/media/file-store.ts'
import { storedMediaSchema } from '@wsg/shared/messages/media.ts'
import { placeOf } from '@wsg/shared/messages/recipient.ts'
import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import pLimit from 'p-limit'
import { Downloads } from './browser/downloads.ts'
import type { UnixUser } from './browser/isolation.ts'
import { NotHandedOver, OperationRefused, PageUnresponsive } from './client-errors.ts'
import { mustHave } from './must-have.ts'
import type { OpenedPage } from './opened-page.ts'
import type { OutgoingMessage } from './whatsapp-client.ts'

/** What a slow line carries. */
const UPLOAD_BYTES_PER_S = 500_000
/** The page holds a file as a whole, up to three times: two larger ones at once could be too much for its worker. */
const LARGE_BYTES = 8_000_000

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

interface FileTransferParts extends FileTransferSettings {
  /** An upload's limit besides what its size takes. */
  uploadMs: number
  /** Calls the page once it is usable. */
  call<T>(name: string, work: (opened: OpenedPage) => Promise<T>, leftMs: () => number): Promise<T>
  /** Who the browser runs as; null for ours. */
  user(): UnixUser | null
}

/** Brings files from the store into the page, and out of it into the store, without their bytes passing through Node. */
export class FileTransfer {
  readonly #parts: FileTransferParts
  readonly #oneAtATime = pLimit(1)
  #downloads: Promise<Downloads> | undefined
  #underWay = 0

  constructor(parts: FileTransferParts) {
    this.#parts = parts
  }

  get isBusy(): boolean {
    return this.#underWay > 0
  }

  /** @throws NotHandedOver, PageUnresponsive, and whatever the page threw */
  async prepare({ messageId, chatId, media }: Pick<OutgoingMessage, 'messageId' | 'chatId' | 'media'>) {
    if (media === undefined) return
    const { store, uploadMs, call } = this.#parts
    const { upload, ...given } = media
    const file = await store.stat(upload)
    if (file === null) throw new NotHandedOver('media_not_found', 'Its file is not kept any more.')
    const limitMs = uploadMs + (file.size / UPLOAD_BYTES_PER_S) * 1_000
    const path = await store.localPath(upload)
    const work = async ({ kit }: OpenedPage) => {
      await mustHave(kit, media.as === 'sticker' ? 'sending stickers' : 'sending files', NotHandedOver)
      const isForStatus = placeOf(chatId) === 'status'
      const isRead = await kit.prepareMedia(path, { ...given, messageId, isForStatus })
      if (!isRead) throw new PageUnresponsive('Chromium could not read a file')
    }
    await this.#moving(file.size, () => call('upload', work, () => limitMs))
  }

  /** @param deadline epoch ms. @throws OperationRefused, and whatever the page, the browser or the store threw */
  async fetch(messageId: string, deadline: number): Promise<OperationOutput<'message.media'>> {
    const leftMs = () => Math.max(1, deadline - Date.now())
    const work = (opened: OpenedPage) => this.#fetch(opened, messageId, deadline)
    // How large it is, the page knows.
    return await this.#moving(Number.POSITIVE_INFINITY, () => this.#parts.call('download', work, leftMs))
  }

  async #fetch({ kit, page }: OpenedPage, messageId: string, deadline: number) {
    const { store, downloadsPath, maxFileBytes: maxBytes, fileRetentionMs, user } = this.#parts
    await mustHave(kit, 'fetching files', OperationRefused)
    const found = await kit.fetchMedia({ messageId, maxBytes, deadline })
    if ('refused' in found) throw new OperationRefused(found.refused, found.detail)
    const { url, filename } = found
    try {
      this.#downloads ??= Downloads.into(downloadsPath, page.browser(), user())
      const downloads = await this.#downloads
      const untilMs = Date.now() + fileRetentionMs
      const file = await downloads.take(
        url,
        () => kit.saveFile(url),
        (pieces) => store.put(pieces, { maxBytes, untilMs }).catch(refuse),
      )
      const isType = storedMediaSchema.shape.mimetype.safeParse(found.mimetype).success
      return {
        upload: file.id,
        mimetype: isType ? found.mimetype : file.mimetype,
        ...(filename !== undefined && { filename }),
      }
    } finally {
      await kit.letGoOfFile(url).catch(() => {})
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

/** @throws OperationRefused where the store did not take the file, else what it threw */
function refuse(error: unknown): never {
  if (!(error instanceof MediaRefused)) throw error
  throw new OperationRefused(error.reason === 'store_full' ? 'media_store_full' : 'payload_too_large')
}
