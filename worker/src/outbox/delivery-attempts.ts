import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from '@wsg/shared/logger.ts'
import { composing, type MessageContent } from '@wsg/shared/messages/kinds/message-kinds.ts'
import { toLibrary } from '../whatsapp/to-library/to-library.ts'
import type { ResolvedChat } from '../whatsapp/whatsapp-client.ts'
import type { Deliverable, Delivery } from './delivery.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { MessageLog } from './message-log.ts'
import type { NewChats } from './new-chats.ts'
import type { Composed, Preparation } from './preparation.ts'
import type { RecipientResolver, Refusal } from './recipient-resolver.ts'

/** How long a message that was not handed over rests before it is tried again; twice as long each time. */
const AGAIN_AFTER_MS = 200
const AGAIN_AT_LEAST_EVERY_MS = 10_000
/** The same for a message whose file could not be brought into the page. */
const MEDIA_AGAIN_AFTER_MS = 3_000
/** How often the page may not get a message ready in time. Where it was not reached, the message's own end is the limit. */
const MAX_LATE = 3

/** A message as its record has it. */
export interface Sendable extends Omit<Deliverable, 'given'> {
  /** Null where this version cannot read it. */
  content: MessageContent | null
}

export interface DeliveryAttemptsOptions {
  recipients: Pick<RecipientResolver, 'resolvePeople'>
  newChats: NewChats
  dispatcher: Dispatcher
  preparation: Preparation
  delivery: Delivery
  messages: Pick<MessageLog, 'move'>
  logger: Logger
}

/**
 * - `settled`: its record has its outcome, or it was not to be sent any more.
 * - `unready`: its file could not be brought into the page.
 * - `late`: the page had not got it ready by the deadline. `not_reached`: it was not given to the page.
 * - `held`: it may not go at the moment after all.
 * - `closed`: nothing is handed over any more; it stays as it is, for the next owner.
 */
type Attempt = 'settled' | 'unready' | 'late' | 'not_reached' | 'held' | 'closed'

/** Sends the message at the head of a lane: pacing, preparation and delivery, again and again until it has its outcome. */
export class DeliveryAttempts {
  readonly #options: DeliveryAttemptsOptions

  constructor(options: DeliveryAttemptsOptions) {
    this.#options = options
  }

  /**
   * @returns false where nothing is handed over any more, and it has no outcome
   * @throws OutcomeUnknown; FenceClosed
   */
  async send(message: Sendable, chat: ResolvedChat): Promise<boolean> {
    const { recipients, preparation } = this.#options
    const { content } = message
    if (content === null)
      return await this.refuse(message, { refused: 'send_failed', detail: 'Its record cannot be read.' })
    const given = await recipients.resolvePeople(toLibrary(content))
    if ('refused' in given) return await this.refuse(message, given)
    const deliverable = { ...message, given }
    try {
      return await this.#repeat(deliverable, composing(content), chat)
    } finally {
      preparation.discard(deliverable)
    }
  }

  /** Writes why it is not sent. What an earlier owner may have sent is not called failed. @returns true @throws FenceClosed */
  async refuse(message: { id: string; again?: boolean }, { refused, detail }: Refusal): Promise<true> {
    const { messages } = this.#options
    if (message.again) await messages.move(message.id, 'unknown', { reason: 'outcome_unknown' })
    else
      await messages.move(message.id, 'failed', { reason: refused, ...(detail !== undefined && { detail }) })
    return true
  }

  async #repeat(message: Deliverable, composed: Composed, chat: ResolvedChat): Promise<boolean> {
    let late = 0
    for (let tries = 1; ; tries++) {
      const outcome = await this.#attempt(message, composed, chat)
      if (outcome === 'settled' || outcome === 'closed') return outcome === 'settled'
      if (outcome === 'held') continue
      this.#options.logger.warn(
        { messageId: message.id, outcome, tries },
        'a message was not handed over; it waits again',
      )
      if (outcome !== 'not_reached' && ++late === MAX_LATE)
        return await this.refuse(message, {
          refused: 'send_failed',
          detail: 'WhatsApp Web did not get it ready in time.',
        })
      const firstMs = outcome === 'unready' ? MEDIA_AGAIN_AFTER_MS : AGAIN_AFTER_MS
      await pause(Math.min(firstMs * 2 ** (tries - 1), AGAIN_AT_LEAST_EVERY_MS), undefined, { ref: false })
    }
  }

  async #attempt(message: Deliverable, composed: Composed, chat: ResolvedChat): Promise<Attempt> {
    const { newChats, dispatcher, preparation, delivery } = this.#options
    await newChats.cleared(message.id, chat.chatId)
    const permit = await dispatcher.permit(chat.chatId)
    if (permit === null) return 'closed'
    const readiness = await preparation.prepare(message, composed, chat)
    const isHeld = dispatcher.isHeld || newChats.holds(message.id, chat.chatId)
    if (readiness === 'ready' && !isHeld) return await delivery.deliver(message, chat, permit)
    permit.end(false)
    if (readiness === 'unready') return 'unready'
    if (readiness === 'ready') {
      preparation.showPaused(chat)
      return 'held'
    }
    await this.refuse(message, readiness)
    return 'settled'
  }
}
