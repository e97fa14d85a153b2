import type { MediaStore } from '@wsg/shared/media/media-store.ts'
import { storedMediaSchema } from '@wsg/shared/messages/media.ts'
import { placeOf } from '@wsg/shared/messages/recipient.ts'
import type { OperationOutput } from '@wsg/shared/operations/operations.ts'
import pLimit from 'p-limit'
import type { Browser } from 'puppeteer'
import { Downloads } from './browser/downloads.ts'
import type { UnixUser } from './browser/isolation.ts'
import { NotHandedOver, OperationRefused, PageUnresponsive } from './client-errors.ts'
import { mustHave } from './must-have.ts'
import type { PageKit } from './page/page-kit.ts'
import type { OutgoingMessage } from './whatsapp-client.ts'

/** What a slow line carries. */
const UPLOAD_BYTES_PER_S = 500_000

export interface FileTransferSettings {
  /** The files of messages. */
  store: Pick<MediaStore, 'stat' | 'pathOf' | 'put'>
  /** Where Chromium saves what it fetches. */
  downloadsPath: string
  /** The largest file that is fetched. */
  maxFileBytes: number
  /** How long a file that was fetched is kept. */
  fileRetentionMs: number
}

/** What a transfer needs of the open page. */
interface TransferPage {
  kit: PageKit
  browser: Browser
  /** Who the browser runs as; null for ours. */
  user: UnixUser | null
}

/** Brings files from the store into the page, and out of it into the store, without their bytes passing through Node. */
export class FileTransfer {
  readonly #settings: FileTransferSettings
  /** A page holds a file as a whole while it fetches it. */
  readonly #oneAtATime = pLimit(1)
  #downloads: Promise<Downloads> | undefined

  constructor(settings: FileTransferSettings) {
    this.#settings = settings
  }

  /** How long an upload may take, in ms. @throws NotHandedOver where the file is not kept any more */
  async uploadMs(upload: string, besidesMs: number): Promise<number> {
    const file = await this.#settings.store.stat(upload)
    if (file === null) throw new NotHandedOver('media_not_found', 'Its file is not kept any more.')
    return besidesMs + (file.size / UPLOAD_BYTES_PER_S) * 1_000
  }

  /** @throws NotHandedOver, PageUnresponsive, and whatever the page threw */
  async prepare(
    kit: PageKit,
    { messageId, chatId, media }: Required<Pick<OutgoingMessage, 'messageId' | 'chatId' | 'media'>>,
  ): Promise<void> {
    const { upload, ...given } = media
    await mustHave(kit, media.as === 'sticker' ? 'sending stickers' : 'sending files', NotHandedOver)
    const isForStatus = placeOf(chatId) === 'status'
    const path = this.#settings.store.pathOf(upload)
    const isRead = await kit.prepareMedia(path, { ...given, messageId, isForStatus })
    if (!isRead) throw new PageUnresponsive('Chromium could not read a file')
  }

  /** @param deadline epoch ms. @throws OperationRefused, and whatever the page, the browser or the store threw */
  async fetch(
    page: TransferPage,
    messageId: string,
    deadline: number,
  ): Promise<OperationOutput<'message.media'>> {
    await mustHave(page.kit, 'fetching files', OperationRefused)
    return await this.#oneAtATime(() => this.#fetch(page, messageId, deadline))
  }

  async #fetch({ kit, browser, user }: TransferPage, messageId: string, deadline: number) {
    const { store, downloadsPath, maxFileBytes: maxBytes, fileRetentionMs } = this.#settings
    const found = await kit.fetchMedia({ messageId, maxBytes, deadline })
    if ('refused' in found) throw new OperationRefused(found.refused, found.detail)
    const { url, filename } = found
    try {
      this.#downloads ??= Downloads.into(downloadsPath, browser, user)
      const downloads = await this.#downloads
      const untilMs = Date.now() + fileRetentionMs
      const file = await downloads.take(
        url,
        () => kit.saveFile(url),
        (pieces) => store.put(pieces, { maxBytes, untilMs }),
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
}
