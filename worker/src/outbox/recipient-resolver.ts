import { setTimeout as pause } from 'node:timers/promises'
import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import { parseRecipient } from '@wsg/shared/messages/recipient.ts'
import type { QueuedMessage } from '@wsg/shared/redis/message/read-queue.ts'
import pLimit from 'p-limit'
import pTimeout from 'p-timeout'
import type { Gate } from '../gate.ts'
import { ClientClosed, OperationRefused, PageUnresponsive } from '../whatsapp/client-errors.ts'
import type { LibraryMessage } from '../whatsapp/to-library/library-message.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { ChatLanes } from './chat-lanes.ts'

/** More of them at a time look like a check of many numbers to WhatsApp. */
const LOOK_UPS_AT_A_TIME = 8
/** A look-up sends nothing, so that it may be repeated. */
const TRIES = 3
/** For one of them. Nothing that was accepted later goes out before it. */
const LOOK_UP_LIMIT_MS = 10_000
const RETRY_AFTER_MS = 500
const USER = '@c.us'

/** What is told of people who are not there, by the field that names them. */
const notOnWhatsApp = {
  to: 'recipient_not_on_whatsapp',
  mentions: 'mention_not_on_whatsapp',
  contacts: 'contact_not_on_whatsapp',
} as const

/** Why a message is not sent. */
export interface Refusal {
  refused: ErrorCode
  /** May name people: for the caller, never for a log. */
  detail?: string
}

export interface RecipientResolverOptions {
  client: WhatsAppClient
  /** Digits of the account that is logged in. */
  account: string
  /** When it was paired with the session, epoch ms. */
  pairedAt: number
  lanes: ChatLanes
  /** Nothing is looked up while it is shut. */
  connected: Gate
  logger: Logger
}

/** Finds out which chats messages go to. */
export class RecipientResolver {
  readonly #options: RecipientResolverOptions
  readonly #limit = pLimit(LOOK_UPS_AT_A_TIME)
  /** The spellings of a chat that its name does not tell: WhatsApp settles the extra digits of some countries. */
  readonly #oddSpellings = new Map<string, Set<string>>()

  constructor(options: RecipientResolverOptions) {
    this.#options = options
  }

  /**
   * Finds the chat that a message goes to, or why it goes nowhere.
   * @throws ClientClosed
   */
  async resolve(
    message: Pick<QueuedMessage, 'to' | 'recipient' | 'account' | 'acceptedAt'>,
  ): Promise<ResolvedChat | Refusal> {
    if (!this.#isForThisAccount(message)) return { refused: 'account_changed' }
    const chat = await this.#find(message.to, 'to')
    if (!('refused' in chat)) this.#learn(message.recipient, chat)
    return chat
  }

  /** A message with chat ids for the people in it: whom it mentions, whose cards it has. Or why it is not sent. @throws ClientClosed */
  async resolvePeople(message: LibraryMessage): Promise<LibraryMessage | Refusal> {
    const { options, cards } = message
    const mentioned = options.mentionedJidList ?? []
    const [mentions, people] = await Promise.all([
      mentioned === 'all' ? mentioned : this.#findAll(mentioned, 'mentions'),
      this.#findAll(cards?.map((card) => ('id' in card ? card.id : null)) ?? [], 'contacts'),
    ])
    for (const found of [mentions, people]) if (typeof found === 'object' && 'refused' in found) return found
    return {
      ...message,
      options: { ...options, mentionedJidList: mentions as string[] | 'all' },
      ...(cards && {
        cards: cards.map((card, i) => ('id' in card ? { id: (people as string[])[i] as string } : card)),
      }),
    }
  }

  /** Every spelling that is known to lead to a chat. Of one that was never looked up nobody can know. */
  recipientsOf({ chatId }: ResolvedChat): string[] {
    const names = this.#options.lanes.namesOf(chatId)
    const plain = names.map((name) => (name.endsWith(USER) ? name.slice(0, -USER.length) : name))
    return [...new Set([...plain, ...names.flatMap((name) => [...(this.#oddSpellings.get(name) ?? [])])])]
  }

  /** What was accepted before any account was known must not go out from one that was paired later. */
  #isForThisAccount({ account, acceptedAt }: Pick<QueuedMessage, 'account' | 'acceptedAt'>): boolean {
    return account === null ? acceptedAt >= this.#options.pairedAt : account === this.#options.account
  }

  /** @param people null where nobody has to be found. @returns their chat ids */
  async #findAll(
    people: readonly (string | null)[],
    list: 'mentions' | 'contacts',
  ): Promise<string[] | Refusal> {
    const found = await Promise.all(
      people.map((person, i) => (person === null ? { chatId: '' } : this.#find(person, `${list}[${i}]`))),
    )
    return found.find((chat) => 'refused' in chat) ?? found.map((chat) => (chat as ResolvedChat).chatId)
  }

  /** @param field of the request, for the caller's eyes */
  async #find(
    person: string,
    field: 'to' | `mentions[${number}]` | `contacts[${number}]`,
  ): Promise<ResolvedChat | Refusal> {
    const recipient = parseRecipient(person)
    if (recipient.kind === 'unreadable')
      return { refused: 'invalid_request', detail: `${field} cannot be read: ${recipient.reason}.` }
    if (recipient.kind === 'chat') return { chatId: recipient.chatId }
    const { digits } = recipient
    const chat = await this.#limit(() => this.#lookUp(digits))
    if (chat === 'no_answer')
      return { refused: 'send_failed', detail: `WhatsApp did not say whether ${field}, ${digits}, is there.` }
    if (chat !== null) return chat
    const refused = notOnWhatsApp[field.split('[', 1)[0] as keyof typeof notOnWhatsApp]
    return { refused, detail: `${field} names ${digits}, who is not on WhatsApp.` }
  }

  async #lookUp(digits: string): Promise<ResolvedChat | Refusal | null | 'no_answer'> {
    const { client, connected, logger } = this.#options
    const late = () => {
      throw new PageUnresponsive('a number query took too long')
    }
    for (let tries = 1; ; tries++) {
      await connected.opened()
      try {
        return await pTimeout(client.resolveNumber(digits), {
          milliseconds: LOOK_UP_LIMIT_MS,
          fallback: late,
        })
      } catch (err) {
        if (err instanceof ClientClosed) throw err
        if (err instanceof OperationRefused) return { refused: err.code, detail: err.message }
        logger.warn({ err, tries }, 'a number could not be looked up')
        if (tries === TRIES) return 'no_answer'
        await pause(RETRY_AFTER_MS * tries)
      }
    }
  }

  #learn(recipient: string, { chatId, lid }: ResolvedChat): void {
    if (lid !== undefined) this.#options.lanes.join(chatId, lid)
    if (recipient === chatId || `${recipient}${USER}` === chatId || recipient === lid) return
    const known = this.#oddSpellings.get(chatId) ?? new Set()
    this.#oddSpellings.set(chatId, known.add(recipient))
  }
}
