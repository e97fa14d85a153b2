import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { type composing, isOpen } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { placeOf } from '@wsg/shared/messages/recipient.ts'
import pLimit, { type LimitFunction } from 'p-limit'
import type { HeavyMessage } from '../session/ending.ts'
import { NotHandedOver } from '../whatsapp/client-errors.ts'
import type { ChatState, ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { Deliverable } from './delivery.ts'
import type { MessageLog } from './message-log.ts'
import type { QueueSettings } from './queue-settings.ts'
import type { Refusal } from './recipient-resolver.ts'

/** How a message is made ready, as the recipient sees it. */
export type Composed = ReturnType<typeof composing>

/** How often one file may take its worker over the memory limit. */
const MAX_MEMORY_FAULTS = 3

interface PreparationOptions {
  client: Pick<WhatsAppClient, 'fetchLinkPreview' | 'prepareMedia' | 'discardMedia' | 'showState'>
  messages: Pick<MessageLog, 'noteSentBytes'>
  settings: QueueSettings
  heavy: HeavyMessage | null
  /** Files then come one at a time, so that it is certain which of them is too heavy. */
  afterMemoryFault: boolean
  logger: Logger
}

/** Makes a message ready that may go: shows that it is typed, has its link preview fetched and its file uploaded. */
export class Preparation {
  readonly #options: PreparationOptions
  readonly #uploads: LimitFunction
  /** Messages whose files are not in the page yet, in the order in which they were begun. */
  readonly #uploading = new Set<string>()

  constructor(options: PreparationOptions) {
    this.#options = options
    this.#uploads = pLimit(options.afterMemoryFault ? 1 : Number.POSITIVE_INFINITY)
  }

  /** Null for none. */
  get uploading(): string | null {
    const [first = null] = this.#uploading
    return first
  }

  /**
   * Everything that takes time is done before the intent is written: the message is typed, its link preview fetched, its file
   * uploaded.
   * @returns why it is not sent; `unready` where its file may be uploaded later
   */
  async prepare(
    { id, given }: Deliverable,
    composed: Composed,
    chat: ResolvedChat,
  ): Promise<'ready' | 'unready' | Refusal> {
    const { client, logger } = this.#options
    const message = { ...given, messageId: id, chatId: chat.chatId }
    // Where nobody in particular is addressed nobody sees the indicator, and WhatsApp Web adds no preview.
    const isAddressed = !isOpen(placeOf(chat.chatId))
    const typed = isAddressed && this.#compose(chat, composed)
    try {
      await Promise.all([isAddressed && client.fetchLinkPreview(message), this.#upload(message)])
      await typed
      return 'ready'
    } catch (error) {
      if (error instanceof NotHandedOver) return { refused: error.code, detail: error.message }
      logger.warn({ err: error, messageId: id }, 'the file of a message could not be brought into the page')
      return 'unready'
    }
  }

  /** @throws NotHandedOver, and what the page threw */
  async #upload(message: Parameters<WhatsAppClient['prepareMedia']>[0]): Promise<void> {
    const { messageId, media } = message
    if (media === undefined) return
    const { client, messages, heavy } = this.#options
    if (heavy?.messageId === messageId && heavy.faults >= MAX_MEMORY_FAULTS)
      throw new NotHandedOver(
        'send_failed',
        `Its file took WhatsApp Web over the memory limit of its worker ${heavy.faults} times in a row.`,
      )
    await this.#uploads(async () => {
      this.#uploading.add(messageId)
      await client.prepareMedia(message, (sentBytes) => messages.noteSentBytes(messageId, sentBytes))
      this.#uploading.delete(messageId)
    })
  }

  /** Where it does not go after all; what is sent takes the indicator away by itself. */
  showPaused({ chatId }: ResolvedChat): void {
    if (this.#options.settings.pacer.pacing.typingMs > 0) this.#show(chatId, 'paused')
  }

  /** What became of its file in the page is of no more use, whether or not it was handed over. */
  discard({ id, given }: Deliverable): void {
    const { client, logger } = this.#options
    if (given.media === undefined) return
    this.#uploading.delete(id)
    client.discardMedia(id).catch((err) => logger.debug({ err }, 'a file was not taken out of the page'))
  }

  async #compose({ chatId }: ResolvedChat, { does, characters }: Composed): Promise<void> {
    const ms = this.#options.settings.pacer.typingMs(characters)
    if (ms <= 0) return
    this.#show(chatId, does)
    await pause(ms, undefined, { ref: false })
  }

  /** Nobody waits for the indicator, and nothing that goes wrong with it is an error. */
  #show(chatId: string, state: ChatState): void {
    const { client, logger } = this.#options
    client
      .showState(chatId, state)
      .catch((err) => logger.debug({ err }, 'the typing indicator was not shown'))
  }
}
