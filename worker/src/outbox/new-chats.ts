import type { Logger } from '@wsg/shared/logger.ts'
import {
  type NewChatRestriction,
  NO_RESTRICTION,
  pauseEnd,
  type RestrictionFields,
  restrictionOf,
  restrictionPauseMs,
} from '@wsg/shared/sessions/restriction.ts'
import type { Happening } from '@wsg/shared/sessions/session-history.ts'
import type { WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { QueueSettings } from './queue-settings.ts'

export interface NewChatsOptions {
  client: Pick<WhatsAppClient, 'isNewChat'>
  settings: Pick<QueueSettings, 'nowMs' | 'restriction' | 'resumedAt'>
  /** Publishes what there is to say about the session. */
  report(fields: Partial<RestrictionFields>, happened?: Happening): void
  logger: Logger
}

/**
 * Holds back messages to new chats while WhatsApp does not let the account begin any: the first that is refused for that
 * begins a pause, so that the queue is not spent on further refusals. After the pause, or at once after
 * `POST /queue/resume`, one message is tried. If it is acked the restriction is over; if it is refused the next pause is
 * twice as long. Messages to chats that are not new go meanwhile.
 */
export class NewChats {
  readonly #options: NewChatsOptions
  #restriction: NewChatRestriction | null = null
  #isLoaded = false
  /** The message that is tried. */
  #tried: string | null = null
  /** Chats that were found not to be new. */
  readonly #known = new Set<string>()
  #waiting: { messageId: string; go: () => void }[] = []
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: NewChatsOptions) {
    this.#options = options
  }

  /** How many messages are held back. */
  get held(): number {
    return this.#waiting.length
  }

  /** Resolves when a message may go to a chat, as far as this is concerned. */
  async cleared(messageId: string, chatId: string): Promise<void> {
    while (this.holds(messageId, chatId) && !this.#isClosed) {
      if (isPerson(chatId) && (await this.#isNew(chatId)))
        await new Promise<void>((resolve) => {
          this.#waiting.push({ messageId, go: resolve })
          this.tryNext()
        })
      else this.#known.add(chatId)
    }
  }

  /** Whether a message is held back that was cleared before, or never. */
  holds(messageId: string, chatId: string): boolean {
    this.#load()
    return this.#restriction !== null && this.#tried !== messageId && !this.#known.has(chatId)
  }

  /** WhatsApp's server refused a message with this number. */
  refused(messageId: string, refusal: number): void {
    const kind = restrictionOf(refusal)
    if (kind === null) return
    const { settings, report, logger } = this.#options
    this.#load()
    const before = this.#restriction
    // What was on its way when the first was refused is refused for the same reason.
    const isMetAgain = this.#tried === messageId
    if (before !== null && !isMetAgain) return
    const met = isMetAgain ? (before?.met ?? 0) + 1 : 0
    const now = settings.nowMs
    this.#tried = null
    this.#restriction = { kind, since: before?.since ?? now, until: now + restrictionPauseMs(met), met }
    logger.warn({ kind, met }, 'WhatsApp lets this account begin no new chats; messages to new ones wait')
    const { since, until } = this.#restriction
    report(
      {
        restriction: kind,
        restrictedSince: String(since),
        restrictedUntil: String(until),
        restrictionMet: String(met),
      },
      { event: 'restricted', detail: kind },
    )
    this.tryNext()
  }

  /** WhatsApp's server took a message. */
  acked(messageId: string): void {
    if (messageId !== this.#tried) return
    const kind = this.#restriction?.kind
    this.#restriction = null
    this.#tried = null
    this.#options.report(NO_RESTRICTION, { event: 'restriction_ended', ...(kind && { detail: kind }) })
    this.#release(this.#waiting.length)
  }

  /** A message is over, whatever became of it: where it told nothing, the next one is tried. */
  done(messageId: string): void {
    if (messageId !== this.#tried) return
    this.#tried = null
    this.tryNext()
  }

  /** Lets the next message be tried where one may be. To be called when the settings were read. */
  tryNext(): void {
    this.#load()
    clearTimeout(this.#timer)
    const { settings } = this.#options
    // What came to wait while it ended.
    if (this.#restriction === null) this.#release(this.#waiting.length)
    if (this.#tried !== null || this.#waiting.length === 0) return
    const until = this.#restriction === null ? 0 : pauseEnd(this.#restriction, settings.resumedAt)
    const leftMs = until - settings.nowMs
    if (leftMs > 0) {
      this.#timer = setTimeout(() => this.tryNext(), leftMs)
      return
    }
    this.#tried = this.#waiting[0]?.messageId ?? null
    this.#release(1)
  }

  /** Nothing is held back any more: nothing is sent either. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#release(this.#waiting.length)
  }

  #release(count: number): void {
    for (const { go } of this.#waiting.splice(0, count)) go()
  }

  /** What an earlier owner met. */
  #load(): void {
    const { restriction } = this.#options.settings
    if (this.#isLoaded || restriction === undefined) return
    this.#isLoaded = true
    this.#restriction = restriction
  }

  async #isNew(chatId: string): Promise<boolean> {
    // A page that does not say is asked again when the message is tried.
    return await this.#options.client.isNewChat(chatId).catch(() => true)
  }
}

/** Groups and channels are joined, not written to out of the blue. */
function isPerson(chatId: string): boolean {
  return chatId.endsWith('@c.us') || chatId.endsWith('@lid')
}
