import type { ErrorCode } from '@wsg/shared/errors.ts'
import type { Logger } from '@wsg/shared/logger.ts'
import type { Envelope } from '@wsg/shared/redis/message/read-queue.ts'
import type { Gate } from '../gate.ts'
import type { ResolvedChat, WhatsAppClient } from '../whatsapp/whatsapp-client.ts'
import type { ChatLanes } from './chat-lanes.ts'
import type { MessageLog } from './message-log.ts'
import { resolveTarget } from './resolve-target.ts'
import { Slots } from './slots.ts'

const MAX_LOOK_UPS = 8
const USER = '@c.us'

export interface RecipientResolverParts {
  messages: MessageLog
  client: WhatsAppClient
  lanes: ChatLanes
  connected: Gate
  logger: Logger
}

/** `over`: it is not to be sent any more. */
export type Route = RouteToChat | { envelope: Envelope; refused: ErrorCode } | 'over'

interface RouteToChat {
  envelope: Envelope
  chat: ResolvedChat
}

/** Finds out where messages go. */
export class RecipientResolver {
  readonly #parts: RecipientResolverParts
  readonly #lookUps = new Slots(MAX_LOOK_UPS)
  /** The spellings of a chat that its name does not tell: WhatsApp settles the extra digits of some countries. */
  readonly #oddSpellings = new Map<string, Set<string>>()

  constructor(parts: RecipientResolverParts) {
    this.#parts = parts
  }

  /** Of a message that was not read yet. */
  async findById(messageId: string, account: string): Promise<Route> {
    const envelope = await this.#parts.messages.envelope(messageId)
    return envelope?.state === 'queued' ? await this.find(envelope, account) : 'over'
  }

  /**
   * Whether it still is to be sent is decided when its intent is written.
   * @param account digits of the account that is logged in
   * @throws what the client threw at the last try
   */
  async find(envelope: Envelope, account: string): Promise<Exclude<Route, 'over'>> {
    const { client, connected, logger } = this.#parts
    const target = await resolveTarget(envelope, {
      client,
      account,
      lookUps: this.#lookUps,
      connected,
      logger,
    })
    if ('chat' in target) this.#learn(envelope.recipient, target.chat)
    return { envelope, ...target }
  }

  /** Every spelling that is known to lead to a chat. Of one that was never looked up nobody can know. */
  recipientsOf({ chatId }: ResolvedChat): string[] {
    const names = this.#parts.lanes.namesOf(chatId)
    const plain = names.map((name) => (name.endsWith(USER) ? name.slice(0, -USER.length) : name))
    return [...new Set([...plain, ...names.flatMap((name) => [...(this.#oddSpellings.get(name) ?? [])])])]
  }

  #learn(recipient: string, { chatId, lid }: ResolvedChat): void {
    if (lid !== undefined) this.#parts.lanes.join(chatId, lid)
    if (recipient === chatId || `${recipient}${USER}` === chatId || recipient === lid) return
    const known = this.#oddSpellings.get(chatId) ?? new Set()
    this.#oddSpellings.set(chatId, known.add(recipient))
  }
}
