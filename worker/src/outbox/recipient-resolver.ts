import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import { parseRecipient } from '@wsg/shared/messages/recipient.ts'
import type { QueuedMessage } from '@wsg/shared/redis/message/read-queue.ts'
import pLimit from 'p-limit'
import type { Gate } from '../gate.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { ChatLanes } from './chat-lanes.ts'

/** More of them at a time look like a check of many numbers to WhatsApp. */
const LOOK_UPS_AT_A_TIME = 8
/** A look-up sends nothing, so that it may be repeated. */
const TRIES = 3
const RETRY_AFTER_MS = 500
const USER = '@c.us'

/** Why a message is not sent. */
export interface Refusal {
  refused: ErrorCode
}

export interface RecipientResolverParts {
  client: WhatsAppClient
  /** Digits of the account that is logged in. */
  account: string
  lanes: ChatLanes
  /** Nothing is looked up while it is shut. */
  connected: Gate
  logger: Logger
}

/** Finds out which chats messages go to. */
export class RecipientResolver {
  readonly #parts: RecipientResolverParts
  readonly #limit = pLimit(LOOK_UPS_AT_A_TIME)
  /** The spellings of a chat that its name does not tell: WhatsApp settles the extra digits of some countries. */
  readonly #oddSpellings = new Map<string, Set<string>>()

  constructor(parts: RecipientResolverParts) {
    this.#parts = parts
  }

  /**
   * Finds the chat that a message goes to, or why it goes nowhere.
   * @throws what the client threw at the last try: it does not answer any more
   */
  async resolve(
    message: Pick<QueuedMessage, 'to' | 'recipient' | 'account'>,
  ): Promise<ResolvedChat | Refusal> {
    if (message.account !== null && message.account !== this.#parts.account)
      return { refused: 'account_changed' }
    const recipient = parseRecipient(message.to)
    if (recipient.kind === 'unreadable') return { refused: 'invalid_request' }
    const chat =
      recipient.kind === 'chat'
        ? { chatId: recipient.chatId }
        : await this.#limit(() => this.#lookUp(recipient.digits))
    if (chat === null) return { refused: 'recipient_not_on_whatsapp' }
    this.#learn(message.recipient, chat)
    return chat
  }

  /** Every spelling that is known to lead to a chat. Of one that was never looked up nobody can know. */
  recipientsOf({ chatId }: ResolvedChat): string[] {
    const names = this.#parts.lanes.namesOf(chatId)
    const plain = names.map((name) => (name.endsWith(USER) ? name.slice(0, -USER.length) : name))
    return [...new Set([...plain, ...names.flatMap((name) => [...(this.#oddSpellings.get(name) ?? [])])])]
  }

  async #lookUp(digits: string): Promise<ResolvedChat | null> {
    const { client, connected, logger } = this.#parts
    for (let tries = 1; ; tries++) {
      await connected.opened()
      try {
        return await client.resolveNumber(digits)
      } catch (err) {
        if (tries === TRIES) throw err
        logger.warn({ err, tries }, 'a number could not be looked up; trying again')
        await pause(RETRY_AFTER_MS)
      }
    }
  }

  #learn(recipient: string, { chatId, lid }: ResolvedChat): void {
    if (lid !== undefined) this.#parts.lanes.join(chatId, lid)
    if (recipient === chatId || `${recipient}${USER}` === chatId || recipient === lid) return
    const known = this.#oddSpellings.get(chatId) ?? new Set()
    this.#oddSpellings.set(chatId, known.add(recipient))
  }
}
